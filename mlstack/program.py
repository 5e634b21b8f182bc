"""From a spec to Pulumi components: the one function behind `mlstack up` and `ml.deploy`.

A program runs within a scope: which provider, which stack, which components there are so far. The scope
comes from the spec, and from the stack's Pulumi config ("mlstack:cloud", "mlstack:uid", and
"mlstack:<provider>" for settings).
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pydantic import BaseModel, ValidationError

from mlstack.content import fingerprint
from mlstack.cost import Cost, estimate
from mlstack.errors import MlstackError, SpecError, UsageError
from mlstack.graph import order
from mlstack.placement.choices import Choices
from mlstack.provider import Capabilities, Provider, Stackwide
from mlstack.registry import provider
from mlstack.spec import KINDS, Stack, resources
from mlstack.support import gaps, need_secrets, unknown_region

if TYPE_CHECKING:
    from mlstack.component import Component
    from mlstack.native import Passthrough
    from mlstack.placement.used import Used


@dataclass(frozen=True)
class Warned:
    """Something the user should know. ``resource`` is "<kind>.<name>", ``field`` a path below it."""

    code: str
    resource: str
    field: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "resource": self.resource,
            "field": self.field,
            "message": self.message,
        }


@dataclass
class Scope:
    """Where a program's components find each other, their provider and their surroundings."""

    provider: Provider
    stack_uid: str
    root: Path
    settings: BaseModel
    stackwide: Stackwide
    stack: Stack | None = None
    components: dict[tuple[str, str], Component] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the provider offers, at the prices of the stack's region."""
        region = self.stackwide.region or self.provider.region(self.stack, _config)
        return self.provider.capabilities().at(region)

    def add(self, component: Component) -> None:
        key = (component.kind, component.logical_name)
        if key in self.components:
            raise UsageError(
                f"{component.kind}.{component.logical_name} is there twice", code="duplicate-name"
            )
        self.components[key] = component

    def find(self, kind: str, name: str) -> Component:
        """A component of this program. Of a kind that there is one of (the workspace), the usual one is made
        where the spec has none."""
        if KINDS[kind].single and (kind, name) not in self.components and kind in self.provider.builders:
            from mlstack.component import Component

            Component.make(kind, name, KINDS[kind].cls())
        try:
            return self.components[kind, name]
        except KeyError:
            known = ", ".join(sorted(other for at, other in self.components if at == kind)) or "none so far"
            raise UsageError(
                f"there is no {kind}.{name} in this program",
                code="dangling-reference",
                remedy=f"make it before what refers to it. Known: {known}.",
            ) from None


@dataclass
class Run:
    """One execution of a program: its scope, what it warned of, the error that ended it."""

    scope: Scope | None = None
    warnings: list[Warned] = field(default_factory=list)
    error: MlstackError | None = None
    collecting: bool = False
    notes: list[Warned] = field(default_factory=list)
    native: list[Passthrough] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    anew: bool = False
    keep: Callable[[Mapping[str, str]], None] = lambda _made: None

    @property
    def cost(self) -> Cost | None:
        """What the program's machines cost; None where it made nothing, or its target has no catalogue."""
        if self.scope is None or not self.scope.capabilities.instances:
            return None
        return estimate(self.used, self.scope.capabilities.region)

    @cached_property
    def choices(self) -> Choices:
        """The choices that the stack's config holds, and those that this run makes."""
        return Choices(pulumi.Config("mlstack").get_object("choices") or {}, self.anew, self.keep)

    def note(self, noted: Warned) -> None:
        """Something that a preview shows, and that is no matter of concern."""
        if self.collecting:
            self.notes.append(noted)
        else:
            pulumi.log.info(f"{noted.resource}.{noted.field}: {noted.message}")

    def native_of(self, passthrough: Passthrough) -> None:
        """A component is made. What is wrong with its ``native`` block is told with that of all others at the
        end of the program, where it is seen (`finish`); an apply goes no further."""
        self.native.append(passthrough)
        if not self.collecting or (passthrough.problems and not pulumi.runtime.is_dry_run()):
            self.finish()

    def finish(self) -> None:
        """All components are there. SpecError: all that is wrong with ``native`` blocks."""
        held, self.native = self.native, []
        for passthrough in held:
            passthrough.finish()
        problems = [problem for passthrough in held for problem in passthrough.problems]
        if problems:
            raise SpecError(sorted(problems, key=lambda each: (each.line or 0, each.column or 0)))
        for passthrough in held:
            for each in passthrough.sets:
                message = f"set natively on {each.child}: {', '.join(each.paths)}"
                self.note(Warned("native", passthrough.component, f"native.{passthrough.cloud}", message))

    def warn(self, warned: Warned, resource: pulumi.Resource) -> None:
        if self.collecting:
            self.warnings.append(warned)
        else:
            pulumi.log.warn(f"{warned.resource}.{warned.field}: {warned.message}", resource)


