"""What mlstack sends to Azure ML is, field by field, what Azure's own client sends for the equivalent
YAML."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mlstack.registry import provider
from tests.oracle.compare import Table
from tests.oracle.mutation import Steps, lines, without

from . import approved
from .allowances import ALLOWANCES
from .cases import Case, Pair, cases
from .coverage import OUTSIDE, built, covered
from .judge import compared, sent_for

ALL = cases()
PAIRS = [(case, pair) for case in ALL for pair in case.pairs]
#: Case -> what it waits for: its test is expected to fail, strictly.
PENDING: dict[str, str] = {}
#: Places whose values are names and ids that mlstack makes up, or machines that the catalogue chooses.
NAMES = (
    r"(Id|codeId|\.code|[uU]ri|storageAccount|keyVault|applicationInsights|userAssignedIdentity|instanceType"
    r"|image|properties\.model|environmentVariables\.\w+)$"
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=PENDING[case.name], strict=True)] if case.name in PENDING else [],
        )
        for case in ALL
    ],
)
def test_the_bodies_are_the_same(case: Case) -> None:
    table = Table(ALLOWANCES)
    found = [f"{pair.of}: {each}" for pair in case.pairs for each in compared(case, pair, table)]
    assert not found, "\n".join(["", *found])


def test_there_are_enough_cases() -> None:
    assert len(ALL) >= 60


def test_every_allowance_is_needed() -> None:
    table = Table(ALLOWANCES)
    for case in ALL:
        for pair in case.pairs:
            compared(case, pair, table)
    unused = [allowance for allowance in ALLOWANCES if allowance not in table.needed]
    assert not unused, "\n".join(f"{each.kind} {each.path}: {each.why}" for each in unused)


def test_what_documents_take_from_our_bodies_are_ids() -> None:
    """A document takes only names of other resources from what mlstack sends, never a value that it
    judges."""
    places = {
        found[1]
        for case in ALL
        for pair in case.pairs
        for found in re.finditer(r"<<ours:([^<>]+)>>", repr(pair.yaml))
    }
    for place in places:
        assert re.search(NAMES, place), place


def test_every_field_that_is_built_is_covered() -> None:
    held = covered()
    missing = [path for path in built(provider("azure")) if path not in held]
    assert not missing, f"built, and in no case: {missing}"


def test_what_is_outside_is_of_the_spec() -> None:
    from mlstack.testing.cases import find

    assert [path for path in OUTSIDE if find(path) is None] == []


def test_what_azure_ai_ml_does_not_know_is_as_approved() -> None:
    approved.check("outside", approved.outside({case: sent_for(case) for case in ALL}))


def test_what_differs_is_as_approved() -> None:
    table = Table(ALLOWANCES)
    for case, pair in PAIRS:
        compared(case, pair, table)
    approved.check("differences", approved.differences(table.listed))


def test_no_line_of_a_mapping_can_be_dropped() -> None:
    """Without any one property that the cases send, a body differs, or the approved list of what may differ.
    Properties of what azure-ai-ml does not know are lines of the approved file."""
    drops = lines([sent_for(case).resource(pair) for case, pair in PAIRS])
    before = [_allowed(case, pair) for case, pair in PAIRS]
    outside = lines(approved.outside_resources({case: sent_for(case) for case in ALL}))
    unnoticed = [which for which, at in drops.items() if not _is_noticed(at, before)]
    print(
        f"{len(drops)} properties of {len({each.type for each in drops})} types, {len(unnoticed)} unnoticed; "
        f"{len(outside)} of what azure-ai-ml does not know"
    )
    assert not unnoticed, "\n".join(["", *(f"{each.type} {each.path}" for each in unnoticed)])


Listed = set[tuple[str, str, str]]


def _is_noticed(at: dict[int, list[Steps]], before: list[Listed]) -> bool:
    """Whether a test fails when the property is dropped wherever it is: ``at``, by the pair's number."""
    after = list(before)
    for number, places in at.items():
        case, pair = PAIRS[number]
        resource = sent_for(case).resource(pair)
        inputs = resource.inputs
        for steps in places:
            inputs = without(inputs, steps)
        table = Table(ALLOWANCES)
        if case.name not in PENDING and compared(case, pair, table, replace(resource, inputs=inputs)):
            return True
        after[number] = table.listed
    return set().union(*after) != set().union(*before)


def _allowed(case: Case, pair: Pair) -> Listed:
    table = Table(ALLOWANCES)
    compared(case, pair, table)
    return table.listed
