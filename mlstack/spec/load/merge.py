"""What is laid over a spec: the stack's file, then ``--set``. Both are JSON merge patches (RFC 7396):
maps merge, lists and scalars replace, null removes. Every value keeps the place it was written at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlstack.errors import UsageError
from mlstack.spec.load.compose import compose
from mlstack.spec.load.limits import MAX_DEPTH
from mlstack.spec.load.secrecy import is_secret
from mlstack.spec.source import Entry, Node, Place, dotted

_STEP = re.compile(r"(?:[^.\\]|\\.)+")  # a dot within a key is written \.
_NAME = re.compile(rf"{_STEP.pattern}(?:\.{_STEP.pattern})*")
_FORM = "write --set a.b=value, where the value is YAML: --set endpoints.digits.auth=key"


def lay_over(base: Node | None, patch: Node) -> Node:
    """``patch`` laid over ``base``; neither is changed."""
    if not isinstance(patch.value, dict):
        return patch
    entries = dict(base.value) if base is not None and isinstance(base.value, dict) else {}
    for name, (key, node) in patch.value.items():
        below = entries.get(name)
        if node.value is None and not node.broken:
            entries.pop(name, None)
        elif isinstance(node.value, dict):
            merged = lay_over(below.node if below else None, node)
            entries[name] = Entry(below.key if below and _is_map(below.node) else key, merged)
        else:
            entries[name] = Entry(key, node)
    place = base.place if base is not None and _is_map(base) else patch.place
    return Node(place, entries, broken=patch.broken or (base is not None and base.broken))


def apply_sets(base: Node, sets: Sequence[str]) -> Node:
    """``base`` with each ``a.b=value`` laid over it in turn. UsageError: one that is malformed."""
    for text in sets:
        steps, value = _parse(text)
        place = Place(_shown(text, steps))
        patch = _compose(value, text, steps, place)
        _refuse_list_index(base, steps, text)
        for step in reversed(steps):
            patch = Node(place, {step: Entry(place, patch)})
        base = lay_over(base, patch)
    return base


def _parse(text: str) -> tuple[list[str], str]:
    name, equals, value = text.partition("=")
    if not equals or not _NAME.fullmatch(name.strip()):
        raise UsageError(f"--set {_short(name)} names no value", remedy=_FORM)
    steps = [re.sub(r"\\(.)", r"\1", step) for step in _STEP.findall(name.strip())]
    if len(steps) > MAX_DEPTH:
        raise UsageError(f"--set {_short(name)} is more than {MAX_DEPTH} levels deep", remedy=_FORM)
    return steps, value


def _compose(value: str, text: str, steps: list[str], place: Place) -> Node:
    node, problems = compose(value, None, place)
    if problems:
        shown = _shown(text, steps)
        message = f"{shown}: the value is not usable"
        if not is_secret(steps):
            message += f": {problems[0].message}"
        raise UsageError(message, where=shown, remedy=problems[0].remedy or _FORM)
    return node if node is not None else Node(place, None)


def _refuse_list_index(base: Node, steps: list[str], text: str) -> None:
    node: Node | None = base
    for count, step in enumerate(steps):
        if node is not None and isinstance(node.value, list):
            name = dotted(steps[:count])
            raise UsageError(
                f"{_shown(text, steps)}: {name} is a list, which is set as a whole",
                remedy=f"write --set '{name}=[…]'",
            )
        found = node.child(step) if node is not None else None
        node = found[1] if found else None


def _shown(text: str, steps: list[str]) -> str:
    """The option as messages quote it, without a value that may be secret."""
    return f"--set {dotted(steps)}=…" if is_secret(steps) else f"--set {_short(text)}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _is_map(node: Node) -> bool:
    return isinstance(node.value, dict)
