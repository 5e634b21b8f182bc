"""What mlstack sends to Azure ML is, field by field, what Azure's own client sends for the equivalent
YAML."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest

from mlstack.registry import provider

from . import approved
from .allowances import ALLOWANCES
from .cases import FILES, Case, cases
from .compare import Table
from .coverage import OUTSIDE, built, covered
from .judge import compared, sent_for
from .mutation import Line, line, properties, without

ALL = cases()


@pytest.mark.parametrize("case", ALL, ids=str)
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
        assert re.search(r"(Id|ID|code|uri|Uri|Account|keyVault|Insights|Registry|Identity|instanceType|image"
                         r"|HF_TOKEN|keyVaultArmId)$", place), place  # fmt: skip


def test_every_field_that_is_built_is_covered() -> None:
    held = {path for case in ALL for path in covered(case, FILES)}
    missing = [path for path in built(provider("azure")) if path not in held]
    assert not missing, f"built, and in no case: {missing}"


def test_what_is_outside_is_of_the_spec() -> None:
    from mlstack.testing.cases import find

    assert [path for path in OUTSIDE if find(path) is None] == []


def test_what_azure_ai_ml_does_not_know_is_as_approved() -> None:
    text = approved.text(approved.outside({case: sent_for(case) for case in ALL}))
    if os.environ.get("MLSTACK_APPROVE"):
        approved.FILE.write_text(text)
    assert text == approved.FILE.read_text(), (
        "look at the change, then MLSTACK_APPROVE=1 writes the file anew"
    )


def test_no_line_of_a_mapping_can_be_dropped() -> None:
    """Without any one property that a case sends, some comparison fails. Those of resources that azure-ai-ml
    does not know are in the approved files, where each property is a line."""
    table = Table(ALLOWANCES)
    noticed: dict[Line, bool] = {}
    for case in ALL:
        for pair in case.pairs:
            resource = sent_for(case).resource(pair)
            for steps in properties(resource.inputs):
                which = line(resource.type, steps)
                if not noticed.get(which):
                    changed = replace(resource, inputs=without(resource.inputs, steps))
                    noticed[which] = bool(compared(case, pair, table, changed))
    unnoticed = sorted(f"{each.type} {each.path}" for each, found in noticed.items() if not found)
    print(
        f"{len(noticed)} properties of {len({each.type for each in noticed})} types; unnoticed: {unnoticed}"
    )
    assert not unnoticed
