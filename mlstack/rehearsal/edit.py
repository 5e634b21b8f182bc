"""Change the emulated cloud behind a stack's back, as somebody with a browser would."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from mlstack.errors import UsageError
from mlstack.plugin.wire import Path
from mlstack.rehearsal.emulation import Emulation
from mlstack.rehearsal.inputs import parse
from mlstack.rehearsal.world import Document
from mlstack.suggest import suggest


def find(emulation: Emulation, wanted: str) -> Document:
    """The one document that ``wanted`` means: its id, the end of its id, or a pattern with * and ?.

    UsageError: there is none, or more than one.
    """
    everything = list(emulation.documents())
    found = [each for each in everything if _means(wanted, each[0])]
    exact = [each for each in found if each[0].lower() == wanted.lower()]
    if len(exact or found) == 1:
        return (exact or found)[0]
    ids = [each[0] for each in found or everything]
    if found:
        shown = ", ".join(sorted(ids)[:5])
        raise UsageError(f"{wanted!r} means more than one thing", remedy=f"say which: {shown}")
    near = suggest(wanted.rpartition("/")[2], [id.rpartition("/")[2] for id in ids])
    raise UsageError(
        f"there is no {wanted!r} in the emulated cloud",
        code="not-in-rehearsal",
        remedy=(f"did you mean {near!r}? " if near else "") + "`mlstack rehearsal show` lists what there is",
    )


def edit(emulation: Emulation, wanted: str, changes: Iterable[tuple[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Set values by path in one document, None to remove; its id, and what it is now."""
    with emulation.world.transaction():
        id, kind, body = find(emulation, wanted)
        for path, value in changes:
            _set(body, parse(path), value, path)
        emulation.put_document(id, kind, body)
    return id, body


def delete(emulation: Emulation, wanted: str) -> list[str]:
    """Remove one document with all that is below it; their ids."""
    with emulation.world.transaction():
        id, _, _ = find(emulation, wanted)
        return emulation.remove_document(id)


def _means(wanted: str, id: str) -> bool:
    """Whether the last steps of an id are those that are wanted. "*" stays within a step."""
    patterns = wanted.lower().strip("/").split("/")
    steps = id.lower().strip("/").split("/")
    if len(steps) < len(patterns):
        return False
    return all(map(fnmatchcase, steps[-len(patterns) :], patterns))


def _set(body: Any, path: Path, value: Any, said: str) -> None:
    if not path:
        raise UsageError("a change has no path", remedy="PATH=VALUE, for instance properties.authMode=Key")
    *above, last = path
    for key in above:
        body = _child(body, key, said)
    if isinstance(body, list) and isinstance(last, int):
        _child(body, last, said)
        body[last] = value
    elif not isinstance(body, dict) or not isinstance(last, str):
        raise _nowhere(said)
    elif value is None:
        body.pop(last, None)
    else:
        body[last] = value


def _child(body: Any, key: str | int, said: str) -> Any:
    if isinstance(body, dict) and isinstance(key, str):
        return body.setdefault(key, {})
    if isinstance(body, list) and isinstance(key, int) and key < len(body):
        return body[key]
    raise _nowhere(said)


def _nowhere(said: str) -> UsageError:
    return UsageError(
        f"there is no place {said!r} in it", remedy="`mlstack rehearsal show ID` prints the whole document"
    )
