# ruff: noqa: N802 - the names are gRPC's
"""The gRPC service that the engine calls: each method a thin translation.

Written against `ResourceProvider` of pulumi.runtime.proto, because the SDK's experimental provider base
has no Attach and no Handshake, loses old inputs, and shows tracebacks to the user.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from mlstack.errors import MlstackError
from mlstack.plugin import check, errors, wire
from mlstack.plugin.diff import changes, top
from mlstack.plugin.greeting import Greeting
from mlstack.registry import provider
from mlstack.resource import Context, InputProblem, Properties, Resource, ResourceFailed, State

Method = TypeVar("Method", bound=Callable[..., Any])

#: Fields of the engine's requests that hold properties of a resource.
_PROPERTIES = frozenset({"properties", "inputs", "news", "olds", "old_inputs"})


def _translated(method: Method) -> Method:
    """Failures of a resource become gRPC errors that the engine shows as they are."""

    @wraps(method)
    def call(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except ResourceFailed as failure:
            resource = self._resource(request)
            errors.abort(context, failure, resource.read_always, resource.secret_outputs | _secrets(request))
        except MlstackError as error:  # a target that is not installed, a type it does not have
            errors.abort_with(context, error)
        except Exception as error:
            errors.abort_with_bug(context, error, self.root)

    return call  # type: ignore[return-value]


def _secrets(request: Any) -> frozenset[str]:
    """The properties of a request that hold a secret."""
    marked = [wire.decode(value)[1] for field, value in request.ListFields() if field.name in _PROPERTIES]
    return frozenset().union(*marked)


class Servicer(Greeting):
    """``root`` is the folder of the spec; ``version`` the plugin's own."""

    def __init__(self, root: Path, version: str) -> None:
        super().__init__(root, version)
        #: What this operation of the engine's has made: id by URN.
        self._made: dict[str, str] = {}

    def Configure(self, request: Any, context: Any) -> Any:
        self._made.clear()
        return super().Configure(request, context)

    # The life of a resource.

    @_translated
    def Check(self, request: Any, context: Any) -> Any:
        resource = self._resource(request)
        news, secrets = wire.decode(request.news)
        known = {key: value for key, value in news.items() if value is not None}
        found = list(check.failures(resource.Inputs, known))
        if not found and not wire.has_unknown(known):
            try:
                resource.check(self._context(request), check.typed(resource.Inputs, known))
            except InputProblem as problem:
                found = [(problem.path, problem.message)]
        failures = [
            # the engine shows the value of a property that a failure names: never a secret's
            provider_pb2.CheckFailure(reason=f"{path}: {reason}")
            if top(path) in secrets
            else provider_pb2.CheckFailure(property=path, reason=reason)
            for path, reason in found
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_translated
    def Diff(self, request: Any, context: Any) -> Any:
        resource = self._resource(request)
        old, _ = wire.decode(request.old_inputs)
        new, _ = wire.decode(request.news)
        detailed: dict[str, Any] = {}
        replaces: list[str] = []
        kinds = provider_pb2.PropertyDiff
        for path, change in changes(old, new):
            kind = {"add": kinds.ADD, "update": kinds.UPDATE, "delete": kinds.DELETE}[change]
            if top(path) in resource.replace_on:
                # each kind's replacing twin is the next number of the enumeration
                kind = kind + 1  # type: ignore[assignment]
                replaces.append(top(path))
            detailed[path] = kinds(kind=kind, inputDiff=True)
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if detailed else response.DIFF_NONE,
            diffs=sorted({top(path) for path in detailed}),
            replaces=sorted(set(replaces)),
            deleteBeforeReplace=bool(replaces) and resource.delete_before_replace,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    @_translated
    def Create(self, request: Any, context: Any) -> Any:
        resource = self._resource(request)
        inputs, secrets = wire.decode(request.properties)
        if request.preview:
            certain = resource.preview(self._context(request), inputs, None)
            return provider_pb2.CreateResponse(properties=self._outputs(resource, inputs, certain, secrets))
        state = resource.create(self._context(request), check.typed(resource.Inputs, inputs))
        self._made[request.urn] = state.id
        return provider_pb2.CreateResponse(
            id=state.id,
            properties=self._outputs(resource, inputs, state.outputs, secrets),
            refresh_before_update=resource.read_always,
        )

    @_translated
    def Read(self, request: Any, context: Any) -> Any:
        resource = self._resource(request)
        inputs, secrets = wire.decode(request.inputs)
        outputs, secret_outputs = wire.decode(request.properties)
        state = resource.read(self._context(request), State(request.id, inputs, outputs))
        if state is None:
            return provider_pb2.ReadResponse()
        read = _without_defaults(resource, state.inputs, inputs)
        return provider_pb2.ReadResponse(
            id=state.id,
            properties=self._outputs(resource, read, state.outputs, secrets | secret_outputs),
            inputs=wire.encode(read, secrets),
            refresh_before_update=resource.read_always,
        )

    @_translated
    def Update(self, request: Any, context: Any) -> Any:
        resource = self._resource(request)
        inputs, secrets = wire.decode(request.news)
        old_inputs, _ = wire.decode(request.old_inputs)
        old_outputs, _ = wire.decode(request.olds)
        old = State(request.id, old_inputs, old_outputs)
        if request.preview:
            certain = resource.preview(self._context(request), inputs, old)
            return provider_pb2.UpdateResponse(properties=self._outputs(resource, inputs, certain, secrets))
        made = resource.update(self._context(request), old, check.typed(resource.Inputs, inputs))
        return provider_pb2.UpdateResponse(
            properties=self._outputs(resource, inputs, made, secrets),
            refresh_before_update=resource.read_always,
        )

    @_translated
    def Delete(self, request: Any, context: Any) -> Any:
        if self._made.get(request.urn) == request.id:
            # A replacement that stopped before the old one went, and was taken back: what is made of the
            # inputs of then has the id of then, and is the thing that the engine still has to delete.
            return empty_pb2.Empty()
        inputs, _ = wire.decode(request.old_inputs)
        outputs, _ = wire.decode(request.properties)
        self._resource(request).delete(self._context(request), State(request.id, inputs, outputs))
        return empty_pb2.Empty()

    # Helpers.

    def _resource(self, request: Any) -> Resource[Any]:
        token = request.type or request.urn.split("::")[2].split("$")[-1]
        return provider(token.split(":")[1]).resource(token)

    def _context(self, request: Any) -> Context:
        name = request.name or request.urn.split("::")[-1]
        return Context(
            root=self.root, urn=request.urn, name=name, cancelled=self.cancelled, log=self._log(request.urn)
        )

    def _log(self, urn: str) -> Callable[[str], None]:
        """Where a resource's progress lines go; the process that has an engine overrides it."""
        return lambda _line: None

    @staticmethod
    def _outputs(
        resource: Resource[Any], inputs: Properties, outputs: Properties, secrets: frozenset[str]
    ) -> Any:
        return wire.encode({**inputs, **outputs}, secrets | resource.secret_outputs)


def _without_defaults(resource: Resource[Any], read: Properties, before: Properties) -> dict[str, Any]:
    """What was read, without what nobody gave and has its default: a program leaves that out, too, and would
    seem to change it."""
    fields = resource.Inputs.model_fields
    return {
        key: value
        for key, value in read.items()
        if key in before
        or key not in fields
        or fields[key].is_required()
        or fields[key].get_default(call_default_factory=True) != value
    }
