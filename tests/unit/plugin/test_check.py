"""Inputs against their model, while some of them are unknown."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, model_validator

from mlstack.plugin.check import failures, typed
from mlstack.resource import UNKNOWN, Inputs


class Machine(Inputs):
    cpus: int = Field(gt=0)


class Sample(Inputs):
    name: str
    machine: Machine | None = None
    env: dict[str, str] = Field(default_factory=dict)
    ports: list[int] = Field(default_factory=list)


class Both(Inputs):
    low: int
    high: int

    @model_validator(mode="after")
    def _ordered(self) -> Both:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


@pytest.mark.parametrize(
    ("inputs", "paths"),
    [
        ({"name": "a"}, []),
        ({}, ["name"]),
        ({"name": 3}, ["name"]),
        ({"name": "a", "colour": "red"}, ["colour"]),
        ({"name": "a", "machine": {"cpus": 0}}, ["machine.cpus"]),
        ({"name": "a", "env": {"LOG.LEVEL": 3}}, ['env["LOG.LEVEL"]']),
        ({"name": "a", "ports": [1, "x"]}, ["ports[1]"]),
        ({"name": 3, "ports": ["x"]}, ["name", "ports[0]"]),
    ],
)
def test_each_wrong_input_has_its_path(inputs: dict[str, Any], paths: list[str]) -> None:
    assert [path for path, _ in failures(Sample, inputs)] == paths


@pytest.mark.parametrize(
    "inputs",
    [
        {"name": UNKNOWN},
        {"name": "a", "machine": UNKNOWN},
        {"name": "a", "machine": {"cpus": UNKNOWN}},
        {"name": "a", "env": {"A": UNKNOWN}},
        {"name": "a", "ports": [80, UNKNOWN]},
    ],
)
def test_what_is_unknown_may_still_be_right(inputs: dict[str, Any]) -> None:
    assert list(failures(Sample, inputs)) == []


def test_an_unknown_value_excuses_no_other() -> None:
    found = list(failures(Sample, {"name": UNKNOWN, "ports": ["x"], "colour": UNKNOWN}))
    assert [path for path, _ in found] == ["ports[0]"]


def test_a_rule_over_several_inputs_waits_for_all_of_them() -> None:
    assert [reason for _, reason in failures(Both, {"low": 3, "high": 1})] == [
        "Value error, low is above high"
    ]
    assert list(failures(Both, {"low": 3, "high": UNKNOWN})) == []


def test_nulls_count_as_left_out() -> None:
    assert typed(Sample, {"name": "a", "env": None, "machine": None}) == Sample(name="a")
