"""Pydantic's errors, one per place.

Where a field takes several shapes pydantic reports what each shape has against the value, under a
location that mixes the value's path with the names of the shapes. Here the two are told apart, the
shape that the author evidently meant is chosen, and only its errors are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mlstack.spec.source import Step

_KINDLESS = {"literal_error", "enum", "none_required", "int_from_float", "is_instance_of", "callable_type"}


@dataclass(frozen=True)
class Fault:
    """One thing that a model has against the value at ``path`` (which pydantic's own loc may only end in).

    ``accepted`` holds, for a value of no accepted kind, the faults of each kind that there is.
    """

    type: str
    path: tuple[Step, ...]
    message: str
    value: Any
    context: Mapping[str, Any]
    on_key: bool = False
    accepted: tuple[Fault, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    marks: tuple[tuple[int, Step], ...] = field(default=())

    @property
    def of_kind(self) -> bool:
        """Whether the value is of another kind altogether than the one that was tried."""
        return self.type.endswith(("_type", "_parsing")) or self.type in _KINDLESS


def faults(errors: Sequence[Mapping[str, Any]], data: Any) -> list[Fault]:
    """What is wrong with ``data``, each place once."""
    return _collapse([_fault(error, data) for error in errors])


def _fault(error: Mapping[str, Any], data: Any) -> Fault:
    """The error with its location parted into the data's path and the marks of shapes tried."""
    location = error["loc"]
    path: list[Step] = []
    marks: list[tuple[int, Step]] = []
    on_key = False
    value = data
    for index, step in enumerate(location):
        last = index == len(location) - 1
        if _has(value, step):
            value = value[step]
        elif step == "[key]":
            on_key = True
            continue
        elif not (last and error["type"] == "missing"):
            marks.append((len(path), step))
            continue
        path.append(step)
    return Fault(
        error["type"],
        tuple(path),
        error["msg"],
        error["input"],
        error.get("ctx", {}),
        on_key,
        marks=tuple(marks),
    )


def _has(value: Any, step: Step) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def _collapse(found: Sequence[Fault]) -> list[Fault]:
    """One level of unions resolved; what is below is resolved in turn."""
    done: list[Fault] = []
    unions: dict[tuple[Step, ...], dict[Step, list[Fault]]] = {}
    for fault in found:
        if not fault.marks:
            done.append(fault)
            continue
        (depth, shape), *rest = fault.marks
        below = replace(fault, marks=tuple(rest))
        unions.setdefault(fault.path[:depth], {}).setdefault(shape, []).append(below)
    for path, shapes in unions.items():
        done.extend(_choose(path, shapes))
    return done


def _choose(path: tuple[Step, ...], shapes: Mapping[Step, list[Fault]]) -> list[Fault]:
    """The faults of the shape that was meant: the only one of the value's kind, else the nearest."""
    every = {shape: _collapse(faults) for shape, faults in shapes.items()}
    refusals = [
        fault for faults in every.values() for fault in faults if fault.path == path and fault.of_kind
    ]
    fitting = {
        shape: faults
        for shape, faults in every.items()
        if not any(fault.path == path and fault.of_kind for fault in faults)
    }
    # A parser of texts says what it likes about a mapping; a class that takes mappings knows better.
    structured = {shape: faults for shape, faults in fitting.items() if not _parses_text(path, shape, faults)}
    candidates = list((structured or fitting).values())
    if not candidates:
        kinds = tuple(kind for fault in refusals for kind in (fault.accepted or (fault,)))
        return [replace(refusals[0], accepted=kinds)]
    unknown = [{fault.path for fault in faults if fault.type == "extra_forbidden"} for faults in candidates]
    common = set.intersection(*unknown)
    if common and len(candidates) > 1:
        return [f for f in candidates[0] if f.path in common and f.type == "extra_forbidden"]
    if len(candidates) > 1 and all(len(faults) == 1 and faults[0].type == "missing" for faults in candidates):
        names = dict.fromkeys(str(faults[0].path[-1]) for faults in candidates)
        return [replace(candidates[0][0], path=path, needs_one_of=tuple(names))]
    return min(candidates, key=len)


def _parses_text(path: tuple[Step, ...], shape: Step, faults: Sequence[Fault]) -> bool:
    plain = str(shape).startswith("function-plain")
    return plain and all(fault.path == path and isinstance(fault.value, dict | list) for fault in faults)
