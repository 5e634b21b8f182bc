"""The solver: never dearer than need be, honest about what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.placement.solve import NoMachine, choose, fits, within
from mlstack.provider import Instance
from mlstack.spec.machine import Requirement
from mlstack.spec.units import Gpu, Memory, Money

GPUS = (None, "t4", "a100-40", "a100-80")
instances = st.lists(
    st.builds(
        Instance,
        name=st.uuids().map(str),
        cpus=st.integers(1, 64).map(float),
        memory_gib=st.integers(1, 512).map(float),
        gpu=st.sampled_from(GPUS),
        gpus=st.integers(1, 8),
        price=st.none() | st.floats(0.01, 100),
        disk_gib=st.none() | st.floats(1, 1000),
    ),
    max_size=12,
)
wanted = st.builds(
    Requirement,
    cpus=st.none() | st.floats(1, 64),
    memory=st.none() | st.floats(1, 512).map(Memory),
    gpu=st.none() | st.builds(Gpu, st.sampled_from(["t4", "a100", "a100-80"]), st.integers(1, 8)),
    disk=st.none() | st.floats(1, 1000).map(Memory),
)
limits = st.none() | st.integers(1, 50).map(lambda amount: Money.parse(f"{amount} USD"))


@given(instances, wanted, limits)
def test_the_choice_fits_and_no_other_that_fits_is_cheaper(
    every: list[Instance], needed: Requirement, most: Money | None
) -> None:
    can = [each for each in every if fits(each, needed) and within(each, most)]
    try:
        chosen = choose(every, needed, most)
    except NoMachine:
        assert can == []
        return
    assert chosen in can
    prices = [each.price for each in can if each.price is not None]
    assert chosen.price == (min(prices) if prices else None)


@given(instances, wanted)
def test_the_order_of_the_catalogue_does_not_matter(every: list[Instance], needed: Requirement) -> None:
    try:
        assert choose(every, needed) == choose(reversed(every), needed)
    except NoMachine:
        with pytest.raises(NoMachine):
            choose(reversed(every), needed)


def test_what_fits_has_all_that_is_asked() -> None:
    machine = Instance("m", 4, 28, "a100-80", 2, disk_gib=100)
    assert fits(machine, Requirement(4, Memory(28), Gpu("a100-80", 2), Memory(100)))
    assert fits(machine, Requirement(gpu=Gpu("a100")))
    for more in (
        Requirement(cpus=4.5),
        Requirement(memory=Memory(29)),
        Requirement(gpu=Gpu("a100-40")),
        Requirement(gpu=Gpu("a1")),
        Requirement(gpu=Gpu("a100", 3)),
        Requirement(disk=Memory(101)),
    ):
        assert not fits(machine, more)
    assert not fits(Instance("m", 4, 28), Requirement(disk=Memory(1)))  # not known is not enough


def test_no_fit_names_the_nearest_and_what_is_lacking() -> None:
    every = [Instance("small", 2, 8), Instance("gpu", 4, 28, "t4", 1), Instance("big", 32, 64)]
    with pytest.raises(NoMachine) as caught:
        choose(every, Requirement(memory=Memory(128), gpu=Gpu("t4")))
    assert caught.value.message == (
        "no machine has memory 128Gi, gpu t4:1; the nearest is gpu: 28 of 128 GiB of memory"
    )


def test_an_accelerator_that_no_machine_has_is_told_with_those_that_there_are() -> None:
    every = [Instance("small", 2, 8), Instance("a", 4, 28, "t4", 1), Instance("b", 4, 28, "a10", 1)]
    with pytest.raises(NoMachine, match="type a10g: there are a10, t4") as caught:
        choose(every, Requirement(gpu=Gpu("a10g")))
    assert caught.value.remedy == "did you mean 'a10'?"


def test_too_dear_names_the_cheapest_and_its_price() -> None:
    two = [Instance("a", 2, 8, price=3), Instance("b", 2, 8, price=2)]
    with pytest.raises(NoMachine, match=r"fits is b at 2 USD per hour.*more than 1 USD"):
        choose(two, Requirement(), Money.parse("1 USD"))


def test_an_unknown_price_is_never_within_a_limit() -> None:
    with pytest.raises(NoMachine, match="not known"):
        choose([Instance("a", 2, 8)], Requirement(), Money.parse("100 USD"))
    with pytest.raises(NoMachine, match="not known"):
        choose([Instance("a", 2, 8, price=1)], Requirement(), Money.parse("100 EUR"))
