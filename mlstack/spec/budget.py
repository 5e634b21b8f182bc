"""The budget: what a stack may cost."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mlstack.spec.base import Resource
from mlstack.spec.faults import fault, shown
from mlstack.spec.numbers import Positive

_CODE = "^[A-Z]{3}$"


def _check_currency(value: str) -> str:
    if re.fullmatch(_CODE, value):
        return value
    raise fault(
        "bad-currency",
        f"{shown(value)} is no currency's code",
        "write its three letters as in ISO 4217, in capitals: USD, EUR, GBP, JPY …",
    )


class Budget(Resource):
    """The most that the whole stack may cost; a preview that comes to more is refused."""

    amount: Positive = Field(description="How much. Required.")
    currency: Annotated[str, AfterValidator(_check_currency), Field(json_schema_extra={"pattern": _CODE})] = (
        Field(description="ISO code of the currency, such as EUR. Required.")
    )
    per: Literal["hour", "day", "month", "total"] = Field(
        default="month", description="The time that the amount is for. Left out: month."
    )
