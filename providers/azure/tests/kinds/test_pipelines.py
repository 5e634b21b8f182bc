"""Pipelines and schedules: components, order, triggers."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml._utils.utils import is_valid_node_name
from azure.ai.ml.constants import TimeZone
from mlstack_azure.timezones import BY_IANA

from providers.azure.tests.kinds.front import Make, Sent

JOBS = """
jobs:
  prepare:
    command: python p.py --in ${{inputs.raw}} --out ${{outputs.clean}}
    code: src
    environment: sk
    compute: pool
    inputs: {raw: data.rows}
    outputs: {clean: {type: folder}}
  train:
    command: python t.py --in ${{inputs.data}} --c ${{inputs.c}}
    code: src
    environment: sk
    compute: pool
    inputs: {data: data.rows, c: {value: 1.5}}
    timeout: 1h
    nodes: 2
    env: {A: b}
  report: {command: python r.py, environment: sk, compute: pool}
pipelines:
  retrain:
    steps:
      prepare: {job: prepare}
      train: {job: train, inputs: {data: steps.prepare.clean}}
      report: {job: report, needs: [train, prepare]}
"""


def nodes(sent: Sent) -> dict[str, Any]:
    held: dict[str, Any] = sent.properties("ComponentVersion", "retrain")["componentSpec"]["jobs"]
    return held


def component(sent: Sent, step: str) -> dict[str, Any]:
    held: dict[str, Any] = sent.properties("ComponentVersion", f"retrain-{step}")["componentSpec"]
    return held


def test_each_step_is_a_component(make: Make) -> None:
    sent = make(JOBS)
    assert sent.names("ComponentVersion") == [
        "retrain",
        "retrain-prepare",
        "retrain-report",
        "retrain-train",
    ]
    prepare = component(sent, "prepare")
    assert prepare["command"] == "python p.py --in ${{inputs.raw}} --out ${{outputs.clean}}"
    assert prepare["inputs"] == {"raw": {"type": "uri_file"}}
    assert prepare["outputs"] == {"clean": {"type": "uri_folder"}}
    assert prepare["is_deterministic"] is False


def test_what_flows_between_steps(make: Make) -> None:
    sent = make(JOBS)
    train = nodes(sent)["train"]
    assert train["inputs"] == {
        "data": {"value": "${{parent.jobs.prepare.outputs.clean}}", "job_input_type": "literal"},
        "c": {"value": "1.5", "job_input_type": "literal"},
    }
    assert component(sent, "train")["inputs"] == {"data": {"type": "uri_folder"}, "c": {"type": "number"}}
    assert train["limits"] == {"timeout": "PT1H", "job_limits_type": "Command"}
    assert train["resources"]["instance_count"] == 2
    assert train["environment_variables"] == {"A": "b"}


def test_a_step_that_only_comes_after_another_takes_an_output_of_it(make: Make) -> None:
    sent = make(JOBS)
    assert nodes(sent)["report"]["inputs"] == {
        "mlstack_after_train": {
            "value": "${{parent.jobs.train.outputs.mlstack_done}}",
            "job_input_type": "literal",
        },
        "mlstack_after_prepare": {
            "value": "${{parent.jobs.prepare.outputs.clean}}",
            "job_input_type": "literal",
        },
    }
    assert component(sent, "train")["outputs"] == {"mlstack_done": {"type": "uri_folder"}}
    assert component(sent, "report")["outputs"] == {}


def test_names_are_identifiers_as_the_platform_wants_them(make: Make) -> None:
    steps = JOBS.replace("prepare: {job: prepare}", "get-ready: {job: prepare}")
    sent = make(
        steps.replace("steps.prepare.clean", "steps.get-ready.clean").replace("prepare]", "get-ready]")
    )
    made = nodes(sent)
    assert set(made) == {"get_ready", "train", "report"}
    assert made["train"]["inputs"]["data"]["value"] == "${{parent.jobs.get_ready.outputs.clean}}"
    assert "mlstack_after_get_ready" in made["report"]["inputs"]
    names = [
        sent.resource("ComponentVersion", each).inputs["name"] for each in sent.names("ComponentVersion")
    ]
    assert all(is_valid_node_name(name) for name in names), names


def test_retries_are_warned_of(make: Make) -> None:
    sent = make(JOBS.replace("timeout: 1h", "retries: 2"))
    assert "pipelines.retrain.steps.train.job" in sent.warnings


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        (
            'cron: "0 3 * * 1-5", timezone: Europe/Berlin',
            {
                "triggerType": "Cron",
                "expression": "0 3 * * 1-5",
                "timeZone": "W. Europe Standard Time",
            },
        ),
        ('cron: "30 4 * * *"', {"triggerType": "Cron", "expression": "30 4 * * *", "timeZone": "UTC"}),
        (
            "every: 2d",
            {"triggerType": "Recurrence", "frequency": "Day", "interval": 2, "timeZone": "UTC"},
        ),
    ],
)
def test_a_schedule_starts_the_pipelines_component(make: Make, text: str, trigger: dict[str, Any]) -> None:
    sent = make(JOBS + "schedules: {nightly: {pipeline: retrain, @}}".replace("@", text))
    schedule = sent.resource("Schedule", "nightly")
    assert schedule.inputs["properties"]["trigger"] == trigger
    action = schedule.inputs["properties"]["action"]
    assert (action["actionType"], action["jobDefinition"]["jobType"]) == ("CreateJob", "Pipeline")
    assert sent.resource("ComponentVersion", "retrain").urn in schedule.origins["properties"]


def test_zones_are_those_that_the_platform_knows() -> None:
    assert set(BY_IANA.values()) <= {zone.value for zone in TimeZone}
