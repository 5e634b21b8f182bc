"""What machines cost by list prices, and what is said of those without one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.cli.show.money import cost as lines
from mlstack.cost import HOURS, Cost, estimate
from mlstack.placement.used import LATER, Used, count
from mlstack.provider import Build, Capabilities, Instance, Price
from mlstack.spec import Compute, Deployment, Job
from mlstack.spec.machine import Machine

CATALOGUE = Capabilities(
    instances=(
        Instance("small", 2, 8, prices={"here": Price(0.5, source="the list", as_of="2026-07")}),
        Instance("large", 8, 32, prices={"here": Price(3, "EUR")}),
        Instance("rare", 1, 1),
    )
)


def uses(kind: str, spec: Any, machine: Machine, *where: str, region: str | None = "here") -> list[Used]:
    """What a builder's machine is counted as."""

    def nothing(*_: Any) -> Any:
        raise AssertionError

    found: list[Used] = []
    build = Build(
        kind, "it", spec, None, "uid", Path(), None, nothing, nothing,  # type: ignore[arg-type]
        warn=nothing, capabilities=CATALOGUE.at(region), use=found.append,
    )  # fmt: skip
    build.instance(machine, *where)
    return found


def pool(**fields: Any) -> list[Used]:
    spec = Compute.model_validate(fields)
    return uses("compute", spec, spec)


def test_a_pool_costs_from_its_fewest_to_its_most_machines() -> None:
    found = estimate(pool(instance="small", min=1, max=4), "here")
    assert (found.hourly, found.monthly) == ((0.5, 2.0), (0.5 * HOURS, 2.0 * HOURS))
    assert found.as_json() == {
        "region": "here",
        "currency": "USD",
        "hourly": {"min": 0.5, "max": 2.0},
        "monthly": {"min": 365.0, "max": 1460.0},
        "items": [
            {
                "resource": "compute.it",
                "field": "",
                "instance": "small",
                "min": 1,
                "max": 4,
                "price": 0.5,
                "currency": "USD",
                "source": "the list",
                "as_of": "2026-07",
                "why": None,
            }
        ],
    }


def test_a_deployment_costs_by_its_replicas_and_a_job_only_while_it_runs() -> None:
    deployment = Deployment.model_validate({"model": "m", "replicas": {"min": 2, "max": 3}})
    assert count(deployment, None) == (2, 3)
    assert count(Machine(), Job(command="x", nodes=3)) == (0, 3)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"instance": "rare"}, "no list price is known in here"),
        ({"instance": "unheard-of"}, "no list price is known in here"),
        ({"instance": "small", "spot": True}, "spare machines have no list price"),
        ({"instance": "large"}, "its price is in EUR"),
    ],
)
def test_what_has_no_price_is_named_and_in_no_sum(fields: Mapping[str, Any], why: str) -> None:
    found = estimate([*pool(instance="small"), *pool(**fields)], "here")
    assert [each.why for each in found.unknown] == [why]
    assert found.hourly == (0.0, 0.5)
    assert [item["why"] for item in found.as_json()["items"]] == [None, why]


def test_without_a_region_it_says_so() -> None:
    spec = Compute(instance="small")
    found = estimate(uses("compute", spec, spec, region=None), None)
    assert [each.why for each in found.unknown] == ["no list price is known, as no region is given"]
    assert found.as_json()["hourly"] is None


def test_a_machine_that_is_named_later_is_counted_as_not_known() -> None:
    class Later:
        def apply(self, _change: Any) -> Any:
            raise AssertionError

    spec = Compute.model_validate({"instance": Later()})
    (found,) = uses("compute", spec, spec)
    assert (found.instance.name, found.instance.price) == (LATER, None)


def test_the_line_has_the_sum_its_source_and_what_is_missing() -> None:
    deployment = Deployment.model_validate({"model": "m", "instance": "rare"})
    held = uses("endpoints", None, deployment, "deployments", "blue")
    assert list(lines(estimate([*pool(instance="small", max=4), *held], "here"))) == [
        "  cost: 0 to 2 USD an hour, 0 to 1460 a month, without what has no known price",
        "    machines in here, from the fewest to the most; storage and requests come on top",
        "    prices: the list, 2026-07",
        "    not in it: endpoints.it.deployments.blue, 1 x rare: no list price is known in here",
    ]
    assert next(iter(lines(estimate(held, "here")))) == "  cost: not known"
    assert list(lines(Cost("here"))) == [
        "  cost: no machine of its own; storage and requests cost what they cost"
    ]
    assert list(lines(None)) == ["  cost: this target has no price list"]
