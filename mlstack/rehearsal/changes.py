"""What a change of inputs leads to: in place, or a new resource in place of the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi.runtime.proto import provider_pb2

from mlstack.plugin import diff
from mlstack.plugin.wire import Path
from mlstack.rehearsal.emulation import Change, Properties
from mlstack.rehearsal.inputs import parse

_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "update": provider_pb2.PropertyDiff.UPDATE,
    "delete": provider_pb2.PropertyDiff.DELETE,
}


def response(old: Properties, new: Properties, change: Change, ignored: Iterable[str]) -> Any:
    """The engine's answer to Diff. ``ignored`` are the property paths of ``ignore_changes``."""
    skipped = [parse(path) for path in ignored]
    detailed: dict[str, Any] = {}
    replaces: set[str] = set()
    for written, kind in diff.changes(old, new):
        path = parse(written)
        if any(_covers(each, path) for each in skipped):
            continue
        number = _KINDS[kind]
        if any(_replacing(parse(each), path, old, new) for each in change.replace_on):
            number = number + 1  # type: ignore[assignment]  # each kind's replacing twin is the next number
            replaces.add(str(path[0]))
        detailed[written] = provider_pb2.PropertyDiff(kind=number, inputDiff=True)
    answer = provider_pb2.DiffResponse
    return answer(
        changes=answer.DIFF_SOME if detailed else answer.DIFF_NONE,
        diffs=sorted({str(parse(path)[0]) for path in detailed}),
        replaces=sorted(replaces),
        deleteBeforeReplace=bool(replaces) and change.delete_before_replace and not replaces & change.names,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _covers(pattern: Path, path: Path) -> bool:
    """Whether the path is the pattern's place or below it. "*" is any key of one step."""
    return len(pattern) <= len(path) and all(
        want in ("*", got) for want, got in zip(pattern, path, strict=False)
    )


def _replacing(pattern: Path, path: Path, old: Properties, new: Properties) -> bool:
    """Whether the change at ``path`` touches the subtree of ``pattern``, whose steps skip list indices."""
    keys = tuple(key for key in path if isinstance(key, str))
    if _covers(pattern, keys):
        return True
    if not _covers(keys, pattern):  # neither above nor below
        return False
    below = pattern[len(keys) :]  # a whole branch came or went, with what forces a new resource or without
    return list(_values(_at(old, path), below)) != list(_values(_at(new, path), below))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _values(value: Any, path: Path) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        for key in value if path[0] == "*" else [path[0]]:
            yield from _values(value.get(key), path[1:])