_current = Run()


@contextmanager
def run(
    *, anew: bool = False, keep: Callable[[Mapping[str, str]], None] = lambda _made: None
) -> Iterator[Run]:
    """A fresh run; what the program within warns of is collected instead of printed.

    ``anew``: choices that the stack holds do not count. ``keep`` is told of all choices before anything
    is made by them.
    """
    global _current
    before, _current = _current, Run(collecting=True, anew=anew, keep=keep)
    try:
        yield _current
    finally:
        _current = before


def guarded(program: Callable[[], object], root: Path) -> Callable[[], None]:
    """The program, with an exception of it kept for the run instead of printed by the engine."""

    def call() -> None:
        try:
            with _current.choices.together():
                program()
            _current.finish()
        except MlstackError as error:
            _current.error = error
            raise pulumi.RunError(error.message) from error
        except pulumi.RunError:
            raise
        except (Exception, SystemExit) as error:
            if isinstance(error, SystemExit) and not error.code:
                return  # a program that leaves by sys.exit() has come to its end
            _current.error = _program_error(error, root)
            raise pulumi.RunError(_current.error.message) from error

    return call


def _program_error(error: BaseException, root: Path) -> MlstackError:
    """What went wrong in a user's program, at the last place of it that is the user's own."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(root)] or list(frames)
    made = MlstackError(
        f"{type(error).__name__}: {error}",
        code="program-failed",
        category="user",
        where=f"{own[-1].filename}:{own[-1].lineno}",
        remedy="mend the program there; `--debug` shows the whole traceback",
    )
    made.__cause__ = error
    return made


def current() -> Run:
    """The run that components belong to."""
    return _current


def scope() -> Scope:
    """The present scope; made from the stack's Pulumi config where no spec has made one."""
    if _current.scope is None:
        _current.scope = _scope_from_config()
    return _current.scope


def deploy(stack: Stack) -> dict[str, dict[str, Component]]:
    """Make every resource of the spec; components by collection key and name.

    Exports their outputs, nested in the same way. Raises SpecError with all that the provider cannot
    do, before anything is made.
    """
    from mlstack.component import Component

    target = provider(cloud(stack))
    problems = gaps(target, stack)
    if problems:
        raise SpecError(problems)
    need_secrets(stack)
    settings = target.Settings.model_validate(stack.settings.get(target.name, {}))
    region = stack.region[0] if isinstance(stack.region, list) else stack.region
    stackwide = Stackwide(region, stack.tags, stack.security)
    _current.scope = Scope(target, _stack_uid(), stack.root, settings, stackwide, stack)
    specs = {(kind, name): spec for kind, name, spec in resources(stack)}
    made: dict[str, dict[str, Component]] = {}
    for kind, name in order(stack):
        made.setdefault(kind, {})[name] = Component.make(kind, name, specs[kind, name])
    _current.finish()
    for kind, components in made.items():
        pulumi.export(kind, {name: dict(component.values) for name, component in components.items()})
    return made


def cloud(stack: Stack) -> str:
    """The one cloud of a spec: what the stack's config pins, else what the spec says."""
    pinned = pulumi.Config("mlstack").get("cloud")
    return pinned or (stack.cloud if isinstance(stack.cloud, str) else stack.cloud[0])


def _scope_from_config() -> Scope:
    config = pulumi.Config("mlstack")
    target = provider(config.get("cloud") or "local")
    try:
        settings = target.Settings.model_validate(config.get_object(target.name) or {})
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(key) for key in first["loc"])
        raise UsageError(
            f"the config value mlstack:{target.name} is not right: {path}: {first['msg']}",
            remedy=f"pulumi config set --path 'mlstack:{target.name}.{path}' VALUE",
        ) from None
    if told := unknown_region(target, config.get("region")):
        raise UsageError(
            f"the config value mlstack:region is not right: {told[0]}",
            code="unknown-region",
            where="mlstack:region",
            remedy=told[1],
        )
    stackwide = Stackwide(
        config.get("region"), config.get_object("tags") or {}, config.get("security") or "standard"
    )
    return Scope(target, _stack_uid(), _root(), settings, stackwide)


def _stack_uid() -> str:
    """The stack's uid from its config. A stack that `mlstack` never saw has one made of its name."""
    return (
        pulumi.Config("mlstack").get("uid")
        or fingerprint(pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack())[:8]
    )


def _config(key: str) -> str | None:
    """A value of the stack's Pulumi config, by its key with its namespace."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _root() -> Path:
    return Path(os.environ.get("MLSTACK_ROOT") or Path.cwd())
