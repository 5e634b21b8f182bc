"""A schedule of a pipeline on the emulated cloud: made once, found again, changed in place, removed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.resources.pipeline_schedule import PipelineSchedule, ScheduleInputs

from mlstack.resource import UNKNOWN, Context, InputProblem, ResourceFailed, State
from providers.gcp.tests.emulated import BUCKET, PARENT, PROJECT, REGION

pytestmark = pytest.mark.usefixtures("gcp")

RUN = {
    "display_name": "retrain",
    "pipeline_spec": {
        "schemaVersion": "2.1.0",
        "pipelineInfo": {"name": "retrain"},
        "root": {"dag": {"tasks": {}}},
    },
    "runtime_config": {"gcs_output_directory": f"gs://{BUCKET}/pipelines"},
    "labels": {"team": "vision"},
}
GIVEN: dict[str, Any] = {
    "project": PROJECT,
    "location": REGION,
    "display_name": "nightly-1",
    "cron": "TZ=Europe/Berlin 0 3 * * *",
    "pipeline_job": json.dumps(RUN),
    "labels": {"mlstack-stack": "uid"},
}


def inputs(**changed: Any) -> ScheduleInputs:
    return ScheduleInputs(**{**GIVEN, **changed})


def test_what_is_asked_for(gcp: GcpEmulation, context: Context) -> None:
    state = PipelineSchedule().create(context, inputs())
    held = gcp.cloud.there(state.id)
    assert state.outputs == {"schedule": state.id}
    assert (held["cron"], held["displayName"], held["maxConcurrentRunCount"]) == (
        "TZ=Europe/Berlin 0 3 * * *", "nightly-1", "1",
    )  # fmt: skip
    asked = held["createPipelineJobRequest"]
    assert asked["pipelineJob"]["labels"] == {"team": "vision", "mlstack-stack": "uid"}
    assert asked["pipelineJob"]["pipelineSpec"]["pipelineInfo"] == {"name": "retrain"}


def test_one_whose_answer_was_lost_is_found_and_brought_up_to_date(
    gcp: GcpEmulation, context: Context
) -> None:
    first = PipelineSchedule().create(context, inputs())
    found = PipelineSchedule().find(context, GIVEN)
    assert found is not None
    assert found.id == first.id
    again = PipelineSchedule().create(context, inputs(cron="0 5 * * *"))
    assert again.id == first.id
    assert gcp.cloud.there(first.id)["cron"] == "0 5 * * *"
    assert len(list(gcp.cloud.of("aiplatform:Schedule", f"{PARENT}/schedules/"))) == 1
    assert PipelineSchedule().find(context, {**GIVEN, "display_name": "other"}) is None


def test_time_and_pipeline_change_in_place(gcp: GcpEmulation, context: Context) -> None:
    state = PipelineSchedule().create(context, inputs())
    other = json.dumps({**RUN, "display_name": "other"})
    outputs = PipelineSchedule().update(context, state, inputs(cron="0 6 * * *", pipeline_job=other))
    assert outputs == state.outputs
    held = gcp.cloud.there(state.id)
    assert held["cron"] == "0 6 * * *"
    assert held["createPipelineJobRequest"]["pipelineJob"]["displayName"] == "other"
    assert PipelineSchedule.replace_on == {"project", "location", "display_name"}


def test_a_time_that_somebody_else_has_set_is_seen(gcp: GcpEmulation, context: Context) -> None:
    state = PipelineSchedule().create(context, inputs())
    gcp.cloud.put(state.id, "aiplatform:Schedule", {**gcp.cloud.there(state.id), "cron": "0 9 * * *"})
    read = PipelineSchedule().read(context, state)
    assert read is not None
    assert read.inputs == {**state.inputs, "cron": "0 9 * * *"}


def test_it_is_imported_by_its_name(context: Context) -> None:
    state = PipelineSchedule().create(context, inputs())
    read = PipelineSchedule().read(context, State(state.id, {}, {}))
    assert read is not None
    assert (read.inputs["cron"], read.inputs["display_name"]) == (GIVEN["cron"], "nightly-1")
    assert json.loads(read.inputs["pipeline_job"])["display_name"] == "retrain"


def test_it_is_removed_and_that_twice_is_no_error(context: Context) -> None:
    state = PipelineSchedule().create(context, inputs())
    PipelineSchedule().delete(context, state)
    assert PipelineSchedule().read(context, state) is None
    PipelineSchedule().delete(context, state)


def test_what_is_no_time_is_refused_by_the_platform(context: Context) -> None:
    with pytest.raises(ResourceFailed) as told:
        PipelineSchedule().create(context, inputs(cron="0 44 * * *"))
    assert told.value.category == "user"


def test_a_definition_has_to_be_json(context: Context) -> None:
    with pytest.raises(InputProblem, match="is no JSON"):
        PipelineSchedule().check(context, inputs(pipeline_job="{"))


def test_a_preview_promises_what_is_certain(context: Context) -> None:
    assert PipelineSchedule().preview(context, GIVEN, None) == {"schedule": UNKNOWN}
    state = PipelineSchedule().create(context, inputs())
    assert PipelineSchedule().preview(context, GIVEN, state) == state.outputs
