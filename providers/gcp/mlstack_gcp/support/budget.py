"""Budget on Google Cloud: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_MONTHS = "Google's budgets begin anew with each month, quarter or year: set per: month"

UNSUPPORTED: Mapping[str, str] = {
    "budget.per=hour": _MONTHS,
    "budget.per=day": _MONTHS,
    "budget.per=total": _MONTHS,
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
