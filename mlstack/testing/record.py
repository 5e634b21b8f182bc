"""Runs a Pulumi program without an engine, and records what it registers.

The program runs as in a preview: what only the apply can tell is unknown, and a child that depends on an
unknown output is recorded with the resources that the value comes from.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import config, mocks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from mlstack.plugin import wire
from mlstack.program import Warned, run
from mlstack.provider import Provider
from mlstack.resource import UNKNOWN, Context
from mlstack.tokens import COMPONENT
from mlstack.variables import variables

UID = "c0ffee00"
PROJECT = "conformance"
STACK = "test"
#: Options of a resource that change what becomes of it.
_OPTIONS = ("protect", "ignoreChanges", "replaceOnChanges", "deleteBeforeReplace", "retainOnDelete")


@dataclass
class Registered:
    """One resource as the program registered it. ``origins``: per input, the URNs that its value comes
    from. ``options`` are the resource options that are set, ``needs`` the URNs of all that it waits for.
    ``outputs`` are those that a component registered at its end, None for one that did not."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    origins: dict[str, list[str]]
    secrets: frozenset[str] = frozenset()
    options: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    outputs: dict[str, Any] | None = None

    @property
    def is_component_of_ours(self) -> bool:
        return self.type.startswith(COMPONENT)


@dataclass
class Recording:
    """What one run of a program registered, in URN's order, what it warned of, and the functions of the cloud
    that it asked, with their arguments."""

    resources: dict[str, Registered] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def components(self) -> list[Registered]:
        return [resource for resource in self.resources.values() if resource.is_component_of_ours]

    def component(self, kind_token: str, name: str) -> Registered:
        return next(r for r in self.components() if (r.type, r.name) == (kind_token, name))

    def below(self, owner: Registered) -> list[Registered]:
        """The resources below one, however deep."""
        return [r for r in self.resources.values() if r is not owner and owner.urn in self.ancestors(r)]

    def children(self) -> list[Registered]:
        """Every resource that is neither a component of ours nor the stack."""
        return [r for r in self.resources.values() if not r.is_component_of_ours]

    def ancestors(self, resource: Registered) -> list[str]:
        found = []
        urn = resource.parent
        while urn in self.resources:
            found.append(urn)
            urn = self.resources[urn].parent
        return found


class Answers:
    """What a cloud would answer. This one knows nothing: what only the apply can tell is unknown to the
    program, and functions of the cloud answer with nothing."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """To a create: the id, empty while it is unknown, and the outputs that are known beside the
        inputs."""
        return "", {}

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """To a function of the cloud's package."""
        return {}


class _Functions(mocks.Mocks):
    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, args: mocks.MockCallArgs) -> Any:
        self.asked.append((args.token, dict(args.args)))
        return dict(self.answers.called(args.token, args.args))

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        return "", {}


class _Monitor(mocks.MockMonitor):
    def __init__(self, provider: Provider, root: Path, answers: Answers) -> None:
        self.functions = _Functions(answers)
        super().__init__(self.functions)
        self.provider = provider
        self.root = root
        self.answers = answers
        self.registered: dict[str, Registered] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs, secrets = wire.decode(request.object)
        known = {key: value for key, value in inputs.items() if value is not None}
        origins = {key: sorted(value.urns) for key, value in request.propertyDependencies.items()}
        if urn in self.registered:
            raise ValueError(f"two resources of one name: {urn}")
        self.registered[urn] = Registered(
            urn,
            request.type,
            request.name,
            request.parent,
            request.custom,
            known,
            origins,
            secrets,
            {name: _plain(getattr(request, name)) for name in _OPTIONS if getattr(request, name)},
            tuple(sorted(set(request.dependencies))),
        )
        certain = {
            **self._echoed(request.type, known),
            **self._certain(request.type, urn, request.name, known),
        }
        id, outputs = self.answers.created(request.type, request.name, known) if request.custom else ("", {})
        certain |= outputs
        self.resources[urn] = self.ResourceRegistration(urn, id, dict(certain))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id, object=wire.encode(certain, secrets))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if request.urn in self.registered:
            self.registered[request.urn].outputs = _decoded(request.outputs)
        return empty_pb2.Empty()

    def _echoed(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs as they come back: of a cloud's own resource the plain ones alone, as its SDK may have
        another type for the answer (a list that is read back as a map)."""
        if token in self.provider.resources or token.startswith(COMPONENT):
            return inputs
        return {key: value for key, value in inputs.items() if not isinstance(value, dict | list)}

    def _certain(self, token: str, urn: str, name: str, inputs: dict[str, Any]) -> Mapping[str, Any]:
        """What the provider's own resource says is certain before the apply."""
        if token not in self.provider.resources:
            return {}
        resource = self.provider.resource(token)
        fields = resource.Inputs.model_fields
        # what a function of the cloud is asked for has no answer here, and counts as unknown
        asked = {key: UNKNOWN for key, field in fields.items() if field.is_required() and key not in inputs}
        return resource.preview(Context(root=self.root, urn=urn, name=name), {**asked, **inputs}, None)


def _without_old_types(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult:
    """The resource without the aliases that an SDK generates, one for each type it had in older versions.

    They are for states of before, of which a recording has none, and computing them takes most of its time.
    """
    if args.opts.aliases:
        args.opts.aliases = [alias for alias in args.opts.aliases if not _is_old_type(alias)]
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _is_old_type(alias: Any) -> bool:
    """Whether nothing but the type is another one."""
    if not isinstance(alias, pulumi.Alias):
        return False
    given = {name for name, value in vars(alias).items() if value is not ...}
    return given == {"type_"}


def record(
    provider: Provider, program: Callable[[], Any], root: Path, answers: Answers | None = None
) -> Recording:
    """Run the program against the provider as it stands; what it registered and warned of.

    ``root`` is the spec's folder. Whatever the program raises is raised.
    """
    monitor = _Monitor(provider, root, answers or Answers())
    recording = Recording()
    raised: list[Exception] = []

    def watched() -> None:
        pulumi.runtime.register_stack_transformation(_without_old_types)
        try:
            program()
        except Exception as error:
            raised.append(error)
            raise

    def isolated() -> None:
        info: Any = monitor.GetDeploymentInfo(empty_pb2.Empty())  # type: ignore[no-untyped-call]
        settings.configure(
            mocks.MockSettings(  # type: ignore[no-untyped-call]
                monitor=monitor,
                monitor_features=set(info.supportedFeatures),
                engine=mocks.MockEngine(None),
                project=PROJECT,
                stack=STACK,
                dry_run=True,
                organization="organization",
                outputs=set(),
                callbacks=None,
            )
        )
        settings.ROOT.set(None)
        config.set_all_config({"mlstack:cloud": provider.name, "mlstack:uid": UID})
        loop = asyncio.new_event_loop()
        try:
            with run() as ran:
                loop.run_until_complete(run_in_stack(watched))
            recording.warnings = ran.warnings
        except Exception:
            if raised:  # what the program raised, not what followed from it
                raise raised[0] from None
            raise
        finally:
            loop.run_until_complete(_cancelled(asyncio.all_tasks(loop)))
            loop.close()

    with variables({"MLSTACK_ROOT": str(root)}):
        # Pulumi's settings are context variables: what is set in a copy is gone with it
        contextvars.copy_context().run(isolated)
    recording.resources = dict(sorted(monitor.registered.items()))
    recording.asked = sorted(monitor.functions.asked, key=repr)
    return recording


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | str) else list(value)


def _decoded(outputs: Any) -> dict[str, Any]:
    return dict.fromkeys(outputs.fields) | wire.decode(outputs)[0]
