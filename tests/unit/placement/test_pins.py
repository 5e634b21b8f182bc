"""What a stack has chosen stays chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UsageError
from mlstack.placement.choices import Choices
from mlstack.provider import Build, Capabilities, Instance, Price
from mlstack.spec import Compute

CATALOGUE = Capabilities(
    instances=(
        Instance("small", 2, 8, prices={"here": Price(1, source="list", as_of="2026-07")}, disk_gib=10),
        Instance("middle", 4, 16, prices={"here": Price(2), "there": Price(1)}),
        Instance("large", 8, 32, prices={"here": Price(4)}),
    ),
    sizes={"cpu-s": "small", "cpu-m": "middle"},
    no_size={"gpu-l4": "there is no L4 here: take gpu-t4"},
)


def build(spec: Compute, choices: Choices, capabilities: Capabilities = CATALOGUE) -> Build:
    def nothing(*_: Any) -> Any:
        raise AssertionError

    told: list[str] = []
    made = Build(
        "compute", "pool", spec, None, "uid", Path(), None, nothing, nothing,  # type: ignore[arg-type]
        warn=lambda field, message: told.append(f"warn {field}: {message}"),
        choices=choices,
        capabilities=capabilities.at("here"),
        note=lambda field, message: told.append(f"{field}: {message}"),
    )  # fmt: skip
    made.shared["told"] = told
    return made


def priced(prices: Mapping[str, float]) -> Capabilities:
    return replace(
        CATALOGUE,
        instances=tuple(
            replace(each, prices={"here": Price(prices[each.name])}) for each in CATALOGUE.instances
        ),
    )


@given(st.fixed_dictionaries({name: st.floats(0.01, 100) for name in ("small", "middle", "large")}))
def test_a_choice_survives_any_change_of_prices(prices: Mapping[str, float]) -> None:
    spec = Compute(cpus=3)
    first = Choices()
    assert build(spec, first).instance(spec) == "middle"
    assert build(spec, Choices(held=first.made), priced(prices)).instance(spec) == "middle"


def test_it_is_made_anew_when_asked() -> None:
    spec = Compute(cpus=3)
    cheap = priced({"small": 1, "middle": 5, "large": 2})
    held = {"compute.pool.instance": "middle", "compute.pool.instance.for": "cpus 3"}
    assert build(spec, Choices(held), cheap).instance(spec) == "middle"
    assert build(spec, Choices(held, anew=True), cheap).instance(spec) == "large"


def test_it_is_made_anew_when_it_no_longer_does() -> None:
    held = {"compute.pool.instance": "middle", "compute.pool.instance.for": "cpus 3"}
    for spec, wanted in (
        (Compute(cpus=2), "middle"),
        (Compute(cpus=5), "large"),
        (Compute(size="cpu-s"), "small"),
    ):
        assert build(spec, Choices(held), CATALOGUE).instance(spec) == wanted


def test_another_size_is_another_choice_even_if_the_machine_would_do() -> None:
    held = {"compute.pool.instance": "middle", "compute.pool.instance.for": "size cpu-m"}
    spec = Compute(size="cpu-s")
    assert build(spec, Choices(held)).instance(spec) == "small"


def test_a_kept_machine_that_has_become_too_dear_is_warned_of_and_kept() -> None:
    spec = Compute(cpus=3, max_price="3 USD")
    held = {"compute.pool.instance": "middle", "compute.pool.instance.for": "cpus 3"}
    made = build(spec, Choices(held), priced({"small": 1, "middle": 5, "large": 9}))
    assert made.instance(spec) == "middle"
    assert any(each.startswith("warn max_price: middle is kept") for each in made.shared["told"])


def test_what_was_chosen_and_why_is_noted_with_price_source_and_date() -> None:
    spec = Compute(cpus=1)
    made = build(spec, Choices())
    made.instance(spec)
    assert made.shared["told"] == [
        "instance: small: the cheapest of 3 with cpus 1; 1 USD per hour (list, 2026-07)"
    ]


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    spec = Compute(size="cpu-s")
    made = replace(build(spec, Choices()), capabilities=CATALOGUE.at("nowhere"))
    made.instance(spec)
    assert made.shared["told"][0].startswith("instance: small: size cpu-s; price unknown")


def test_a_size_that_the_target_lacks_says_the_way_out() -> None:
    spec = Compute(size="gpu-l4")
    with pytest.raises(UsageError) as caught:
        build(spec, Choices()).instance(spec)
    assert caught.value.remedy == "there is no L4 here: take gpu-t4"


def test_each_choice_is_kept_as_it_is_made() -> None:
    kept: list[dict[str, str]] = []
    spec = Compute(cpus=3)
    choices = Choices(keep=lambda made: kept.append(dict(made)))
    build(spec, choices).instance(spec)
    assert kept[-1] == {"compute.pool.instance": "middle", "compute.pool.instance.for": "cpus 3"}
    again = Choices(held=kept[-1], keep=lambda made: kept.append(dict(made)))
    count = len(kept)
    build(spec, again).instance(spec)
    assert len(kept) == count


def test_no_machine_is_too_small_where_disks_are_volumes() -> None:
    spec = Compute(cpus=2, disk=200)
    with pytest.raises(UsageError, match="of 200 GiB of disk"):
        build(spec, Choices()).instance(spec)
    assert build(spec, Choices(), replace(CATALOGUE, volumes=True)).instance(spec) == "small"
    alone = Compute(disk=200)
    assert build(alone, Choices(), replace(CATALOGUE, volumes=True)).instance(alone) == "small"


def test_choices_of_a_program_are_kept_at_once_and_later_ones_as_they_are_made() -> None:
    kept: list[dict[str, str]] = []
    choices = Choices({"a": "1"}, keep=lambda made: kept.append(dict(made)))
    with choices.together():
        choices.put("a", "1")
        choices.put("b", "2")
        choices.put("c", "3")
        assert kept == []
    assert kept == [{"a": "1", "b": "2", "c": "3"}]
    choices.put("c", "3")
    assert len(kept) == 1
    choices.put("d", "4")
    assert kept[1:] == [{"a": "1", "b": "2", "c": "3", "d": "4"}]


def test_a_program_that_fails_keeps_no_choice() -> None:
    kept: list[object] = []
    choices = Choices(keep=kept.append)

    def program() -> None:
        with choices.together():
            choices.put("a", "1")
            raise UsageError("wrong", where="here", remedy="mend it")

    with pytest.raises(UsageError):
        program()
    assert kept == []
