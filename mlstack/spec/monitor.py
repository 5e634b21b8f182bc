"""Monitors: a signal of an endpoint that is measured, and a threshold that calls for somebody."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    StrictInt,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from mlstack.spec.base import Resource
from mlstack.spec.deployment import Code
from mlstack.spec.faults import fault, shown
from mlstack.spec.numbers import Fraction, parse_fraction
from mlstack.spec.references import EndpointRef, NotificationRef, Ref
from mlstack.spec.units import Duration, Money, Period

Signal: TypeAlias = Literal[
    "data-drift", "prediction-drift", "data-quality", "feature-attribution", "latency", "errors", "cost",
    "custom",
]  # fmt: skip
Metric: TypeAlias = Literal[
    "psi", "ks", "chi-square", "jensen-shannon", "wasserstein",
    "null-rate", "type-error-rate", "out-of-bounds-rate", "ndcg",
]  # fmt: skip

METRICS: dict[str, tuple[Metric, ...]] = {
    "data-drift": ("psi", "ks", "chi-square", "jensen-shannon", "wasserstein"),
    "prediction-drift": ("psi", "ks", "chi-square", "jensen-shannon", "wasserstein"),
    "data-quality": ("null-rate", "type-error-rate", "out-of-bounds-rate"),
    "feature-attribution": ("ndcg",),
}
"""The metrics of each signal that compares with a baseline, the usual one first."""


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return value
    raise fault(
        "bad-threshold", f"{shown(value)} is no threshold of a distance", "write a number such as 0.2"
    )


def _parse(signal: str, value: Any) -> float | Money:
    if signal == "latency":
        return Duration.parse(value)
    if signal == "errors":
        return parse_fraction(value)
    return Money.parse(value) if signal == "cost" else _number(value)


class _Any:
    """A threshold before its signal is known: any of the forms."""

    word = "number, duration, percentage or money"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        number, text = core_schema.float_schema(ge=0), core_schema.str_schema()
        return core_schema.no_info_plain_validator_function(
            lambda value: value,
            json_schema_input_schema=core_schema.union_schema([number, text]),
            serialization=core_schema.plain_serializer_function_ser_schema(_dump),
        )


def _dump(value: Any) -> Any:
    return str(value) if isinstance(value, Duration | Money) else value


class Monitor(Resource):
    """What is watched at one endpoint, how often, and who is told."""

    endpoint: EndpointRef = Field(description="Name of the endpoint. Required.")
    signal: Signal = Field(description="What is watched. Required.")
    threshold: Annotated[float | Duration | Money, _Any()] = Field(
        description="Where it begins to matter: a duration for latency (200ms), a fraction or percentage "
        "for errors "
        "(5%), money for cost, a number for all else. Required.",
    )
    baseline: Annotated[str, Ref("data", "jobs")] | None = Field(
        default=None,
        description="What production is compared with: data.NAME or jobs.NAME.OUTPUT; needed for drift, "
        "quality and "
        "attribution. Left out: nothing to compare with.",
    )
    metric: Metric | None = Field(
        default=None,
        description="How the difference is measured. Left out: psi for drift, null-rate for quality, ndcg "
        "for attribution.",
    )
    features: list[str] | None = Field(
        default=None, description="The columns that are watched. Left out: all that the baseline has."
    )
    quantile: Fraction | None = Field(
        default=None, description="For latency: which quantile. Left out: 0.95."
    )
    code: Code | None = Field(
        default=None,
        description="For custom: the script whose function `measure(requests, baseline)` returns a number. "
        "Left out: the signal has a measure of its own.",
    )
    every: Period | None = Field(
        default=None,
        description="Time between two readings. Left out: 5m for latency and errors, 1d for cost, else 1h.",
    )
    window: Period | None = Field(
        default=None,
        description="How far back a reading looks. Left out: to the last reading.",
    )
    min_samples: StrictInt | None = Field(
        default=None,
        ge=1,
        description="Requests, or rows of them, that a reading needs; with fewer it says so, and alerts "
        "nobody. Left out: the target's usual.",
    )
    notify: list[NotificationRef] = Field(
        default_factory=list,
        description="Names of the notifications that are sent. Left out: it is only recorded.",
    )

    @field_validator("threshold", mode="before")
    @classmethod
    def _by_signal(cls, value: Any, info: ValidationInfo) -> Any:
        signal = info.data.get("signal")
        return _parse(signal, value) if signal else value

    @model_validator(mode="after")
    def _fits_signal(self) -> Self:
        metrics = METRICS.get(self.signal, ())
        if metrics and self.baseline is None:
            raise fault(
                "baseline-missing",
                f"{self.signal} compares with a baseline, and there is none",
                "add baseline: data.NAME",
            )
        custom = self.signal == "custom"
        if custom and self.code is None:
            raise fault(
                "code-missing",
                "a custom signal is measured by code of one's own, and there is none",
                "add code: {dir: FOLDER, script: FILE}",
            )
        strange = [] if metrics else self.given(("metric",) if custom else ("baseline", "metric", "features"))
        if not custom:
            strange += self.given(("code",))
        if self.signal != "latency":
            strange += self.given(("quantile",))
        if strange:
            raise fault(
                "signal-excludes",
                f"{self.signal} has no use for {' and '.join(strange)}",
                f"leave out {', '.join(strange)}",
            )
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise fault(
                "bad-quantile", f"{self.quantile} is no quantile", "write a number between 0 and 1: 0.95"
            )
        if self.metric is not None and self.metric not in metrics:
            raise fault(
                "bad-metric",
                f"{self.metric} does not measure {self.signal}",
                f"choose one of {', '.join(metrics)}",
            )
        return self

    @property
    def interval(self) -> Duration:
        """Time between two readings, with the usual one filled in."""
        usual = {"latency": "5m", "errors": "5m", "cost": "1d"}.get(self.signal, "1h")
        return self.every or Duration.parse(usual)
