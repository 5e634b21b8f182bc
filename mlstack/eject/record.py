"""Runs a stack's program in the real engine's preview, twice, and records what it asks for.

The first run shows that nothing is to change, and what the program sends. In the second one the program
sees its resources' outputs with marks (`mlstack.eject.marks`), while the engine is sent what it was sent in
the first. An input of the second run is that of the first with marks in it; else the program has computed it
(a hash), and it is a constant here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import settings

from mlstack.eject.marks import Leaf, Marks, plain
from mlstack.engine.operations import Operator, Result
from mlstack.engine.urn import Urn
from mlstack.errors import MlstackError, UsageError
from mlstack.program import current

_Key = tuple[str, str, str]
#: Of more than so many resources that are to change, the first are named.
_NAMED = 5


@dataclass(frozen=True)
class Registered:
    """One resource. ``plain`` are its inputs as the engine was sent them, ``marked`` the same with marks;
    secrets are mappings with the wire's signature. ``request`` has the options."""

    urn: str
    request: Any
    plain: dict[str, Any]
    marked: dict[str, Any]

    @property
    def parsed(self) -> Urn:
        return Urn.parse(self.urn)


@dataclass(frozen=True)
class Call:
    """A call of a function of the cloud's package. ``needs``: URNs of what it waits for."""

    key: str
    token: str
    plain: dict[str, Any]
    marked: dict[str, Any]
    needs: tuple[str, ...]


@dataclass
class Recording:
    """``resources`` in the order in which the program makes them; ``outputs`` of components and of the stack
    by URN, plain and marked; ``variables`` of the environment that secrets of the spec are in."""

    marks: Marks
    resources: dict[str, Registered] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    outputs: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)


def record(operator: Operator) -> Recording:
    """What the operator's program asks for. UsageError: the stack is not what its program says."""
    first = _Run()
    result = _previewed(operator, first)
    _check(operator.project.stack, result, first.read)
    second, marks = _marked(operator, first)
    made = Recording(marks, variables=second.variables)
    for key, urn in sorted(first.urns.items(), key=lambda each: first.place(each[1])):
        if Urn.parse(urn).is_root:
            continue
        sent, seen = first.requests[key], second.requests.get(key, first.requests[key])
        made.resources[urn] = Registered(urn, sent, MessageToDict(sent.object), MessageToDict(seen.object))
    made.calls = second.calls
    for urn, outputs in first.outputs.items():
        seen = second.outputs.get(urn, outputs)
        made.outputs[urn] = MessageToDict(outputs), MessageToDict(seen)
    return made


def _previewed(operator: Operator, run: _Run) -> Result:
    project = operator.project
    return replace(operator, project=replace(project, program=run.watch(project.program))).preview()


def _marked(operator: Operator, first: _Run) -> tuple[_Run, Marks]:
    """The second run. A text that the program cannot use with marks in it (it opens a file of that name) is
    in what it says when it fails: it goes without, in another try."""
    left_out: frozenset[Leaf] = frozenset()
    while True:
        marks = Marks(left_out)
        run = _Run(earlier=first, marks=marks)
        try:
            _previewed(operator, run)
        except MlstackError as error:
            blamed = marks.named_in(f"{error} {error.__cause__}")
            if not blamed:
                raise
            left_out |= blamed
        else:
            return run, marks


def _check(stack: str, result: Result, read: list[str]) -> None:
    """UsageError: the stack is not what its program says, or has what is not written."""
    changing = [
        f"{each.parsed.name} ({each.op})" for each in result.changes if each.op not in ("same", "read")
    ]
    if changing:
        more = f" and {len(changing) - _NAMED} more" if len(changing) > _NAMED else ""
        raise UsageError(
            f"the stack {stack} is not what its program says: {', '.join(changing[:_NAMED])}{more}",
            where=stack,
            remedy="`mlstack up` first, and eject what is there then",
        )
    if read:
        raise UsageError(
            f"the program reads what it does not make: {', '.join(sorted(read))}: eject does not write that",
            where=stack,
            remedy="it stands in a Pulumi program already: keep it there",
        )


@dataclass
class _Run:
    """One run of a program, watched between its SDK and the engine."""

    requests: dict[_Key, Any] = field(default_factory=dict)
    urns: dict[_Key, str] = field(default_factory=dict)
    outputs: dict[str, Struct] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    earlier: _Run | None = None
    marks: Marks | None = None
    _order: dict[tuple[str, str], int] = field(default_factory=dict)
    _types: dict[pulumi.Resource, str] = field(default_factory=dict)

    def watch(self, program: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            monitor: Any = settings.get_monitor()
            # the stub itself is changed: the SDK asks for it again in other contexts than the program's
            for name in ("RegisterResource", "RegisterResourceOutputs", "ReadResource", "Invoke"):
                setattr(monitor, name, _between(getattr(self, f"_{name}"), getattr(monitor, name)))
            pulumi.runtime.register_stack_transformation(self._made)
            program()
            components = scope.components if (scope := current().scope) else {}
            secrets = [each.spec.env for (kind, _), each in components.items() if kind == "secrets"]
            self.variables = [variable for variable in secrets if variable]

        return run

    def place(self, urn: str) -> int:
        """Where in the program's order a resource was made."""
        *_, types, name = urn.split("::", 3)
        return self._order.get((types, name), len(self._order))

    def _made(self, args: pulumi.ResourceTransformationArgs) -> None:
        """Resources are made one after the other, and registered as their inputs come."""
        above = self._types.get(args.opts.parent) if args.opts.parent is not None else None
        self._types[args.resource] = f"{above}${args.type_}" if above else args.type_
        self._order.setdefault((self._types[args.resource], args.name), len(self._order))

    def _RegisterResource(self, call: Callable[[Any], Any], request: Any) -> Any:  # noqa: N802
        key = (request.parent, request.type, request.name)
        self.requests[key] = request
        response = call(self.earlier.requests.get(key, request) if self.earlier else request)
        self.urns[key] = response.urn
        if self.marks is not None and request.custom:
            id = response.id
            self.marks.mark_all(response.urn, response.object)
            if id:
                response.id = self.marks.mark(Leaf(response.urn, ("id",), False), id)
        return response

    def _ReadResource(self, call: Callable[[Any], Any], request: Any) -> Any:  # noqa: N802
        self.read.append(f"{request.name} ({request.type})")
        return call(request)

    def _RegisterResourceOutputs(self, call: Callable[[Any], Any], request: Any) -> Any:  # noqa: N802
        self.outputs[request.urn] = Struct()
        self.outputs[request.urn].CopyFrom(request.outputs)
        if self.earlier:
            request.outputs.CopyFrom(self.earlier.outputs.get(request.urn, request.outputs))
        return call(request)

    def _Invoke(self, call: Callable[[Any], Any], request: Any) -> Any:  # noqa: N802
        marked = MessageToDict(request.args)
        told = _plain(marked)
        if self.marks is None:
            return call(request)
        request.args.Clear()
        request.args.update(told)
        response = call(request)
        # texts sorted, so that one call asked for in several places is one
        key = f"{request.tok} {sorted(told.items())!r}"
        needs = tuple(sorted(request.dependsOn))
        self.calls.setdefault(key, Call(key, request.tok, told, marked, needs))
        self.marks.mark_all(key, getattr(response, "return"))
        return response


def _between(watch: Callable[[Callable[[Any], Any], Any], Any], call: Any) -> Callable[[Any], Any]:
    return lambda request: watch(call, request)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return plain(value)
