"""Nothing of a spec is dropped in silence: each field is an input, a refusal, or a warning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlstack.errors import MlstackError, Problem
from mlstack.program import Warned
from mlstack.provider import Provider
from mlstack.testing.built import Built, build
from mlstack.testing.cases import Case, case, way
from mlstack.testing.fields import SpecField
from mlstack.testing.generate import Later, choices, later
from mlstack.testing.passing import passed_through
from mlstack.testing.record import Recording
from mlstack.tokens import token


def accounted(provider: Provider, field: SpecField, root: Path, value: Any = None) -> Iterator[str]:
    """The field changes an input or option of a child of its resource, or is refused, or warned of, or
    declared as one that makes no input (``Provider.no_input``).

    ``value`` is what is tried, else one is made; of a field with few values each is, and one of them may be
    what the target does anyway.
    """
    if field.name == "native" and provider.native and value is None:
        yield from passed_through(provider, case(provider, field), root)
        return
    several = () if value is not None else choices(field)
    if not several:
        tried = case(provider, field)
        yield from _accounted(provider, tried if value is None else tried.but(value), root)
        return
    silent = [
        problem for each in several for problem in _accounted(provider, case(provider, field, each), root)
    ]
    if len(silent) > (field.info.get_default() is None):
        yield from silent


def _accounted(provider: Provider, tried: Case, root: Path) -> Iterator[str]:
    given = build(provider, tried.given, root)
    declared = way(provider, tried.field, tried.value)
    if declared is not None and given.gaps and tried.value == case(provider, tried.field).value:
        yield f"it is refused even {declared.when}: {_shown(given.gaps)}"
        return
    if _is_refused(provider, tried, given.gaps):
        return
    without = build(provider, tried.without, root)
    if given.gaps:
        if not _places(given.gaps) <= _places(without.gaps):  # else what the field needs is refused already
            yield f"it is refused in another place: {_shown(given.gaps)}"
    elif without.gaps:
        if _is_refused(provider, tried, without.gaps):
            return  # it is this field that makes the stack one that the target takes
        yield f"it cannot be tried, as what it needs is refused: {_shown(without.gaps)}"
    elif not (
        _is_input(tried, without.recording, given.recording)
        or _is_warned(tried, build(provider, tried.base, root), given)
        or _is_declared(provider, tried.field)
    ):
        yield (
            f"{tried.field} = {tried.value!r} changes no input below its resource, "
            "is not refused, and is not warned of"
        )


def told_apart(provider: Provider, field: SpecField, one: Any, other: Any, root: Path) -> Iterator[str]:
    """Two values of the field that the spec takes for different make different inputs, unless they are
    refused, warned of or declared: none is hard-coded, rounded away or cut off."""
    tried = [case(provider, field).but(value) for value in (one, other)]
    built = [build(provider, each.given, root) for each in tried]
    base = build(provider, tried[0].base, root)
    for each, made in zip(tried, built, strict=True):
        if made.gaps or _is_declared(provider, field) or _is_warned(each, base, made):
            return
    asked = [made.recording.asked for made in built]  # what is only looked up makes no input of its own
    if asked[0] != asked[1]:
        return
    if _inputs(tried[0], built[0].recording) == _inputs(tried[1], built[1].recording):
        yield f"{field}: {one!r} and {other!r} make the same inputs"


def takes_outputs(provider: Provider, field: SpecField, root: Path) -> Iterator[str]:
    """An Output in the field's place arrives just as plain text does, and an unknown one does no harm.

    Where a builder has to know the text at once, it may refuse an Output, with a remedy.
    """
    tried = case(provider, field)
    plain = tried.value
    if later(plain) == plain and not isinstance(plain, Later):
        plain = "conformance"
    known = plain if isinstance(plain, Later) else later(plain)
    try:
        arrived = build(provider, tried.with_value(known), root)
    except MlstackError as refusal:
        if not refusal.remedy or field.path[-1] not in refusal.message:
            yield f"{field}: an Output is refused without a remedy: {refusal}"
        return
    if arrived.gaps:
        if not _is_refused(provider, tried, arrived.gaps):
            yield f"with an Output it is refused in another place: {_shown(arrived.gaps)}"
        return
    if not isinstance(plain, Later):
        expected = build(provider, tried.with_value(plain), root)
        if expected.recording.resources != arrived.recording.resources:
            yield f"{field}: an Output of {plain!r} gives other inputs than {plain!r} itself"
    unknown = Later(known.text, known=False) if isinstance(known, Later) else later(plain, known=False)
    build(provider, tried.with_value(unknown), root)


def _is_refused(provider: Provider, tried: Case, gaps: Sequence[Problem]) -> bool:
    for gap in gaps:
        path = tuple(gap.path.split("."))
        if path[0] in provider.unsupported and path[0] != tried.place[0]:
            return True  # what the field refers to is of a kind that the target lacks
        if _meet(path, tried.place):
            return True
    return False


def _is_input(tried: Case, without: Recording, given: Recording) -> bool:
    return _inputs(tried, without) != _inputs(tried, given)


def _inputs(tried: Case, recording: Recording) -> dict[str, Any]:
    if tried.resource is None:
        below = recording.children()
    else:
        kind, name = tried.resource
        below = recording.below(recording.component(token(kind), name))
    return {child.urn: (child.inputs, child.origins, child.options) for child in below}


def _is_warned(tried: Case, base: Built, given: Built) -> bool:
    return any(
        concerns(warned, tried)
        for warned in given.recording.warnings
        if warned not in base.recording.warnings
        for warned in given.recording.warnings
        if warned not in base.recording.warnings
    )


def concerns(warned: Warned, tried: Case) -> bool:
    """Whether the warning is about the field of the case."""
    if tried.resource is None or warned.resource != ".".join(tried.resource):
        return False
    path = tuple(warned.field.split("."))
    _, name = tried.resource
    below = tried.place[2:] if tried.place[1:2] == (name,) else tried.place[1:]
    return _meet(path, below) or _meet(path, tried.field.path[1:])


def _is_declared(provider: Provider, field: SpecField) -> bool:
    return any(".".join(field.path[:end]) in provider.no_input for end in range(1, len(field.path) + 1))


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one path is the other, or holds it."""
    shorter = min(len(one), len(other))
    return bool(shorter) and one[:shorter] == other[:shorter]


def _places(gaps: Sequence[Problem]) -> set[str]:
    return {gap.path for gap in gaps}


def _shown(gaps: Sequence[Problem]) -> str:
    return "; ".join(f"{gap.path}: {gap.message}" for gap in gaps)
