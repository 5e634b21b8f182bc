"""One operation's surroundings: a work directory, the stack's config in it, the backend, the lock.

Each operation has a work directory of its own, because several at once in one directory race. The
stack's file is copied in; whatever the engine writes to it (the encryption salt) is copied back before
the first resource is made, so that no state is ever left whose salt is lost.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pulumi.automation import LocalWorkspace, Stack
from ruamel.yaml import YAML

from mlstack import owner
from mlstack.engine import lock, passphrase, sidecars
from mlstack.engine.aliases import lean, types_in
from mlstack.engine.asked import Asked
from mlstack.engine.command import Command
from mlstack.engine.install import Engine
from mlstack.engine.patient import patient
from mlstack.engine.plugins import plugin_folder
from mlstack.engine.positions import placed
from mlstack.engine.project import Project, backend_url, file_backend, state_file
from mlstack.engine.stackfile import StackFile
from mlstack.engine.warm import warm
from mlstack.plugin.__main__ import ROOT_VARIABLE
from mlstack.program import guarded

Say = Callable[[str], None]


class _Stack(Stack):
    """The Automation API's stack without the three CLI processes that it adds to every operation:
    selecting it, asking for its outputs and for its history. The events tell all of that."""

    def __init__(self, name: str, workspace: LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> dict[str, Any]:
        return {}

    def info(self, show_secrets: bool = True) -> Any:
        return _NoSummary()


class _NoSummary:
    resource_changes = None


@dataclass
class Session:
    """What an operation works with. ``existed`` says whether the stack has a state already, ``asked`` what an
    `up` before has asked for in vain, ``held`` which types the state has."""

    project: Project
    stack: Stack
    command: Command
    work: Path
    backend: str
    existed: bool
    asked: Asked
    held: Collection[str] = ()

    @property
    def config(self) -> StackFile:
        """The stack's file in the work directory."""
        return StackFile(self.work / f"Pulumi.{self.project.short_stack}.yaml")

    def keep(self, made: Mapping[str, str]) -> None:
        """Write the choices of a run to the stack's file, before anything is made by them."""
        config = self.project.stack_file
        config.set("choices", {**(config.get("choices") or {}), **made})
        config.save()

    def warm(self) -> None:
        """Begin to import what the program is about to need."""
        workspace = self.stack.workspace
        if workspace.program is not None:
            workspace.program = warm(workspace.program, self.held)

    def pulumi(self, *arguments: str, given: str | None = None) -> str:
        """Run one CLI command on the stack, with ``given`` on its standard input; its standard output."""
        options = ["--stack", self.project.stack]
        environment = self.stack.workspace.env_vars
        return self.command.run([*arguments, *options], str(self.work), environment, given=given).stdout

    @property
    def state_folder(self) -> Path | None:
        """The folder of a file backend, None for others."""
        return file_backend(self.backend)


@contextmanager
def opened(
    project: Project,
    engine: Engine,
    *,
    writing: str | None,
    say: Say,
    on_interrupt: Callable[[int], None] = lambda _count: None,
) -> Iterator[Session]:
    """A session on the project's stack.

    ``writing`` is the command's name when it changes the stack: the lock is held, the stack is made
    where it does not exist, and its file is written. Without, nothing outside the work directory is
    touched, and a stack that does not exist gets a state that is thrown away.
    """
    with tempfile.TemporaryDirectory(prefix="mlstack-") as scratch:
        work = Path(scratch)
        if writing is None:
            yield _prepare(project, engine, work, False, say, on_interrupt)
            return
        project.ensure_home()
        with lock.held(project.own / "locks", project.short_stack, writing):
            yield _prepare(project, engine, work, True, say, on_interrupt)


