"""For each field, two stacks that differ in it alone."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlstack.graph import references
from mlstack.provider import Provider, Way
from mlstack.spec import KINDS, SINGLE, Stack
from mlstack.testing.fields import SpecField, fields, stack_fields
from mlstack.testing.generate import resolved, value
from mlstack.testing.sample import BESIDE, CHANGES, ENTRIES, EXCLUSIVE, LEAST, SAMPLE, SECOND

Data = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """``base`` is the sample, ``without`` has all that the field needs around it, ``given`` the field too.

    ``place`` is where the field is in the stack, names of entries included.
    """

    field: SpecField
    place: tuple[str, ...]
    base: Data
    without: Data
    given: Data

    @property
    def resource(self) -> tuple[str, str] | None:
        """Kind and name of the resource whose field it is; None for a field of the stack itself."""
        kind = self.field.path[0]
        return (kind, name_of(kind)) if kind in KINDS else None

    def but(self, changed: Any) -> Case:
        """The case of another value."""
        return replace(self, given=self.with_value(changed))

    def with_value(self, changed: Any) -> Data:
        """The stack with another value in the field's place."""
        data = deepcopy(self.given)
        holder: Any = data
        for step in self.place[:-1]:
            holder = holder[step]
        holder[self.place[-1]] = changed
        return data

    @property
    def value(self) -> Any:
        held: Any = self.given
        for step in self.place:
            held = held[step]
        return held


def name_of(kind: str) -> str:
    return SINGLE if KINDS[kind].single else "one"


def all_fields(provider: Provider) -> list[SpecField]:
    """The fields of every kind that the provider builds, and those of the stack that it must mind."""
    return [field for kind in KINDS if kind in provider.builders for field in fields(kind)] + stack_fields()


def find(path: str) -> SpecField | None:
    """The field of a path, or the first one below it; None when the spec has no such path."""
    every = [field for kind in KINDS for field in fields(kind)] + stack_fields()
    return next((field for field in every if f"{field}.".startswith(f"{path}.")), None)


def whole(provider: Provider, kind: str) -> Data:
    """The sample of a kind, in the company in which the provider takes it."""
    declared = provider.ways.get(kind)
    return sample(provider, kind, beside=declared.beside if declared is not None else None)


def sample(provider: Provider, *kinds: str, beside: Mapping[str, Any] | None = None) -> Data:
    """A stack with the first resource of each of the kinds, and all that they refer to; ``beside`` is laid
    over it."""
    data: Data = {"name": "conformance", "cloud": provider.name}
    for kind in kinds:
        held = deepcopy(dict(SAMPLE[kind]))
        data[kind] = held if KINDS[kind].single else {"one": held}
    return complete(merged(data, beside or {}))[0]


def _everything(provider: Provider, beside: Mapping[str, Any]) -> Data:
    """A stack of all kinds, each in the company in which the provider takes it."""
    company: Mapping[str, Any] = {}
    for kind in provider.builders:
        declared = provider.ways.get(kind)
        if declared is not None:
            company = merged(company, declared.beside)
    return sample(provider, *provider.builders, beside=merged(company, beside))


def way(provider: Provider, field: SpecField, given: Any) -> Way | None:
    """How the provider says that the field is to be given, the nearest entry of ``Provider.ways``.

    That of the whole kind is for what the target takes: a field or value that it lacks is tried in the
    sample itself.
    """
    ends = range(len(field.path), 0, -1)
    paths = [".".join(field.path[:end]) for end in ends]
    if any(path in provider.unsupported for path in (*paths, f"{field}={given}")):
        paths = [path for path in paths if path not in KINDS]
    return next((found for path in paths if (found := provider.ways.get(path))), None)


def case(provider: Provider, field: SpecField, chosen: Any = None) -> Case:
    """The stacks for a field; ``chosen`` is the value to try, else the provider's own, else one is made."""
    filled = value(field, provider.name) if chosen is None else chosen
    declared = way(provider, field, filled)
    if chosen is None and declared is not None and declared.value is not None:
        filled = chosen = declared.value
    beside = declared.beside if declared is not None else None
    kind = field.path[0]
    if kind not in KINDS:
        base = _everything(provider, beside or {})
        return Case(field, field.path, base, base, {**base, kind: filled})
    base = sample(provider, kind, beside=beside)
    place: tuple[str, ...] = (kind,) if KINDS[kind].single else (kind, "one")
    changes = CHANGES.get(str(field))
    if changes is not None and chosen is None:
        without = _at(base, place, changes[0])
        given = _at(without, place, changes[1])
        names = [step for key, holder, _ in field.owners for step in _steps(key, holder)]
        place = (*place, *names, field.path[-1])
    else:
        without, place = _prepared(base, field, place)
        given = _filled(without, field, place, filled)
    return Case(field, place, base, *complete(without, given))


