"""Quantities: what is written is parsed, its canonical text parses to the same, and the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from mlstack.spec import Duration, Gpu, Memory, Money
from mlstack.spec.numbers import Positive, parse_fraction, parse_percent
from mlstack.spec.units import Period


def code_of(parse: Callable[[Any], Any], value: Any) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        parse(value)
    assert (caught.value.context or {})["remedy"]
    return caught.value.type


@pytest.mark.parametrize(
    ("text", "seconds", "canonical"),
    [
        ("200ms", 0.2, "200ms"),
        ("30s", 30, "30s"),
        ("10m", 600, "10m"),
        ("2h", 7200, "2h"),
        ("1d", 86400, "1d"),
        ("60s", 60, "1m"),
        ("90m", 5400, "90m"),
        ("1.5h", 5400, "90m"),
        (" 5 s ", 5, "5s"),
        ("0s", 0, "0s"),
    ],
)
def test_a_duration_is_seconds_and_has_one_text(text: str, seconds: float, canonical: str) -> None:
    duration = Duration.parse(text)

    assert duration == seconds
    assert str(duration) == canonical


@pytest.mark.parametrize(
    "value",
    ["soon", "5", "-5m", "2fortnights", "1h30m", "", "0.5ms", "1e3s", "٣s", 60, 1.5, True, None, [], {}],
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    assert code_of(Duration.parse, value) == "bad-duration"


def test_a_timedelta_is_a_duration() -> None:
    assert str(Duration.parse(timedelta(minutes=10))) == "10m"
    assert code_of(Duration.parse, timedelta(seconds=-1)) == "bad-duration"


@given(st.integers(0, 10**12))
def test_a_duration_survives_its_text(milliseconds: int) -> None:
    duration = Duration(milliseconds / 1000)

    assert Duration.parse(str(duration)) == duration
    assert duration.milliseconds == milliseconds


def test_nothing_is_no_period() -> None:
    with pytest.raises(ValidationError, match="nothing has no meaning"):
        TypeAdapter(Period).validate_python("0s")


@pytest.mark.parametrize(
    ("value", "gib", "canonical"),
    [
        (4, 4, "4Gi"),
        (0.5, 0.5, "0.5Gi"),
        ("4", 4, "4Gi"),
        ("512Mi", 0.5, "0.5Gi"),
        ("1Ti", 1024, "1024Gi"),
        ("2 GiB", 2, "2Gi"),
        ("16GB", 16e9 / 2**30, "14.901161193847656Gi"),
        ("500M", 500e6 / 2**30, "0.46566128730773926Gi"),
    ],
)
def test_memory_is_gib_and_has_one_text(value: object, gib: float, canonical: str) -> None:
    memory = Memory.parse(value)

    assert memory == gib
    assert str(memory) == canonical


def test_memory_knows_its_bytes() -> None:
    assert Memory.parse("16GB").bytes == 16 * 10**9
    assert Memory.parse(1).bytes == 2**30


@pytest.mark.parametrize(
    "value",
    [
        "4Qi",
        "lots",
        "",
        "-1Gi",
        "0",
        "0Gi",
        0,
        -1,
        float("nan"),
        float("inf"),
        True,
        None,
        10**12,
        "4K",
        "4Ki",
    ],
)
def test_what_is_no_memory_is_refused(value: object) -> None:
    assert code_of(Memory.parse, value) == "bad-memory"


@given(st.floats(2**-30, 1e8) | st.integers(1, 10**6))
def test_memory_survives_its_text_and_its_number(gib: float) -> None:
    memory = Memory.parse(gib)

    assert Memory.parse(str(memory)) == memory
    assert Memory.parse(memory.plain()) == memory


def test_money_keeps_amount_and_currency() -> None:
    assert Money.parse("5 USD") == Money(Decimal(5), "USD")
    assert str(Money.parse("0.50eur")) == "0.50 EUR"


@pytest.mark.parametrize(
    "value", ["five shells", "5", "USD", "5 DOLLARS", "-5 USD", "$5", 5, 2.5, None, True, ""]
)
def test_what_is_no_money_is_refused(value: object) -> None:
    assert code_of(Money.parse, value) == "bad-money"


@given(st.decimals(0, 10**9, places=2), st.from_regex(r"[A-Z]{3}", fullmatch=True))
def test_money_survives_its_text(amount: Decimal, currency: str) -> None:
    money = Money(abs(amount), currency)

    assert Money.parse(str(money)) == money


@pytest.mark.parametrize(
    ("text", "gpu"),
    [
        ("t4", Gpu("t4", 1)),
        ("a100-80:1", Gpu("a100-80", 1)),
        ("H100:8", Gpu("h100", 8)),
        (" l4:2 ", Gpu("l4", 2)),
    ],
)
def test_a_gpu_is_a_type_and_a_count(text: str, gpu: Gpu) -> None:
    assert Gpu.parse(text) == gpu
    assert Gpu.parse(str(gpu)) == gpu


@pytest.mark.parametrize("value", ["", "t4:0", "t4:", "4", "t4:1:2", "t4 x2", 1, None, True, "t4:-1"])
def test_what_is_no_gpu_is_refused(value: object) -> None:
    assert code_of(Gpu.parse, value) == "bad-gpu"


@pytest.mark.parametrize(("value", "percent"), [(0, 0), (100, 100), ("20%", 20), (10.0, 10)])
def test_a_percentage_is_a_whole_number(value: object, percent: int) -> None:
    assert parse_percent(value) == percent
    assert type(parse_percent(value)) is int


@pytest.mark.parametrize("value", [-10, 101, 120, 33.3, "33.3%", "20", True, None, float("nan"), "all"])
def test_what_is_no_percentage_is_refused(value: object) -> None:
    assert code_of(parse_percent, value) == "bad-percentage"


@pytest.mark.parametrize(("value", "fraction"), [(0, 0), (1, 1), (0.25, 0.25), ("5%", 0.05), ("100%", 1)])
def test_a_fraction_is_from_0_to_1(value: object, fraction: float) -> None:
    assert parse_fraction(value) == fraction


@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", "101%", True, None, float("inf")])
def test_what_is_no_fraction_is_refused(value: object) -> None:
    assert code_of(parse_fraction, value) == "bad-fraction"


def test_a_positive_number_stays_as_it_was_written() -> None:
    adapter: TypeAdapter[float] = TypeAdapter(Positive)

    assert type(adapter.validate_python(2)) is int
    assert type(adapter.validate_python(0.5)) is float
    for wrong in (0, -500, "2", True, None, float("nan")):
        with pytest.raises(ValidationError, match="not-positive"):
            adapter.validate_python(wrong)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused_with_forms(text: str) -> None:
    for cls in (Duration, Memory, Money, Gpu):
        try:
            value = cls.parse(text)
        except PydanticCustomError as error:
            remedy = (error.context or {})["remedy"]
        else:
            remedy = "none is needed"
            assert cls.parse(str(value)) == value
        assert remedy
