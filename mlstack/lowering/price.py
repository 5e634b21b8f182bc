"""``max_price`` of a compute, held against the list price of the machine that it has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mlstack.errors import UsageError
from mlstack.provider import Build


def hold_to_price(build: Build, instance: Any) -> None:
    """Refuse a machine whose list price is above ``max_price``; say so where the price is not known."""
    most = build.spec.max_price
    if most is None or build.spec.given(("cpus", "memory", "gpu", "disk")):
        return  # placement holds its own choices to it, and keeps one whose price has risen
    known = next((one for one in build.capabilities.instances if one.name == instance), None)
    if known is None or known.price is None or known.currency != most.currency:
        told = "not known" if known is None or known.price is None else f"known in {known.currency} alone"
        build.warn("max_price", f"the list price of {instance} is {told}: it is not held to {most}")
    elif build.spec.spot:
        build.warn("max_price", f"spare machines have no list price: they are not held to {most}")
    elif Decimal(str(known.price)) > most.amount:
        raise UsageError(
            f"compute.{build.name}: {instance} costs {known.price} {known.currency} per hour, which is more "
            f"than max_price, {most}",
            code="too-expensive",
            remedy="raise max_price, or ask for a smaller machine",
        )
