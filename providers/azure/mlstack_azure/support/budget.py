"""Budget on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.support.common import Refusal

_MONTHS = "Azure's budgets begin anew with each month, quarter or year: set per: month"

UNSUPPORTED: Mapping[str, str] = {
    "budget.per=hour": _MONTHS,
    "budget.per=day": _MONTHS,
    "budget.per=total": _MONTHS,
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
