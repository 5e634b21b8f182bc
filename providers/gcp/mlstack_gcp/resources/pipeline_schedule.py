"""``mlstack:gcp:PipelineSchedule``: a schedule of Vertex AI that starts a pipeline at set times."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State
from mlstack_gcp import cloud
from mlstack_gcp.resources import listed

_MASK = "cron,create_pipeline_job_request,max_concurrent_run_count"


class ScheduleInputs(Inputs):
    """``cron`` with its time zone ("TZ=UTC 0 3 * * *"); ``pipeline_job`` is the message PipelineJob, as JSON
    with the message's own names. ``labels`` are put on the runs."""

    project: str
    location: str
    display_name: str
    cron: str
    pipeline_job: str
    labels: dict[str, str] = Field(default_factory=dict)


class PipelineSchedule(Resource[ScheduleInputs]):
    """Outputs: ``schedule``, its full name. A run that has begun goes on when the schedule goes."""

    Inputs = ScheduleInputs
    replace_on = frozenset({"project", "location", "display_name"})

    def check(self, context: Context, inputs: ScheduleInputs) -> None:
        try:
            json.loads(inputs.pipeline_job)
        except ValueError as error:
            raise InputProblem("pipeline_job", f"is no JSON: {error}") from None

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"schedule": old.outputs["schedule"] if old is not None else UNKNOWN}

    def create(self, context: Context, inputs: ScheduleInputs) -> State:
        with cloud.present():
            found = _named(inputs.project, inputs.location, inputs.display_name)
            if found is not None:
                name = str(found.name)
                _change(name, inputs)
            else:
                where = listed.parent(inputs.project, inputs.location)
                with cloud.told(f"{where}/schedules"):
                    client = cloud.client("Schedule", inputs.location)
                    name = str(client.create_schedule(parent=where, schedule=_body(inputs)).name)
        return State(name, inputs.model_dump(), {"schedule": name})

    def read(self, context: Context, state: State) -> State | None:
        client = cloud.client("Schedule", state.id.split("/")[3])
        with cloud.present():
            found = listed.get(lambda: client.get_schedule(name=state.id), state.id)
        if found is None:
            return None
        inputs = dict(state.inputs) or _inputs(found)
        return State(state.id, {**inputs, "cron": found.cron}, {"schedule": state.id})

    def update(self, context: Context, state: State, inputs: ScheduleInputs) -> Properties:
        with cloud.present():
            _change(state.id, inputs)
        return {"schedule": state.id}

    def delete(self, context: Context, state: State) -> None:
        client = cloud.client("Schedule", state.id.split("/")[3])
        with cloud.present():
            operation = listed.get(lambda: client.delete_schedule(name=state.id), state.id)
            if operation is not None:
                cloud.finish(context, operation, f"the removal of {state.id}")

    def find(self, context: Context, inputs: Properties) -> State | None:
        with cloud.present():
            found = _named(inputs["project"], inputs["location"], inputs["display_name"])
        return None if found is None else State(found.name, inputs, {"schedule": found.name})


def _named(project: str, location: str, display_name: str) -> Any:
    client, where = cloud.client("Schedule", location), listed.parent(project, location)
    return listed.named(
        lambda text: client.list_schedules(request={"parent": where, "filter": text}), display_name, where
    )


def _body(inputs: ScheduleInputs) -> dict[str, Any]:
    job = json.loads(inputs.pipeline_job)
    job["labels"] = {**(job.get("labels") or {}), **inputs.labels}
    where = listed.parent(inputs.project, inputs.location)
    return {
        "display_name": inputs.display_name,
        "cron": inputs.cron,
        "create_pipeline_job_request": {"parent": where, "pipeline_job": job},
        # a run that takes longer than the time to the next is not run into
        "max_concurrent_run_count": 1,
    }


def _change(name: str, inputs: ScheduleInputs) -> None:
    with cloud.told(name):
        cloud.client("Schedule", inputs.location).update_schedule(
            schedule={**_body(inputs), "name": name}, update_mask={"paths": _MASK.split(",")}
        )


def _inputs(found: Any) -> dict[str, Any]:
    _, project, _, location, *_ = found.name.split("/")
    job = type(found.create_pipeline_job_request.pipeline_job).to_dict(
        found.create_pipeline_job_request.pipeline_job,
        use_integers_for_enums=False,
        including_default_value_fields=False,
    )
    return {
        "project": project,
        "location": location,
        "display_name": found.display_name,
        "cron": found.cron,
        "pipeline_job": json.dumps(job, sort_keys=True, indent=1),
        "labels": {},
    }
