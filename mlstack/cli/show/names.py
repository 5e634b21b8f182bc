"""What a resource is called in front of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlstack.engine.events import Change


def label(change: Change) -> str:
    """ "endpoints.digits", with the resource's own type where it is one of several below a component."""
    from mlstack.tokens import class_name

    urn = change.parsed
    own = urn.type.rsplit(":", 1)[-1]
    if urn.kind is None:
        return f"{urn.type} {urn.name}"
    shown = f"{urn.kind}.{urn.name}"
    return shown if urn.is_component or own == class_name(urn.kind) else f"{shown} ({own})"


def owner(change: Change, components: list[Change]) -> Change | None:
    """The component that a resource is below of.

    A URN holds the types of its parents without their names; names of children start with the parent's.
    """
    urn = change.parsed
    same_kind = [each for each in components if each.parsed.kind == urn.kind and urn.kind is not None]
    named = [
        each
        for each in same_kind
        if urn.name == each.parsed.name or urn.name.startswith(f"{each.parsed.name}-")
    ]
    return max(named, key=lambda each: len(each.parsed.name), default=None)
