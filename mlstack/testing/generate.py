"""A value for any field of the spec that differs from the one it has when it is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import pulumi

from mlstack.spec import Duration, Gpu, Memory, Money
from mlstack.spec.references import OUTPUTS_OF, Ref
from mlstack.spec.text import PARAMETER, VARIABLE, Deferred
from mlstack.testing.fields import SpecField
from mlstack.testing.sample import VALUES


class Later:
    """Stands for a text that is known only when the program runs, until one does (see `resolved`)."""

    def __init__(self, text: str, *, known: bool = True) -> None:
        self.text = text
        self.known = known

    def apply(self, *_: Any) -> Any:
        raise AssertionError("a stand-in is to be resolved first")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Later) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def output(self) -> pulumi.Output[str]:
        """Within a program: the Output."""
        held: Any = self.text if self.known else pulumi.UNKNOWN
        return pulumi.Output.from_input(held)


_LEAVES: Mapping[Any, Any] = {
    Duration: "7m",
    Memory: 12,  # more than the machine has that is taken without it
    Money: "7 USD",
    Gpu: "t4:2",
    int: 7,
    float: 0.7,
    str: "conformance",
    Any: "conformance",
}


def value(field: SpecField, native: str) -> Any:
    """A value for the field. ``native`` is the provider whose block of ``native`` is filled."""
    if field.key in VALUES:
        return VALUES[field.key]
    if field.name == "native":
        return {native: {"conformance": "yes"}}
    default = field.info.get_default(call_default_factory=True)
    return _value(field.leaf.type, field.leaf.marks, default)


def choices(field: SpecField) -> tuple[Any, ...]:
    """The values of a field that has few, without the one that it has when it is left out."""
    default = field.info.get_default(call_default_factory=True)
    if field.key not in VALUES and get_origin(field.leaf.type) is Literal:
        return tuple(choice for choice in get_args(field.leaf.type) if choice != default)
    if field.leaf.type is bool and default is None:
        return (True, False)
    return ()


def later(given: Any, *, known: bool = True) -> Any:
    """The value with every text in it put off until the program runs."""
    return walk(given, lambda text: Later(text, known=known) if isinstance(text, str) else text)


def resolved(data: Any) -> Any:
    """Within a program: the data with Outputs in place of the stand-ins."""
    return walk(data, lambda item: item.output() if isinstance(item, Later) else item)


def walk(data: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of plain data with every value in it changed; keys stay."""
    if isinstance(data, Mapping):
        return {key: walk(item, change) for key, item in data.items()}
    if isinstance(data, list):
        return [walk(item, change) for item in data]
    return change(data)


def _value(annotation: Any, marks: tuple[Any, ...], default: Any) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
    if ref is not None:
        return reference(ref)
    if origin is Annotated:
        return _value(arguments[0], arguments[1:], default)
    if origin is Literal:
        return next(choice for choice in arguments if choice != default)
    if origin is dict:
        return {_key(arguments[0]): _value(arguments[1], (), None)}
    if origin is list:
        return [_value(arguments[0], (), None)]
    if annotation is bool:
        return not default
    if annotation is Deferred:
        return Later("conformance")
    if origin is not None:  # a union: its first way
        return _value(arguments[0], (), default)
    return _LEAVES[annotation]


def reference(ref: Ref) -> str:
    """A reference to the second resource of a kind."""
    kind = ref.kinds[0]
    if not ref.open:
        return "two"
    return f"{kind}.two.model" if kind in OUTPUTS_OF else f"{kind}.two"


def _key(annotation: Any) -> str:
    rules = [mark.func.__name__ for mark in get_args(annotation)[1:] if hasattr(mark, "func")]
    key = "CONFORMANCE" if "_check_variable" in rules else "conformance"
    assert (VARIABLE if key.isupper() else PARAMETER).fullmatch(key)
    return key
