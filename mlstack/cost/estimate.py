"""The sum over the machines that a program asked for.

Machines alone are counted: storage, requests, networks and what the platform keeps are not. A machine without
a known list price is named, and never counted as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mlstack.placement.used import Used

#: Hours of a month, as clouds reckon: 365 days through 12.
HOURS = 730


@dataclass(frozen=True)
class Item:
    """One use of a machine. ``why`` says why it has no price, None where it has one."""

    used: Used
    why: str | None = None

    @property
    def place(self) -> str:
        return ".".join(part for part in (self.used.resource, self.used.field) if part)

    def hourly(self, count: int) -> float:
        return count * (self.used.instance.price or 0.0)

    def as_json(self) -> dict[str, Any]:
        machine = self.used.instance
        priced = self.why is None
        return {
            "resource": self.used.resource,
            "field": self.used.field,
            "instance": machine.name,
            "min": self.used.least,
            "max": self.used.most,
            "price": machine.price if priced else None,
            "currency": machine.currency if priced else None,
            "source": machine.source if priced else None,
            "as_of": machine.as_of if priced else None,
            "why": self.why,
        }


@dataclass(frozen=True)
class Cost:
    """``known`` have a list price, all of one currency; ``unknown`` have none, and are in no sum."""

    region: str | None
    known: tuple[Item, ...] = ()
    unknown: tuple[Item, ...] = ()

    @property
    def currency(self) -> str:
        return self.known[0].used.instance.currency if self.known else ""

    @property
    def hourly(self) -> tuple[float, float]:
        """With as few machines as are kept, and with as many as there may be."""
        return (
            sum(each.hourly(each.used.least) for each in self.known),
            sum(each.hourly(each.used.most) for each in self.known),
        )

    @property
    def monthly(self) -> tuple[float, float]:
        least, most = self.hourly
        return least * HOURS, most * HOURS

    @property
    def sources(self) -> tuple[str, ...]:
        """Who says what the prices are, and of when."""
        told = [(each.used.instance.source, each.used.instance.as_of) for each in self.known]
        return tuple(dict.fromkeys(", ".join(part for part in each if part) or "no source" for each in told))

    def as_json(self) -> dict[str, Any]:
        return {
            "region": self.region,
            "currency": self.currency or None,
            "hourly": _range(self.hourly) if self.known else None,
            "monthly": _range(self.monthly) if self.known else None,
            "items": [each.as_json() for each in (*self.known, *self.unknown)],
        }


def estimate(uses: Iterable[Used], region: str | None) -> Cost:
    """The cost of these machines in a region. Prices are of one currency: the first that there is."""
    known: list[Item] = []
    unknown: list[Item] = []
    for each in uses:
        currency = known[0].used.instance.currency if known else each.instance.currency
        why = _unpriced(each, region, currency)
        (known if why is None else unknown).append(Item(each, why))
    return Cost(region, tuple(known), tuple(unknown))


def _unpriced(used: Used, region: str | None, currency: str) -> str | None:
    """Why a machine has no price that could be added to the others."""
    if used.spot:
        return "spare machines have no list price"
    if used.instance.price is None:
        return f"no list price is known{f' in {region}' if region else ', as no region is given'}"
    if used.instance.currency != currency:
        return f"its price is in {used.instance.currency}"
    return None


def _range(sums: tuple[float, float]) -> dict[str, float]:
    return {"min": round(sums[0], 4), "max": round(sums[1], 4)}
