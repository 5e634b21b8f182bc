"""Budget on AWS: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_TIMES = "AWS's budgets begin anew with each day, month, quarter or year: set per: month or per: day"

UNSUPPORTED: Mapping[str, str] = {"budget.per=hour": _TIMES, "budget.per=total": _TIMES}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
