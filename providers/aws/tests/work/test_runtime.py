"""Runs of a job by the runtime: listed, begun beside the stack's own, stopped, and what they have printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlstack_aws import cloud
from mlstack_aws.resources.job import Job
from mlstack_aws.runtime import AwsRuntime
from mlstack_aws.settings import Settings

from mlstack import door
from mlstack.errors import TargetError, UsageError
from mlstack.resource import Context
from mlstack.runtime import Artifact, ChildRecord, Record, Site
from providers.aws.tests.work.sagemaker import SageMaker, serving
from providers.aws.tests.work.test_job import DONE, FAILED, GOING, UID, inputs


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMaker]:
    with serving() as fake:
        monkeypatch.setenv(door.VARIABLE, fake.url)
        yield fake


@pytest.fixture
def runtime(tmp_path: Path) -> AwsRuntime:
    return AwsRuntime(Site(UID, tmp_path, Settings()))


def record(sagemaker: SageMaker, context: Context, *life: tuple[str, str]) -> Record:
    """A job of the state, as an ``up`` has left it that waited for nothing."""
    sagemaker.lives = [list(life)]
    state = Job().create(context, inputs(wait=False, outputs={"net": "folder"}))
    child = ChildRecord("urn", "mlstack:aws:Job", "train", state.id, state.inputs, state.outputs)
    return Record("jobs", "train", {}, [child])


def artifact(reference: str) -> Artifact:
    return Artifact(f"s3://bucket/{reference}/", "v")


def test_a_run_beside_the_stack_s_own(sagemaker: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(sagemaker, context, DONE)
    sagemaker.lives = [[GOING, GOING, DONE]]
    run = runtime.run(job, {"c": 2.0}, lambda _line: None, artifact=artifact)
    assert (run.status, run.inputs, run.own) == ("succeeded", {"c": "2.0"}, False)
    assert run.outputs["net"]["uri"] == f"s3://bucket/runs/{run.id}/output/model/net/"
    found = runtime.runs(job)
    assert [(each.id, each.own) for each in found] == [
        (run.id, False),
        (job.children[0].outputs["run"], True),
    ]


def test_an_input_that_is_none(sagemaker: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    with pytest.raises(UsageError, match="has no input 'd'"):
        runtime.run(record(sagemaker, context, DONE), {"d": 1}, lambda _line: None, artifact=artifact)


def test_one_that_fails_shows_its_log(sagemaker: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(sagemaker, context, DONE)
    sagemaker.lives, sagemaker.log = [[FAILED]], ["no rows"]
    with pytest.raises(TargetError, match=r"(?s)exit code 3.*no rows"):
        runtime.run(job, {}, lambda _line: None, artifact=artifact)


def test_cancel(sagemaker: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(sagemaker, context, GOING)
    own = job.children[0].outputs["run"]
    assert runtime.cancel(job) == own
    assert runtime.runs(job)[0].status in ("running", "cancelled")
    with pytest.raises(UsageError, match="has no run 'x'"):
        runtime.cancel(job, "x")


def test_the_status_of_a_schedule_and_of_a_compute(aws: str, tmp_path: Path) -> None:
    client = cloud.client("scheduler", "eu-west-1")
    client.create_schedule_group(Name="group")
    pipeline = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p"
    client.create_schedule(
        Name="nightly",
        GroupName="group",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": pipeline, "RoleArn": "arn:aws:iam::1:role/r"},
    )
    held = {"region": "eu-west-1"}
    children = [
        ChildRecord("urn", "aws:scheduler/schedule:Schedule", name, f"group/{name}", held, {})
        for name in ("nightly", "gone")
    ]
    records = [Record("schedules", child.name, {"id": "arn"}, [child]) for child in children]
    records.append(Record("compute", "pool", {"id": None, "instance": "ml.m5.large"}))
    found = AwsRuntime(Site(UID, tmp_path, Settings())).status(records)
    assert [(each.state, each.detail) for each in found] == [
        ("ready", ""), ("absent", "group/gone is not there"), ("ready", "ml.m5.large"),
    ]  # fmt: skip


def test_logs(sagemaker: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(sagemaker, context, GOING, GOING, GOING, DONE)
    sagemaker.log = ["one", "two", "three"]
    assert list(runtime.logs(job, child=None, follow=False, tail=2)) == ["two", "three"]
    lines = runtime.logs(job, child=None, follow=True, tail=None)
    assert [next(lines) for _ in range(3)] == sagemaker.log
    sagemaker.log.append("four")
    assert list(lines) == ["four"]
    with pytest.raises(UsageError, match="there is no run 'x'"):
        list(runtime.logs(job, child=None, follow=False, tail=None, run="x"))
