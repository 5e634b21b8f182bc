"""The budget: what a stack may cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlstack.spec.base import Resource
from mlstack.spec.numbers import Positive


class Budget(Resource):
    """The most that the whole stack may cost; a preview that comes to more is refused."""

    amount: Positive = Field(description="How much. Required.")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        description="ISO code of the currency, such as EUR. Required."
    )
    per: Literal["hour", "day", "month", "total"] = Field(
        default="month", description="The time that the amount is for. Left out: month."
    )
