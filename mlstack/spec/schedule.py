"""Schedules: what starts a pipeline."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mlstack.spec.base import Resource, exactly_one
from mlstack.spec.cron import Cron
from mlstack.spec.faults import fault, shown
from mlstack.spec.references import PipelineRef, Ref
from mlstack.spec.units import Period


def _check_zone(value: str) -> str:
    known = zoneinfo.available_timezones()
    if value in known or not known:
        return value
    raise fault(
        "bad-timezone", f"{shown(value)} is no time zone", "write its IANA name, such as Europe/Berlin"
    )


class Schedule(Resource):
    """Starts a pipeline at set times, or on an event: exactly one of `cron`, `every`, `on`."""

    cron: Cron | None = Field(
        default=None,
        description='When, as five cron fields: "0 3 * * *" is 3 at night. Left out: `every` or `on` says '
        "when.",
    )
    every: Period | None = Field(
        default=None, description="Time between two starts, such as 6h. Left out: `cron` or `on` says when."
    )
    on: Annotated[str, Ref("monitors", "data")] | None = Field(
        default=None,
        description="The event: monitors.NAME when it passes its threshold, data.NAME when it has a new "
        "version. Left "
        "out: `cron` or `every` says when.",
    )
    timezone: Annotated[str, AfterValidator(_check_zone)] | None = Field(
        default=None,
        description="IANA time zone that `cron` is read in, such as Europe/Berlin. Left out: UTC.",
    )
    pipeline: PipelineRef = Field(description="Name of the pipeline that is started. Required.")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        start = exactly_one(self, ("cron", "every", "on"), "schedule-start", "a schedule")
        if self.timezone is not None and start != "cron":
            raise fault("timezone-without-cron", f"{start} has no use for a time zone", "leave out timezone")
        return self
