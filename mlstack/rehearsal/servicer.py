# ruff: noqa: N802 - the names are gRPC's
"""The engine's door to an emulated cloud: the protocol of a Pulumi provider, over an `Emulation`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from mlstack.plugin import errors
from mlstack.plugin.greeting import Greeting
from mlstack.rehearsal import changes, inputs, naming
from mlstack.rehearsal.emulation import Change, CloudFault, Emulation, Made, Operation
from mlstack.rehearsal.faults import Broken, Call, Faults
from mlstack.rehearsal.marks import Marks, decode
from mlstack.rehearsal.promises import completed

Method = TypeVar("Method", bound=Callable[..., Any])

#: Fields of the engine's requests that hold properties of a resource, or arguments.
_PROPERTIES = ("properties", "inputs", "news", "olds", "old_inputs", "args")


def _translated(method: Method) -> Method:
    """What the cloud refuses becomes a gRPC error, worded as a Pulumi package words it."""

    @wraps(method)
    def call(self: EmulatedProvider, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except CloudFault as refused:
            fault = self.emulation.told(refused)
            marks = _marks(request)
            text = marks.redact(self.emulation.words(fault))
            if fault.partial is None:
                context.abort(grpc.StatusCode.UNKNOWN, text)
            errors.abort_partly(context, text, *_checkpoint(fault.partial, marks))
        except Broken as broken:
            context.abort(grpc.StatusCode.UNKNOWN, str(broken))
        except Exception as error:
            errors.abort_with_bug(context, error, self.root)

    return call  # type: ignore[return-value]


class EmulatedProvider(Greeting):
    """One Pulumi package of an emulated cloud. Stateless: everything is in the emulation's world."""

    def __init__(self, package: str, version: str, emulation: Emulation, faults: Faults, root: Path) -> None:
        super().__init__(root, version, package)
        self.emulation = emulation
        self.faults = faults

    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, _ = decode(request.old_inputs if request.HasField("old_inputs") else request.olds)
        new, _ = decode(request.news)
        old.pop("version", None)
        new.pop("version", None)  # of the SDK; it says nothing of the account
        return changes.response(old, new, Change(self.emulation.replace_on_config), ())

    def Cancel(self, request: Any, context: Any) -> Any:
        self.faults.cancelled.set()
        return super().Cancel(request, context)

    def Configure(self, request: Any, context: Any) -> Any:
        self.faults.cancelled.clear()  # one server outlives several engines
        self.cancelled.clear()
        return super().Configure(request, context)

    # The life of a resource.

    @_translated
    def Check(self, request: Any, context: Any) -> Any:
        news, marks = decode(request.news)
        olds, old_marks = decode(request.olds)
        token = _token(request)
        failures = []
        answer = Struct()
        answer.CopyFrom(request.news)
        key = self.emulation.name_property(token)
        if key is not None and news.get(key) is None:
            try:
                news[key] = naming.name_for(request, _name(request), olds, key)
                answer.fields[key].string_value = news[key]
            except naming.NoName:
                reason = f"{key}: has no value, and the stack's config forbids names that are made up"
                failures.append(provider_pb2.CheckFailure(reason=reason))
        for path, reason in inputs.problems(self.emulation, token, news):
            # the engine shows the value of a property that a failure names: never a secret's
            text = inputs.text(path)
            if marks.touch(path):
                reason = f"{text}: {(marks | old_marks).redact(reason)}"
                failures.append(provider_pb2.CheckFailure(reason=reason))
            else:
                failures.append(provider_pb2.CheckFailure(property=text, reason=reason))
        return provider_pb2.CheckResponse(inputs=answer, failures=failures)

    @_translated
    def Diff(self, request: Any, context: Any) -> Any:
        old, _ = decode(request.old_inputs)
        new, _ = decode(request.news)
        return changes.response(old, new, self.emulation.change(_token(request)), request.ignoreChanges)

    @_translated
    def Create(self, request: Any, context: Any) -> Any:
        token = _token(request)
        given, marks = decode(request.properties)
        if request.preview:
            promised = completed(token, self.emulation.promise(token, given))
            return provider_pb2.CreateResponse(properties=marks.encode(promised))
        with self.faults.around(self._call("create", request)):
            made = self.emulation.create(token, _without_nulls(given))
        id, _, outputs = _checkpoint(made, marks)
        return provider_pb2.CreateResponse(id=id, properties=outputs)

    @_translated
    def Read(self, request: Any, context: Any) -> Any:
        given, marks = decode(request.inputs)
        _, output_marks = decode(request.properties)
        with self.faults.around(self._call("read", request)):
            found = self.emulation.read(_token(request), request.id, given)
        if found is None:
            return provider_pb2.ReadResponse()
        id, read, outputs = _checkpoint(found, marks | output_marks)
        return provider_pb2.ReadResponse(id=id, inputs=read, properties=outputs)

    @_translated
    def Update(self, request: Any, context: Any) -> Any:
        token = _token(request)
        new, marks = decode(request.news)
        old, old_marks = decode(request.old_inputs)
        outputs, output_marks = decode(request.olds)
        if request.preview:
            promised = completed(token, self.emulation.promise(token, new))
            kept = {key: outputs[key] for key in self.emulation.stable if key in outputs}
            return provider_pb2.UpdateResponse(properties=(marks | output_marks).encode(promised | kept))
        with self.faults.around(self._call("update", request)):
            made = self.emulation.update(token, request.id, _without_nulls(old), _without_nulls(new))
        return provider_pb2.UpdateResponse(properties=_checkpoint(made, marks | old_marks)[2])

    @_translated
    def Delete(self, request: Any, context: Any) -> Any:
        given, _ = decode(request.old_inputs)
        with self.faults.around(self._call("delete", request)):
            self.emulation.delete(_token(request), request.id, given)
        return empty_pb2.Empty()

    @_translated
    def Invoke(self, request: Any, context: Any) -> Any:
        arguments, marks = decode(request.args)
        call = Call("engine", ("invoke",), request.tok.rpartition(":")[2], type=request.tok)
        with self.faults.around(call):
            answer = self.emulation.invoke(request.tok, arguments)
        answered: dict[str, Any] = {"return": marks.encode(answer)}  # a word of Python, so no keyword
        return provider_pb2.InvokeResponse(**answered)

    def _call(self, operation: Operation, request: Any) -> Call:
        return Call("engine", (operation,), _name(request), type=_token(request))


def _token(request: Any) -> str:
    return str(request.type or request.urn.split("::")[2].split("$")[-1])


def _name(request: Any) -> str:
    return str(request.name or request.urn.split("::")[-1])


def _without_nulls(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A null at the top counts as left out, as it does on Pulumi's wire."""
    return {key: value for key, value in properties.items() if value is not None}


def _checkpoint(made: Made, marks: Marks) -> tuple[str, Struct, Struct]:
    """What the state is to hold: id, inputs, outputs."""
    return made.id, marks.encode(made.inputs), marks.encode(made.outputs)


def _marks(request: Any) -> Marks:
    """What is secret in a request."""
    found = Marks()
    for field, value in request.ListFields():
        if field.name in _PROPERTIES:
            found |= decode(value)[1]
    return found
