"""What a plan costs, in a line, and what of it is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlstack.cli.show.paint import paint

if TYPE_CHECKING:
    from mlstack.cost import Cost


def cost(found: Cost | None) -> Iterator[str]:
    """The sum with its source, then each machine that is not in it."""
    if found is None:
        yield paint("  cost: this target has no price list", "dim")
        return
    if found.known:
        told = f"{_span(*found.hourly)} {found.currency} an hour, {_span(*found.monthly)} a month"
        yield f"  cost: {told}{', without what has no known price' if found.unknown else ''}"
        where = f" in {found.region}" if found.region else ""
        yield paint(
            f"    machines{where}, from the fewest to the most; storage and requests come on top", "dim"
        )
        yield paint(f"    prices: {'; '.join(found.sources)}", "dim")
    elif found.unknown:
        yield "  cost: not known"
    else:
        yield paint("  cost: no machine of its own; storage and requests cost what they cost", "dim")
    for each in found.unknown:
        count = _span(each.used.least, each.used.most)
        yield paint(f"    not in it: {each.place}, {count} x {each.used.instance.name}: {each.why}", "dim")


def _span(least: float, most: float) -> str:
    few, many = _amount(least), _amount(most)
    return few if few == many else f"{few} to {many}"


def _amount(value: float) -> str:
    """Three digits that say something, and no fraction of what is large."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
