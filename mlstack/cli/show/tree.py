"""A result as people read it: what changes, by component, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mlstack.cli.show.money import cost
from mlstack.cli.show.names import label, owner
from mlstack.cli.show.paint import paint

if TYPE_CHECKING:
    from mlstack.engine.events import Change
    from mlstack.engine.operations import Result

_SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "magenta"),
    "delete": ("-", "red"),
    "import": ("=", "green"),
    "read": (" ", "dim"),
    "refresh": (" ", "dim"),
    "same": (" ", "dim"),
}
_WORDS = {
    "create": ("to create", "created"),
    "update": ("to update", "updated"),
    "replace": ("to replace", "replaced"),
    "delete": ("to delete", "deleted"),
    "same": ("unchanged", "unchanged"),
}


#: Codes of what is worth knowing and no matter of concern.
NOTES = ("native", "placed")


class Line(NamedTuple):
    """A component, or a plain resource, with what is below it and the op that says most of both."""

    change: Change
    op: str
    children: list[Change]


def lines(result: Result) -> list[Line]:
    """One line for each component and each resource that is below none."""
    components = [change for change in result.changes if change.parsed.is_component]
    below: dict[str, list[Change]] = {change.urn: [] for change in components}
    alone: list[Change] = []
    for change in result.changes:
        if change.parsed.is_component:
            continue
        above = owner(change, components)
        (below[above.urn] if above else alone).append(change)
    found = [Line(change, _op(change, below[change.urn]), below[change.urn]) for change in components]
    found += [Line(change, change.op, []) for change in alone]
    return sorted(found, key=lambda line: _rank(line.change))


def _rank(change: Change) -> tuple[int, str, str]:
    """In the order of the spec's kinds; plain resources last."""
    from mlstack.spec import KINDS

    urn = change.parsed
    kinds = list(KINDS)
    return (kinds.index(urn.kind) if urn.kind in kinds else len(kinds)), urn.type, urn.name


def draw(result: Result, *, resources: bool, done: bool) -> Iterator[str]:
    """The whole answer of preview, up, down or refresh."""
    shown = lines(result)
    yield paint(f"{result.stack} on {result.cloud}", "bold")
    for line in shown:
        if line.op in ("same", "read", "refresh") and not resources:
            continue
        yield _drawn(line.op, label(line.change), _paths(line) if not resources else "", indent=2)
        if resources:
            for child in line.children:
                paths = ", ".join(difference.path for difference in child.diff)
                yield _drawn(child.op, f"{child.parsed.type} {child.parsed.name}", paths, indent=6)
    yield "  " + _summary(shown, done=done)
    if result.planned:
        yield from cost(result.cost)
    for warned in result.warnings:
        place = ".".join(part for part in (warned.resource, warned.field) if part)
        if warned.code in NOTES:
            yield paint(f"  {place}: {warned.message}", "dim")
        else:
            yield paint(f"  warning: {place}: {warned.message}", "yellow")


def draw_reached(result: Result) -> Iterator[str]:
    """How far an operation came that failed: what is done and stays, and what failed."""
    counts = dict.fromkeys((*_WORDS, "failed", "unfinished"), 0)
    shown = []
    for line in lines(result):
        parts = line.children or [line.change]
        if any(part.failed for part in parts):
            counts["failed"] += 1
            shown.append(f"  {paint(f'! {label(line.change)}', 'red')}{paint('  failed', 'dim')}")
        elif line.op in ("same", "read", "refresh"):
            counts["same"] += line.op == "same"
        elif not all(part.done for part in parts):
            counts["unfinished"] += 1
            shown.append(f"  {paint(f'? {label(line.change)}', 'yellow')}{paint('  not finished', 'dim')}")
        else:
            counts[line.op] = counts.get(line.op, 0) + 1
            shown.append(_drawn(line.op, label(line.change), _paths(line), indent=2))
    if shown:
        yield paint(f"{result.stack} on {result.cloud}, as far as it came", "bold")
        yield from shown
        done = {op: _WORDS[op][1] for op in _WORDS} | {"failed": "failed", "unfinished": "not finished"}
        yield "  " + ", ".join(f"{counts[op]} {word}" for op, word in done.items() if counts[op])


def endpoints(outputs: dict[str, Any], *, invokes: bool = True) -> Iterator[str]:
    """Where to go from here: each endpoint's address and, where the target has it, the command that asks
    it."""
    for name, values in (outputs.get("endpoints") or {}).items():
        if isinstance(values, dict) and values.get("url"):
            yield ""
            yield f"{paint(f'endpoints.{name}', 'bold')}  {values['url']}"
            if invokes:
                yield f"  ask it: mlstack invoke {name} --data FILE    (instances as JSON, or CSV)"


def _op(change: Change, children: list[Change]) -> str:
    if change.op != "same":
        return change.op
    ops = {child.op for child in children}
    if "replace" in ops:
        return "replace"
    for whole in ("create", "delete"):
        if ops == {whole}:  # what it stood for was gone, or is
            return whole
    return "update" if ops & {"create", "update", "delete", "import"} else "same"


def _paths(line: Line) -> str:
    """What comes and goes below it and which fields change; empty where everything does."""
    if line.op not in ("update", "replace"):
        return ""
    paths = [
        f"{_SIGNS[child.op][0]} {_own(line.change, child)}"
        for child in line.children
        if child.op in ("create", "delete")
    ]
    paths += [difference.path for change in (line.change, *line.children) for difference in change.diff]
    paths = list(dict.fromkeys(paths))
    shown = paths[:4]
    return ", ".join(shown) + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")


def _own(component: Change, child: Change) -> str:
    """A child in the words of its component: the deployment next of an endpoint, not endpoint-next."""
    kind = child.parsed.type.rpartition(":")[2].lower()
    own = child.parsed.name.removeprefix(component.parsed.name).removeprefix("-")
    return f"{kind} {own}".rstrip()


def _drawn(op: str, text: str, note: str, *, indent: int) -> str:
    sign, style = _SIGNS[op]
    return " " * indent + paint(f"{sign} {text}", style) + (paint(f"  {note}", "dim") if note else "")


def _summary(shown: list[Line], *, done: bool) -> str:
    counts = {op: sum(line.op == op for line in shown) for op in _WORDS}
    words = [f"{count} {_WORDS[op][done]}" for op, count in counts.items() if count]
    changed = any(count for op, count in counts.items() if op != "same")
    if not changed:
        return f"nothing to change ({counts['same']} unchanged)" if counts["same"] else "nothing there"
    return ", ".join(words)
