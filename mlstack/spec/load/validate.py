"""From plain data to a ``Stack``, with everything that the models and the graph have against it.

Pydantic reports all fields of one pass, but a check over a whole model only runs once its fields are
sound. So what was found wrong is cut out and the rest is looked at again: first unknown keys, then whole
entries. References are checked in all of it, wrong values alone left out: a typing mistake in a job hides
no dangling reference of the same job.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from mlstack import graph
from mlstack.errors import Problem
from mlstack.spec.kinds import KINDS
from mlstack.spec.load.collapse import Fault, faults
from mlstack.spec.load.messages import Messages
from mlstack.spec.partial import partial
from mlstack.spec.source import Source, Step
from mlstack.spec.stack import Stack

_ROUNDS = 5
_COLLECTIONS = frozenset(key for key, kind in KINDS.items() if not kind.single)

# stands in for a value that the stack cannot be without, while the rest of it is looked at
_PLACEHOLDERS: dict[str, Any] = {"name": "unnamed", "version": 1}


class Slips:
    """Keys that were meant and mistyped; each is one error, and not what follows from it as well."""

    def __init__(self) -> None:
        self._meant: set[tuple[Step, ...]] = set()
        self._around: set[tuple[Step, ...]] = set()

    def add(self, path: tuple[Step, ...]) -> None:
        """The key at ``path`` was meant."""
        self._meant.add(path)
        self._around.update(path[:count] for count in range(len(path)))

    def explain(self, fault: Fault) -> bool:
        """Whether it is such a key that is lacking, or what the key is part of that is wrong."""
        if fault.on_key:
            return False
        return fault.path in self._around or (fault.type == "missing" and fault.path in self._meant)


def validate(data: dict[str, Any], source: Source) -> tuple[Stack | None, list[Problem]]:
    """The stack where ``data`` is one, else None, and all problems (in no order).

    ``data`` is consumed: what is wrong is cut out of it.
    """
    messages = Messages(Stack, source)
    written = deepcopy(data)
    declared = {key: set(data[key]) for key in _COLLECTIONS if isinstance(data.get(key), dict)}
    found: dict[tuple[str, tuple[Step, ...]], Fault] = {}
    slips = Slips()
    cut: set[tuple[Step, ...]] = set()
    stack: Stack | None = None
    for _ in range(_ROUNDS):
        try:
            stack = Stack.model_validate(data)
            break
        except ValidationError as error:
            new = faults(error.errors(include_url=False), data)
        for fault in new:
            if fault.type == "extra_forbidden" and (name := messages.meant(fault)):
                slips.add((*fault.path[:-1], name))
                if len(fault.path) == 1 and isinstance(fault.value, dict):
                    declared.setdefault(name, set()).update(fault.value)
        for fault in new:
            if fault.path not in cut and not slips.explain(fault):
                found.setdefault((fault.type, fault.path), fault)
        if not _cut_out(data, new, cut):
            break
    problems = [messages.problem(fault) for fault in found.values() if not source.broken(fault.path)]
    whole = stack if stack is not None and not found else _readable(written, found.values())
    problems += _of_graph(whole, declared, source)
    return (None if found or problems else stack), problems


def _readable(written: dict[str, Any], wrong: Iterable[Fault]) -> Stack:
    """The stack as it was written, without its wrong values; for the graph alone.

    An object that only as a whole breaks one of our own rules (their codes are hyphenated) keeps its
    fields: each of them is sound.
    """
    values = {
        fault.path
        for fault in wrong
        if not fault.on_key and not (isinstance(fault.value, dict) and "-" in fault.type)
    }
    return partial(written, values)


def _of_graph(stack: Stack, declared: dict[str, set[str]], source: Source) -> list[Problem]:
    """What is wrong between the resources, with its places."""
    found = []
    for problem in graph.problems(stack, declared=declared):
        steps = source.steps(problem.path)
        if not source.broken(steps):
            file, line, column = source.locate(steps)
            found.append(replace(problem, file=file, line=line, column=column))
    return found


def _cut_out(data: dict[str, Any], wrong: Iterable[Fault], cut: set[tuple[Step, ...]]) -> bool:
    """Take what is wrong out of the data; whether anything was taken."""
    wrong = list(wrong)
    unknown = {fault.path for fault in wrong if fault.type == "extra_forbidden"}
    paths = unknown or {_entry(fault.path, data) for fault in wrong}
    before = len(cut)
    for path in sorted(paths, key=len):
        gone = any(path[:count] in cut for count in range(1, len(path) + 1))
        if path and not gone:
            _remove(data, path)
            cut.add(path)
    return len(cut) > before


def _entry(path: tuple[Step, ...], data: dict[str, Any]) -> tuple[Step, ...]:
    """What has to go for the value at ``path`` to be gone: the resource, or the stack's field."""
    whole = len(path) < 2 or path[0] not in _COLLECTIONS or not isinstance(data.get(str(path[0])), dict)
    return path[:1] if whole else path[:2]


def _remove(data: dict[str, Any], path: tuple[Step, ...]) -> None:
    if len(path) == 1 and path[0] in _PLACEHOLDERS:
        data[str(path[0])] = _PLACEHOLDERS[str(path[0])]
        return
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
