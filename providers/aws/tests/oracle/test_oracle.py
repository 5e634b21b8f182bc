"""What an AWS account holds when a spec is up, read by boto3, is what AWS's reference says of the spec."""

from __future__ import annotations

import pytest

from tests.changes.fields import built
from tests.oracle.compare import Table

from .allowances import ALLOWANCES
from .cases import Case, cases
from .coverage import OUTSIDE, covered
from .judge import compared
from .stage import Ground, bring_up

#: Case -> what it waits for: its test is expected to fail, strictly.
PENDING: dict[str, str] = {
    "online-asleep-on-accelerators": "moto's autoscaling knows no copies of inference components",
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=PENDING[case.name], strict=True)] if case.name in PENDING else [],
        )
        for case in cases()
    ],
)
def test_the_account_holds_what_the_spec_says(case: Case, ground: Ground, table: Table) -> None:
    found = compared(case, bring_up(ground, case).made, table)
    assert not found, "\n".join(["", *found])


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= 40


def test_every_allowance_is_needed(table: Table, request: pytest.FixtureRequest) -> None:
    """Of a run of all cases."""
    ran = [item for item in request.session.items if item.path == request.path]
    if len(ran) < len(cases()):
        pytest.skip("only some of the cases ran")
    unused = [allowance for allowance in ALLOWANCES if allowance not in table.needed]
    assert not unused, "\n".join(f"{each.kind} {each.path}: {each.why}" for each in unused)


def test_every_field_that_is_built_is_covered() -> None:
    missing = built("aws") - covered() - OUTSIDE.keys()
    assert not missing, f"built, and in no case: {sorted(missing)}"
