"""From options to what a command works on: the folder, the stack, the spec, the target."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlstack.cli import log
from mlstack.cli.options import At
from mlstack.errors import UsageError

if TYPE_CHECKING:
    from mlstack.engine.project import Project
    from mlstack.provider import Provider
    from mlstack.rehearsal import Emulation
    from mlstack.runtime import Runtime, Site
    from mlstack.spec import Stack

SPEC = "mlstack.yaml"
MANIFEST = "Pulumi.yaml"
PROGRAM = "__main__.py"


@dataclass(frozen=True)
class Opened:
    """``spec`` is None where a Pulumi program takes its place; ``emulation`` is the cloud of a rehearsal."""

    project: Project
    provider: Provider
    spec: Stack | None
    emulation: Emulation | None = None

    @property
    def settings(self) -> Any:
        if self.spec is not None:
            given = self.spec.settings.get(self.provider.name, {})
        else:
            given = self.project.stack_file.get(self.provider.name) or {}
        return self.provider.Settings.model_validate(given)

    @property
    def site(self) -> Site:
        from mlstack.runtime import Site

        held = self.project.stack_file
        uid, choices = str(held.get("uid") or ""), held.get("choices") or {}
        return Site(uid, self.project.root, self.settings, choices)

    @property
    def runtime(self) -> Runtime:
        return self.provider.runtime(self.site)


def open_project(at: At, *, serve: bool = True) -> Opened:
    """The project that the options mean; its spec loaded and checked against its target.

    With --rehearse the emulated cloud is served until the command ends, unless ``serve`` is False. SpecError:
    the spec, or what the target cannot do of it. UsageError: there is none, or the stack belongs to another
    cloud.
    """
    program = None if at.file is not None else program_here(Path.cwd())
    opened = _from_spec(at) if program is None else _from_program(at, program)
    account = opened.provider.environment(opened.settings)
    opened = replace(opened, project=replace(opened.project, account=account))
    log.keep_in(opened.project.home)
    if at.rehearse and serve:
        from mlstack.cli.rehearse import rehearsed

        return rehearsed(opened)
    return opened


def need_secrets(opened: Opened, at: At) -> None:
    """UsageError: the spec reads secrets from variables that are not set."""
    from mlstack import support

    if opened.spec is not None:
        support.need_secrets(opened.spec, rehearsed=at.rehearse)


def program_here(folder: Path) -> Path | None:
    """The folder of the Pulumi program that stands in for a spec in ``folder``, if one does."""
    if (folder / SPEC).is_file() or not (folder / MANIFEST).is_file():
        return None
    from mlstack.engine.project import read_manifest

    main = folder / str(read_manifest(folder).get("main") or ".")
    main = main if main.is_dir() else main.parent
    return main.resolve() if (main / PROGRAM).is_file() else None


def _from_spec(at: At) -> Opened:
    from mlstack.cli.program import of_spec
    from mlstack.engine.project import Project, read_manifest
    from mlstack.errors import SpecError
    from mlstack.spec.load import load
    from mlstack.spec.load.read import find
    from mlstack.support import gaps, target

    if at.file is None and not Path(SPEC).is_file():
        raise UsageError(
            f"there is no {SPEC} in this folder",
            code="no-spec",
            where=str(Path.cwd()),
            remedy="`mlstack new` starts one; -f names one that is elsewhere",
        )
    file = find(at.file or SPEC)
    sets = [*(at.sets or ()), *([f"region={json.dumps(at.region)}"] if at.region else [])]
    stack = at.stack or f"dev-{at.cloud or _peek_cloud(file, sets)}"
    bound = _bound_to(file.parent, stack, at.rehearse)
    if at.cloud:
        _check_binding(stack, bound, at.cloud)
    spec = load(at.file or SPEC, stack=stack, sets=sets)
    if not at.cloud and "cloud" in spec.model_fields_set:
        _check_binding(stack, bound, *([spec.cloud] if isinstance(spec.cloud, str) else spec.cloud))
    provider = target(spec, at.cloud or bound)
    problems = gaps(provider, spec)
    if problems:
        raise SpecError(problems)
    root = file.parent.resolve()
    project = Project(
        root=root,
        name=spec.name,
        stack=stack,
        cloud=provider.name,
        program=of_spec(spec),
        manifest={**read_manifest(root), "name": spec.name},
        rehearsal=at.rehearse,
    )
    return Opened(project, provider, spec)


def _from_program(at: At, folder: Path) -> Opened:
    from mlstack.cli.program import of_folder
    from mlstack.engine.project import Project, read_manifest
    from mlstack.registry import provider

    if at.sets or at.region:
        raise UsageError(
            f"--{'set' if at.sets else 'region'} is for a spec, and this folder holds a Pulumi program",
            where=str(folder),
            remedy="`pulumi config set` gives a program its values",
        )
    manifest = read_manifest(Path.cwd())
    if not manifest.get("name"):
        raise UsageError(
            f"{MANIFEST} has no name", where=MANIFEST, remedy="give the project a name: `name: digits`"
        )
    stack = at.stack or f"dev-{at.cloud or 'local'}"
    bound = _bound_to(folder, stack, at.rehearse)
    if at.cloud:
        _check_binding(stack, bound, at.cloud)
    target = provider(at.cloud or bound or "local")
    project = Project(
        root=folder,
        name=str(manifest["name"]),
        stack=stack,
        cloud=target.name,
        program=of_folder(folder),
        manifest=manifest,
        rehearsal=at.rehearse,
    )
    return Opened(project, target, None)


def _peek_cloud(file: Path, sets: list[str]) -> str:
    """The cloud that a spec names, so that the stack (and with it the overlay) is known before loading.

    What is wrong with the file is left to the loader to say.
    """
    from mlstack.errors import SpecError
    from mlstack.spec.load.compose import compose
    from mlstack.spec.load.read import read_text

    named: Any = None
    try:
        tree, _ = compose(read_text(file), str(file))
        found = tree.child("cloud") if tree is not None and not tree.broken else None
        named = found[1].plain() if found and not found[1].broken else None
    except SpecError:
        pass
    for text in sets:
        key, _, value = text.partition("=")
        named = value.strip() if key.strip() == "cloud" else named
    if isinstance(named, list) and named:
        named = named[0]
    return named if isinstance(named, str) and named.isidentifier() else "local"


def _bound_to(root: Path, stack: str, rehearse: bool) -> str | None:
    """The cloud that a stack belongs to. One that was not rehearsed so far is rehearsed on its own cloud."""
    from mlstack.engine.project import rehearsal_folder
    from mlstack.engine.stackfile import StackFile

    short = stack.rsplit("/", 1)[-1]
    folders = [rehearsal_folder(root, short), root] if rehearse else [root]
    files = [folder / f"Pulumi.{short}.yaml" for folder in folders]
    cloud = next(
        (found for file in files if file.is_file() and (found := StackFile(file).get("cloud"))), None
    )
    return str(cloud) if cloud else None


def _check_binding(stack: str, bound: str | None, *wanted: str) -> None:
    if bound is not None and bound not in wanted:
        raise UsageError(
            f"the stack {stack!r} belongs to {bound!r}, not to {wanted[0]!r}",
            code="other-cloud",
            where=f"Pulumi.{stack}.yaml",
            remedy=f"leave -s out for the stack dev-{wanted[0]}, or name another one",
        )
