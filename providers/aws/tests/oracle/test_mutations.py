"""No property that builders register can be dropped without a case of the oracle that fails, but for those
that are listed with the reason why nobody sees them."""

from __future__ import annotations

import pytest

from tests.oracle.compare import Table
from tests.oracle.mutation import Line

from .allowances import ALLOWANCES
from .cases import Case, cases
from .mutate import unnoticed
from .stage import Ground
from .unseen import why_unseen

#: Lines that a case of this run has noticed: they are not dropped again.
_NOTICED: set[Line] = set()
#: The cases whose properties are dropped: of endpoints, jobs and secrets.
TRIED = ("online-", "jobs-", "batch-", "watching-secrets")
CASES = [
    case for case in cases() if case.name.startswith(TRIED) and case.name != "online-asleep-on-accelerators"
]


@pytest.mark.drawn(of=12)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_property_can_be_dropped(case: Case, ground: Ground) -> None:
    tried, missed = unnoticed(ground, case, Table(ALLOWANCES), _NOTICED)
    _NOTICED.update(tried - missed)
    unexplained = [f"{each.type} {each.path}" for each in missed if why_unseen(each) is None]
    print(f"{len(tried)} properties dropped, {len(missed)} unnoticed")
    assert not unexplained, "\n".join(["", *sorted(unexplained)])
