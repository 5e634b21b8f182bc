"""``mlstack:aws:Job``: one run, found again, tried again, stopped, removed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from mlstack_aws import runs
from mlstack_aws.resources.job import Job, JobInputs

from mlstack import door
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State
from providers.aws.tests.work.sagemaker import ARN, SageMaker, serving

UID = "u" * 12
REQUEST = {
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::123456789012:role/role",
    "InputDataConfig": [
        {
            "ChannelName": "mlstack",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/script/"}},
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/runs", "CompressionType": "NONE"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "Environment": {"MLSTACK_INPUT_c": "1.0"},
    "CheckpointConfig": {"S3Uri": "s3://bucket/checkpoints/{run}"},
}
PROCESSING = {
    "RoleArn": "arn:aws:iam::123456789012:role/role",
    "ProcessingResources": {
        "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    },
    "AppSpecification": {"ImageUri": "image"},
    "ProcessingOutputConfig": {
        "Outputs": [
            {
                "OutputName": "net",
                "S3Output": {"S3Uri": "s3://b/net", "LocalPath": "/opt/x", "S3UploadMode": "EndOfJob"},
            }
        ]
    },
}
GOING, DONE, FAILED = ("InProgress", "Training"), ("Completed", "Completed"), ("Failed", "Failed")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMaker]:
    with serving() as fake:
        monkeypatch.setenv(door.VARIABLE, fake.url)
        yield fake


def inputs(**more: Any) -> JobInputs:
    held: dict[str, Any] = {
        "stack_uid": UID,
        "name": "train",
        "region": "eu-west-1",
        "request": REQUEST,
        "counts": {"command": "a"},
        "outputs": {"net": "folder", "metrics": "file"},
        "tags": {"team": "vision"},
    }
    return JobInputs(**{**held, **more})


def first() -> str:
    return runs.beginning(UID, "train") + runs.mark({"command": "a"})


def test_a_run_is_submitted_and_waited_for(aws: SageMaker, context: Context, lines: list[str]) -> None:
    aws.lives = [[("InProgress", "Starting"), ("InProgress", "Starting"), GOING, DONE]]
    state = Job().create(context, inputs())
    name = first()
    assert state.outputs["run"] == name
    assert len(name) <= 63
    assert state.outputs["status"] == "succeeded"
    assert state.outputs["artifacts"] == {
        "net": {"uri": f"s3://bucket/runs/{name}/output/model/net/", "version": runs.mark({"command": "a"})},
        "metrics": {
            "uri": f"s3://bucket/runs/{name}/output/model/metrics/metrics",
            "version": runs.mark({"command": "a"}),
        },
    }
    assert aws.jobs[name]["CheckpointConfig"] == {"S3Uri": f"s3://bucket/checkpoints/{name}"}
    assert {each["Key"]: each["Value"] for each in aws.tags[f"{ARN}:training-job/{name}"]} == {
        "team": "vision", "mlstack-stack": UID, "mlstack-job": "train",
        "mlstack-fingerprint": runs.mark({"command": "a"}),
    }  # fmt: skip
    assert [line.partition(": ")[2] for line in lines[1:]] == ["Starting", "Training", "Completed"]


def test_a_submit_that_was_killed_is_found(aws: SageMaker, context: Context) -> None:
    aws.lives = [[GOING]]
    Job().create(context, inputs(wait=False))
    assert Job().find(context, inputs().model_dump()) is not None
    again = Job().create(context, inputs(wait=False))
    assert (again.outputs["status"], aws.asked.count("CreateTrainingJob")) == ("running", 1)


def test_a_failure_says_why_and_is_tried_again_by_the_next_up(aws: SageMaker, context: Context) -> None:
    aws.lives, aws.log = [[FAILED]], ["Traceback", "ValueError: no rows"]
    with pytest.raises(ResourceFailed, match=r"(?s)exit code 3.*ValueError: no rows"):
        Job().create(context, inputs())
    assert Job().find(context, inputs().model_dump()) is None
    state = Job().create(context, inputs())
    assert state.outputs["run"] == f"{first()}-r1"
    assert state.outputs["artifacts"]["net"]["version"] != state.outputs["fingerprint"]


def test_retries(aws: SageMaker, context: Context) -> None:
    aws.lives = [[FAILED], [FAILED], [DONE]]
    assert Job().create(context, inputs(retries=2)).outputs["run"] == f"{first()}-r2"


def test_one_that_takes_too_long_has_failed(aws: SageMaker, context: Context) -> None:
    aws.lives = [[("Stopped", "MaxRuntimeExceeded")]]
    with pytest.raises(ResourceFailed, match="longer than its timeout"):
        Job().create(context, inputs())


def test_an_interrupt_stops_it(aws: SageMaker, context: Context) -> None:
    aws.lives = [[GOING]]
    cancelled = threading.Event()
    cancelled.set()
    context = Context(context.root, "urn", "name", cancelled=cancelled)
    with pytest.raises(ResourceFailed, match="was cancelled"):
        Job().create(context, inputs())
    assert "StopTrainingJob" in aws.asked


def test_another_job_ends_the_one_before(aws: SageMaker, context: Context) -> None:
    aws.lives = [[GOING]]
    state = Job().create(context, inputs(wait=False))
    outputs = Job().update(context, state, inputs(counts={"command": "b"}))
    assert (outputs["status"], aws.asked.count("StopTrainingJob")) == ("succeeded", 1)
    same = Job().update(context, State("i", {}, outputs), inputs(counts={"command": "b"}, tags={}))
    assert same["run"] == outputs["run"]


def test_what_is_read(aws: SageMaker, context: Context) -> None:
    aws.lives = [[GOING, GOING, DONE]]
    state = Job().create(context, inputs(wait=False))
    going = Job().read(context, state)
    assert going is not None
    assert going.inputs["wait"] is False
    ended = Job().read(context, state)
    assert ended is not None
    assert ended.outputs["status"] == "succeeded"
    assert ended.inputs["wait"] is False
    imported = Job().read(context, State(ended.outputs["job_id"], {}, {}))
    assert imported is not None
    assert imported.inputs["name"] == "train"
    assert imported.inputs["request"]["RoleArn"] == REQUEST["RoleArn"]
    assert imported.outputs["fingerprint"] == state.outputs["fingerprint"]
    by_stack = Job().read(context, State(state.id, {}, {}))
    assert by_stack is not None
    assert by_stack.outputs["run"] == first()


def test_what_is_read_is_what_was_given(aws: SageMaker, context: Context) -> None:
    given = {key: value for key, value in inputs().model_dump().items() if key in inputs().model_fields_set}
    state = Job().create(context, inputs())
    for seen in (state, Job().read(context, state), Job().find(context, given)):
        assert seen is not None
        assert seen.inputs == given


def test_the_end_of_a_job_is_that_of_its_runs(aws: SageMaker, context: Context) -> None:
    aws.lives = [[FAILED], [GOING]]
    state = Job().create(context, inputs(wait=False, retries=1))
    Job().delete(context, state)
    assert aws.jobs == {}
    Job().delete(context, state)
    assert Job().read(context, state) is None


def test_a_processing_job(aws: SageMaker, context: Context) -> None:
    given = inputs(sort="processing", request=PROCESSING, outputs={"net": "folder"})
    state = Job().create(context, given)
    assert state.outputs["artifacts"]["net"]["uri"] == "s3://b/net/"
    assert state.outputs["job_id"] == f"{ARN}:processing-job/{state.outputs['run']}"
    imported = Job().read(context, State(state.outputs["job_id"], {}, {}))
    assert imported is not None
    assert imported.inputs["sort"] == "processing"
    Job().delete(context, state)
    assert aws.jobs == {}


def test_a_preview(context: Context) -> None:
    given = inputs().model_dump()
    seen = Job().preview(context, given, None)
    assert seen["fingerprint"] == runs.mark({"command": "a"})
    assert seen["artifacts"]["net"] == {"uri": UNKNOWN, "version": UNKNOWN}
    old = State("i", given, {"fingerprint": seen["fingerprint"], "run": "r", "status": "succeeded"})
    assert Job().preview(context, given, old)["run"] == "r"
    assert Job().preview(context, {**given, "counts": {"image": UNKNOWN}}, old)["run"] is UNKNOWN
