"""Providers found by entry point, and imported when they are asked for."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points, metadata
from typing import TYPE_CHECKING

from mlstack.errors import UsageError
from mlstack.suggest import suggest

if TYPE_CHECKING:
    from mlstack.provider import Provider

GROUP = "mlstack.providers"

#: Targets with a distribution of this project's own. Data for error messages: what is installed is found
#: by entry point alone.
KNOWN = ("local", "azure", "aws", "gcp", "kubernetes")


def installed() -> dict[str, EntryPoint]:
    """Entry points by provider name; nothing is imported."""
    return {point.name: point for point in entry_points(group=GROUP)}


def _install(name: str) -> str:
    """The command that brings a target, where this version of mlstack has an extra for it."""
    extras = metadata("mlstack").get_all("Provides-Extra") or ()
    return f"pip install 'mlstack[{name}]'; " if name in extras else ""


@cache
def provider(name: str) -> Provider:
    """The provider of that name. Raises UsageError, with the way out, when there is none."""
    points = installed()
    if name in points:
        made: Provider = points[name].load()()
        return made
    if name in KNOWN:
        raise UsageError(
            f"the target {name!r} is not installed",
            code="target-not-installed",
            remedy=f"{_install(name)}installed are: {', '.join(sorted(points))}. Others are distributions of "
            "their own.",
        )
    near = suggest(name, [*KNOWN, *points])
    hint = f"did you mean {near!r}? " if near else ""
    known = ", ".join(sorted({*KNOWN, *points}))
    raise UsageError(
        f"unknown cloud {name!r}",
        code="unknown-cloud",
        remedy=f"{hint}Known: {known}.",
    )
