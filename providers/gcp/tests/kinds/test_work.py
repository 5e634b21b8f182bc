"""What jobs, pipelines, schedules, computes, notifications and a budget are to Google Cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.cloud.aiplatform_v1.types import CustomJob, PipelineJob
from mlstack_gcp.pipelines import Definition, pipeline_job, pipeline_spec

from providers.gcp.tests.kinds.lower import Lower, Refused

JOBS = """
jobs:
  prepare: {command: "cp ${{inputs.raw}} ${{outputs.clean}}/", inputs: {raw: data.rows}, outputs: {clean: {}}}
  train:
    command: python train.py --c ${{inputs.c}} --out "${{outputs.model}}"
    compute: pool
    inputs: {c: {value: 1.0}}
    outputs: {model: {type: folder}}
    env: {LEVEL: info}
    secrets: {TOKEN: token}
    timeout: 2h
    nodes: 3
data: {rows: {path: data/rows.csv, type: file}}
secrets: {token: {env: A_TOKEN}}
compute: {pool: {instance: n2-standard-8, spot: true, disk: 200}}
"""


def test_a_job_takes_the_machine_of_its_compute(lower: Lower) -> None:
    sent = lower(JOBS)
    job = sent.inputs("Job", "train")
    assert job["location"] == "europe-west4"
    assert job["wait"] is False
    runs = job["job"]["runs"]
    assert {key: runs[key] for key in ("machine", "spot", "disk", "timeout")} == {
        "machine": "n2-standard-8",
        "spot": True,
        "disk": 200,
        "timeout": 7200.0,
    }
    assert job["job"]["inputs"] == {"c": {"value": "1.0"}}
    assert "c4n4ry" not in json.dumps(job, default=str)
    assert sent.output("Compute", "pool")["instance"] == "n2-standard-8"
    assert sent.names("AiPersistentResource") == []


def test_a_pool_that_is_kept_is_a_persistent_resource(lower: Lower) -> None:
    sent = lower(
        "compute: {pool: {instance: n2-standard-8, min: 1, max: 4}}\njobs: {one: {command: x, compute: pool}}"
    )
    [name] = sent.names("AiPersistentResource")
    [pool] = sent.inputs("AiPersistentResource", name)["resourcePools"]
    assert pool["machineSpec"] == {"machineType": "n2-standard-8"}
    assert (pool["replicaCount"], pool["autoscalingSpec"]["maxReplicaCount"]) == ("1", "4")
    assert sent.inputs("Job", "one")["job"]["runs"]["pool"]


def test_a_pipeline_is_custom_jobs_that_hand_on_places(lower: Lower, root: Path) -> None:
    pipelines = """
pipelines:
  retrain:
    steps:
      prepare: {job: prepare}
      train: {job: train, needs: [prepare], inputs: {c: steps.prepare.clean}}
schedules: {nightly: {cron: "0 3 * * *", timezone: Europe/Berlin, pipeline: retrain}}
"""
    sent = lower(JOBS + pipelines)
    schedule = sent.inputs("PipelineSchedule", "nightly")
    assert schedule["cron"] == "TZ=Europe/Berlin 0 3 * * *"


def _definition() -> Definition:
    runs = {"machine": "n2-standard-4", "service_account": "worker@x", "spot": True}
    clean = {"command": "cp a ${{outputs.clean}}", "image": "i", "outputs": {"clean": {}}, "runs": runs}
    train = {"command": 'run "${{inputs.data}}"', "image": "i", "runs": runs}
    return Definition.model_validate(
        {
            "name": "retrain",
            "project": "p",
            "location": "l",
            "place": "gs://b/pipelines",
            "steps": {
                "prepare": {"job": clean},
                "train": {"job": train, "flows": {"data": ("prepare", "clean")}, "retries": 2},
            },
        }
    )


def test_the_body_of_a_step_is_that_of_a_job() -> None:
    definition = _definition()
    spec = pipeline_spec(definition)
    tasks = spec["root"]["dag"]["tasks"]
    assert tasks["train"]["dependentTasks"] == ["prepare"]
    assert tasks["train"]["retryPolicy"]["maxRetryCount"] == 2
    arguments = spec["deploymentSpec"]["executors"]["exec-train"]["container"]["args"]
    payload = json.loads(arguments[arguments.index("--payload") + 1])
    body = CustomJob(payload)
    assert body.job_spec.scheduling.strategy.name == "SPOT"
    script = body.job_spec.worker_pool_specs[0].container_spec.args[0]
    assert 'run "/gcs/b/pipelines/retrain/{{$.pipeline_job_uuid}}/prepare/clean"' in script
    PipelineJob(pipeline_job(spec, definition, {"a": "b"}))


def test_a_channel_and_a_budget(lower: Lower) -> None:
    sent = lower("notifications: {oncall: {email: ml@example.com}}\nbudget: {amount: 99.5, currency: EUR}")
    channel = sent.inputs("NotificationChannel", "oncall")
    assert (channel["type"], channel["labels"]) == ("email", {"email_address": "ml@example.com"})
    [name] = sent.names("Budget")
    amount = sent.inputs("Budget", name)["amount"]["specifiedAmount"]
    assert amount == {"currencyCode": "EUR", "units": "99", "nanos": 500_000_000}
    assert "budget.default.currency" in sent.warnings or any("currency" in key for key in sent.warnings)


def test_what_the_platform_has_not_is_refused(refusals: Refused) -> None:
    told = refusals(
        """
jobs: {one: {command: x, outputs: {o: {path: "s3://b/o"}}}}
compute: {kept: {min: 1, spot: true}}
pipelines: {p: {steps: {first: {job: one}}}}
schedules: {odd: {every: 7h, pipeline: p}}
"""
    )
    assert set(told) >= {"jobs.one.outputs.o.path", "compute.kept.spot", "schedules.odd.every"}


@pytest.mark.parametrize("asked", ["{}", "{size: cpu-s}", "{cpus: 2}", "{cpus: 1, memory: 2}"])
def test_a_job_takes_a_machine_that_trains(lower: Lower, asked: str) -> None:
    sent = lower(
        "environments: {sk: {packages: [six==1.17.0]}}\n"
        f"compute: {{own: {asked}}}\n"
        "jobs:\n"
        "  train: {command: make, environment: sk, compute: own}\n"
        "  plain: {command: make, environment: sk}\n"
    )
    machines = [sent.inputs("Job", name)["job"]["runs"]["machine"] for name in ("train", "plain")]
    assert machines == ["e2-standard-4", "e2-standard-4"]


def test_machines_that_cannot_be_asked_for_are_refused(refusals: Refused) -> None:
    told = refusals(
        "compute: {small: {instance: e2-standard-2}, odd: {instance: n1-standard-8+2t4}}\n"
        "models: {net: {path: files/net, flavor: sklearn}}\n"
        "endpoints: {ask: {deployments: {main: {model: net, instance: n1-standard-8+x4, traffic: 100}}}}\n"
    )
    assert {
        "compute.small.instance",
        "compute.odd.instance",
        "endpoints.ask.deployments.main.instance",
    } <= set(told)
