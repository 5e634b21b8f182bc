"""Runs of a job by the runtime: listed, begun beside the stack's own, stopped, and what they have printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
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
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMaker]:
    with serving() as fake:
        monkeypatch.setenv(door.VARIABLE, fake.url)
        yield fake


@pytest.fixture
def runtime(tmp_path: Path) -> AwsRuntime:
    return AwsRuntime(Site(UID, tmp_path, Settings()))


def record(aws: SageMaker, context: Context, *life: tuple[str, str]) -> Record:
    """A job of the state, as an ``up`` has left it that waited for nothing."""
    aws.lives = [list(life)]
    state = Job().create(context, inputs(wait=False, outputs={"net": "folder"}))
    child = ChildRecord("urn", "mlstack:aws:Job", "train", state.id, state.inputs, state.outputs)
    return Record("jobs", "train", {}, [child])


def artifact(reference: str) -> Artifact:
    return Artifact(f"s3://bucket/{reference}/", "v")


def test_a_run_beside_the_stack_s_own(aws: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(aws, context, DONE)
    aws.lives = [[GOING, GOING, DONE]]
    run = runtime.run(job, {"c": 2.0}, lambda _line: None, artifact=artifact)
    assert (run.status, run.inputs, run.own) == ("succeeded", {"c": "2.0"}, False)
    assert run.outputs["net"]["uri"] == f"s3://bucket/runs/{run.id}/output/model/net/"
    found = runtime.runs(job)
    assert [(each.id, each.own) for each in found] == [
        (run.id, False),
        (job.children[0].outputs["run"], True),
    ]


def test_an_input_that_is_none(aws: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    with pytest.raises(UsageError, match="has no input 'd'"):
        runtime.run(record(aws, context, DONE), {"d": 1}, lambda _line: None, artifact=artifact)


def test_one_that_fails_shows_its_log(aws: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(aws, context, DONE)
    aws.lives, aws.log = [[FAILED]], ["no rows"]
    with pytest.raises(TargetError, match=r"(?s)exit code 3.*no rows"):
        runtime.run(job, {}, lambda _line: None, artifact=artifact)


def test_cancel(aws: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(aws, context, GOING)
    own = job.children[0].outputs["run"]
    assert runtime.cancel(job) == own
    assert runtime.runs(job)[0].status in ("running", "cancelled")
    with pytest.raises(UsageError, match="has no run 'x'"):
        runtime.cancel(job, "x")


def test_logs(aws: SageMaker, context: Context, runtime: AwsRuntime) -> None:
    job = record(aws, context, GOING, GOING, GOING, DONE)
    aws.log = ["one", "two", "three"]
    assert list(runtime.logs(job, child=None, follow=False, tail=2)) == ["two", "three"]
    lines = runtime.logs(job, child=None, follow=True, tail=None)
    assert [next(lines) for _ in range(3)] == aws.log
    aws.log.append("four")
    assert list(lines) == ["four"]
    with pytest.raises(UsageError, match="there is no run 'x'"):
        list(runtime.logs(job, child=None, follow=False, tail=None, run="x"))
