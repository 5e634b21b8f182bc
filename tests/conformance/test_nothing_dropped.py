"""Nothing of a spec is dropped in silence, whatever the value.

The conformance suite tries one value for each field. Here Hypothesis draws values, two at a time: each is
accounted for, and the two are told apart. A builder that hard-codes, rounds away or cuts off a value is
found by the latter.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlstack.provider import Provider
from mlstack.registry import provider
from mlstack.spec import Stack
from mlstack.testing import accounts
from mlstack.testing.cases import all_fields, case
from mlstack.testing.fields import SpecField
from tests.conformance.values import values

TARGETS = tuple(provider(name) for name in ("local", "azure", "aws", "gcp", "kubernetes"))
#: Not drawn, by target and field (its name, or its path), and why. The conformance suite tries one value.
CHOOSING = "two values may choose the same machine of the catalogue"
LOOKED_UP = "what it names is a part of ids that only the apply can tell; the oracle compares them"
NAMED_BY = "jobs and deployments name it; for the resource itself it makes nothing"
NO_TEXT = dict.fromkeys(
    ("slack", "teams", "pagerduty", "apprise", "when"), "of all drawn texts the spec takes none"
)
UNDRAWN: Mapping[str, Mapping[str, str]] = {
    "local": NO_TEXT,
    "azure": {
        **NO_TEXT,
        **dict.fromkeys(("cpus", "memory", "gpu", "disk", "max_price"), CHOOSING),
        **dict.fromkeys(("existing", "registry", "keyvault"), LOOKED_UP),
    },
    "aws": {
        **NO_TEXT,
        **dict.fromkeys(("cpus", "memory", "gpu", "max_price"), CHOOSING),
        "environments.existing": NO_TEXT["slack"],
        "monitors.features": "names columns of the baseline, and no other text is taken",
    },
    "gcp": {
        **NO_TEXT,
        **dict.fromkeys(("cpus", "memory", "gpu", "max_price"), CHOOSING),
        **dict.fromkeys(
            ("workspace.identity", "environments.existing", "environments.image", "models.registry"), NAMED_BY
        ),
    },
    "kubernetes": {
        **NO_TEXT,
        **dict.fromkeys(("cpus", "memory", "gpu", "max_price"), CHOOSING),
        **dict.fromkeys(("workspace.identity", "workspace.storage"), NAMED_BY),
    },
}
OPEN = {
    target.name: [
        pytest.param(target, field, id=f"{target.name}-{field}")
        for field in all_fields(target)
        if values(field) is not None and not {field.name, str(field)} & UNDRAWN[target.name].keys()
    ]
    for target in TARGETS
}
#: All workers of a run have to draw the same; another day draws others.
SEED = os.environ.get("MLSTACK_SEED") or date.today().isoformat()
#: Of each target; where a build takes longer, fewer.
DRAWN = {"local": 24, "azure": 3, "aws": 3, "gcp": 3, "kubernetes": 3}


@pytest.mark.parametrize(
    ("target", "field"),
    [
        each
        for name, count in DRAWN.items()
        for each in random.Random(f"{SEED} {name}").sample(OPEN[name], count)
    ],
)
def test_drawn_fields(target: Provider, field: SpecField) -> None:
    check(target, field, examples=3)


@pytest.mark.soak
@pytest.mark.parametrize(("target", "field"), [each for held in OPEN.values() for each in held])
def test_every_field(target: Provider, field: SpecField) -> None:
    check(target, field, examples=25)


def check(target: Provider, field: SpecField, examples: int) -> None:
    strategy = values(field)
    assert strategy is not None
    tried = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        @seed(SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=HealthCheck,
            phases=[Phase.generate],
        )
        @given(st.tuples(strategy, strategy))
        def holds(pair: tuple[Any, Any]) -> None:
            nonlocal tried
            stacks = [parsed(target, field, value) for value in pair]
            assume(None not in stacks and stacks[0] != stacks[1])
            tried += 1
            assert list(accounts.accounted(target, field, root, pair[0])) == []
            assert list(accounts.told_apart(target, field, *pair, root)) == []

        holds()
    assert tried, "no two values that the spec takes were drawn"


def parsed(target: Provider, field: SpecField, value: Any) -> dict[str, Any] | None:
    """The stack that has the value, None where the spec refuses it, or it is what leaving out gives."""
    tried = case(target, field)
    try:
        given, without = (
            Stack.model_validate(data).model_dump() for data in (tried.with_value(value), tried.without)
        )
    except ValidationError:
        return None
    return None if given == without else given