def _prepare(
    project: Project,
    engine: Engine,
    work: Path,
    writing: bool,
    say: Say,
    on_interrupt: Callable[[int], None],
) -> Session:
    url = backend_url(project)
    _write_manifest(project, work)
    if project.stack_file.exists:
        shutil.copy(project.stack_file.path, work)
    config = StackFile(work / project.stack_file.path.name)
    config.bind(project.cloud, project.name)
    config.save()

    folder = file_backend(url)
    if folder is not None:
        if writing:
            folder.mkdir(parents=True, exist_ok=True)
            locks = folder / ".pulumi" / "locks" / "organization" / project.name / project.short_stack
            lock.free_engine_locks(locks, project.stack, say)
        sidecars.mend(folder, project.name)
        existed = _readable_state(state_file(folder, project), config, writing)
    else:
        existed = _select(project, engine, work, url)
    if not existed and not writing:
        scratch = work / "state"
        scratch.mkdir()
        url = scratch.as_uri()
        project = replace(project, stack=project.short_stack)  # a folder has no organisations

    command = Command(engine, on_interrupt)
    held = types_in(_state_text(project, command, work, url, config)) if existed else frozenset()
    asked = Asked(project.own / "asked" / f"{project.short_stack}.jsonl")
    program = lean(placed(project.program, project.root), held)
    program = asked.noting(program, project.short_stack, project.name)
    workspace = LocalWorkspace(
        work_dir=str(work),
        program=patient(guarded(program, project.root)),
        env_vars=environment(project, url, config),
        pulumi_command=command,
    )
    session = Session(project, _Stack(project.stack, workspace), command, work, url, existed, asked, held)
    if not existed:
        _initialise(session)
    if writing:
        session.config.save_as(project.stack_file.path)
    return session


def _state_text(project: Project, command: Command, work: Path, url: str, config: StackFile) -> str:
    folder = file_backend(url)
    if folder is not None:
        return state_file(folder, project).read_text(encoding="utf-8")
    export = ["stack", "export", "--stack", project.stack]
    return command.run(export, str(work), environment(project, url, config)).stdout


def environment(project: Project, url: str, config: StackFile) -> dict[str, str]:
    """Environment variables of every engine process of ours."""
    own_passphrase = not config.secrets_provider or config.secrets_provider == "passphrase"
    return {
        "PULUMI_BACKEND_URL": url,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        ROOT_VARIABLE: str(project.root),
        **project.account,
        **owner.mark(),
        **(passphrase.variables() if own_passphrase else {}),
    }


def _write_manifest(project: Project, work: Path) -> None:
    manifest = {"name": project.name, "runtime": "python", **project.manifest}
    manifest.pop("main", None)
    manifest.pop("backend", None)
    plugins = dict(manifest.get("plugins") or {})
    ours = {"name": "mlstack", "path": str(plugin_folder())}
    others = [each for each in plugins.get("providers", []) if each.get("name") != ours["name"]]
    plugins["providers"] = [*others, ours]
    manifest["plugins"] = plugins
    YAML(typ="safe", pure=True).dump(manifest, work / "Pulumi.yaml")


def _readable_state(file: Path, config: StackFile, writing: bool) -> bool:
    """Whether the stack has a state that its file can decrypt.

    A run that was killed between making the state and writing the stack's file leaves an empty state
    without a salt: nothing is lost by making it anew.
    """
    if not file.is_file():
        return False
    if config.salt or config.secrets_provider or '"resources"' in file.read_text():
        return True
    if writing:
        file.unlink()
    return False


def _select(project: Project, engine: Engine, work: Path, url: str) -> bool:
    """Whether a stack exists on a backend that is no folder."""
    from pulumi.automation.errors import StackNotFoundError

    env = environment(project, url, StackFile(work / project.stack_file.path.name))
    try:
        Command(engine).run(["stack", "--stack", project.stack, "--show-name"], str(work), env)
    except StackNotFoundError:
        return False
    return True


def _initialise(session: Session) -> None:
    provider = session.config.secrets_provider
    arguments = ["stack", "init", session.project.stack, "--no-select"]
    if provider:
        arguments += ["--secrets-provider", provider]
    session.command.run(arguments, str(session.work), session.stack.workspace.env_vars)