def complete(*stacks: Data) -> list[Data]:
    """The stacks with every resource that one of them refers to and that is missing."""
    stacks = tuple(deepcopy(stack) for stack in stacks)
    missing = True
    while missing:
        missing = False
        for stack in stacks:
            for found in references(Stack.model_validate(stack)):
                if found.kind in KINDS and found.name not in stack.get(found.kind, {}):
                    table = SAMPLE if found.name == "one" else SECOND
                    for each in stacks:
                        held = deepcopy(dict(table[found.kind]))
                        each.setdefault(found.kind, {}).setdefault(found.name, held)
                    missing = True
    return list(stacks)


class _Rooted:
    """A stack's source that knows its folder and no lines."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, path: Any, /) -> tuple[None, None, None]:
        return None, None, None


def stack_of(data: Data, root: Path) -> Stack:
    """The stack of the data, in a folder."""
    stack = Stack.model_validate(data)
    stack._source = _Rooted(root)
    return stack


def stack_in_program(data: Data, root: Path) -> Stack:
    """The same within a program, where values that were put off are Outputs."""
    return stack_of(resolved(data), root)


def merged(data: Mapping[str, Any], patch: Mapping[str, Any]) -> Data:
    """The data with the patch laid over it: maps merge, null removes, all else replaces."""
    result = dict(data)
    for key, item in patch.items():
        if item is None:
            result.pop(key, None)
        elif isinstance(item, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], item)
        else:
            result[key] = deepcopy(item)
    return result


def _at(data: Data, place: tuple[str, ...], patch: Mapping[str, Any]) -> Data:
    for step in reversed(place):
        patch = {step: patch}
    return merged(data, patch)


def _steps(key: str, holder: str) -> tuple[str, ...]:
    return (key, ENTRIES[key]) if holder == "map" else (key,)


def _prepared(base: Data, field: SpecField, place: tuple[str, ...]) -> tuple[Data, tuple[str, ...]]:
    """The sample with the objects around the field in it; and the field's place."""
    data = deepcopy(base)
    holder: Any = data
    for step in place:
        holder = holder[step]
    cls = KINDS[field.path[0]].cls.__name__
    for key, how, inner in field.owners:
        name = _python_name(key)
        _make_room(holder, cls, name)
        for step in _steps(key, how):
            if not isinstance(holder.get(step), Mapping):
                holder[step] = {}
            holder = holder[step]
            place = (*place, step)
        for least, item in LEAST.get(inner.__name__, {}).items():
            if not _excluded(holder, inner.__name__, least):
                holder.setdefault(least, deepcopy(item))
        cls = inner.__name__
    beside = BESIDE.get(field.key, {})
    patched = merged(holder, beside)
    holder.clear()
    holder.update(patched)
    return data, (*place, field.path[-1])


def _filled(without: Data, field: SpecField, place: tuple[str, ...], filled: Any) -> Data:
    data = deepcopy(without)
    holder: Any = data
    for step in place[:-1]:
        holder = holder[step]
    _make_room(holder, field.cls.__name__, field.name)
    holder[place[-1]] = filled
    return data


def _excluded(holder: Data, cls: str, key: str) -> bool:
    """Whether something is held already that excludes the key."""
    groups = [group for group in EXCLUSIVE if f"{cls}.{key}" in group]
    return any(f"{cls}.{held}" in group for group in groups for held in holder if held != key)


def _make_room(holder: Data, cls: str, name: str) -> None:
    """Take out what the field excludes."""
    for group in EXCLUSIVE:
        if f"{cls}.{name}" in group:
            for other in group - {f"{cls}.{name}"}:
                holder.pop(other.split(".")[1].rstrip("_"), None)
    for key, item in BESIDE.get(f"{cls}.{name}", {}).items():
        if item is None:
            holder.pop(key, None)
        else:
            holder.setdefault(key, item)


def _python_name(key: str) -> str:
    return "from_" if key == "from" else key
