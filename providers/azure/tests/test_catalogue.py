"""The catalogue's data holds together."""

from __future__ import annotations

from typing import get_args

from mlstack_azure.catalogue import CAPABILITIES

from mlstack.placement.solve import choose, lacking
from mlstack.spec.machine import SIZES, Requirement, Size
from mlstack.spec.units import Gpu, Memory, Money

KNOWN = {each.name: each for each in CAPABILITIES.instances}


def test_every_size_has_a_machine_that_meets_it_or_a_reason() -> None:
    assert {*CAPABILITIES.sizes, *CAPABILITIES.no_size} == set(get_args(Size))
    for size, name in CAPABILITIES.sizes.items():
        assert lacking(KNOWN[name], SIZES[size]) == [], size


def test_prices_are_of_machines_that_are_there_and_have_a_month() -> None:
    priced = [price for each in CAPABILITIES.instances for price in each.prices.values()]
    read = [price for price in priced if "general knowledge" not in price.source]
    assert (len(read), len(priced)) == (22, 48)
    assert all(price.amount > 0 and price.source and len(price.as_of) == 7 for price in priced)
    assert len(KNOWN) == len(CAPABILITIES.instances)


def test_the_cheapest_that_fits_in_the_region() -> None:
    there = CAPABILITIES.at("westeurope").instances
    wanted = Requirement(cpus=12, memory=Memory(128), gpu=Gpu("a100-80"), disk=Memory(200))
    found = choose(there, wanted, Money.parse("5 USD"))
    assert (found.name, found.price) == ("Standard_NC24ads_A100_v4", 4.775)
    assert choose(there, Requirement(cpus=3)).name == "Standard_F4s_v2"
