"""Endpoints: how they fare, requests, logs, scoring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mlstack_aws.runtime import AwsRuntime

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Record, Run, Scoring
from providers.aws.tests.runtime.conftest import ARN, batch, described, endpoint
from providers.aws.tests.strict import Asked, Says, Server, refuses

INVOKE = "POST /endpoints/digits-1/invocations"


def test_status(runtime: AwsRuntime, server: Server) -> None:
    server.on("DescribeEndpoint", described(blue_1=90, green_1=10))
    [found] = runtime.status([endpoint()])
    assert (found.kind, found.name, found.state) == ("endpoint", "digits", "ready")
    assert found.detail == "blue (90 %, 1 instance), green (10 %, 1 instance)"


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (described("Updating", blue_1=100), "creating", "Updating"),
        (described("UpdateRollbackFailed", blue_1=100), "degraded", "UpdateRollbackFailed"),
        (described("Failed"), "failed", "blue (not there)"),
        (described(configuration="digits-config-1", blue_1=1), "degraded", "it serves digits-config-1, not"),
        (refuses("ValidationException", "Could not find endpoint"), "absent", "digits-1 is not there"),
    ],
)
def test_what_is_not_well(runtime: AwsRuntime, server: Server, answer: Says, state: str, words: str) -> None:
    server.on("DescribeEndpoint", answer)
    [found] = runtime.status([endpoint()])
    assert found.state == state
    assert words in found.detail


def test_what_may_not_be_looked_at_is_no_error(runtime: AwsRuntime, server: Server) -> None:
    server.on("DescribeEndpoint", refuses("AccessDeniedException", "not authorized to perform"))
    [found] = runtime.status([endpoint()])
    assert (found.state, found.detail.startswith("not allowed to look")) == ("degraded", True)


def test_what_is_not_made_yet(runtime: AwsRuntime) -> None:
    assert runtime.status([Record("endpoints", "digits", {})])[0].state == "absent"


def test_invoke_is_signed_and_names_a_variant(runtime: AwsRuntime, server: Server) -> None:
    server.on(INVOKE, Says({"predictions": [1]}))
    answer = runtime.invoke(endpoint(), b'{"instances": [[1]]}', "application/json", deployment=None)
    assert (answer.status, answer.body) == (200, {"predictions": [1]})
    asked = server.asked[-1]
    assert "/eu-west-1/sagemaker/aws4_request" in asked.headers["authorization"]
    assert asked.headers["content-type"] == "application/json"
    assert "x-amzn-sagemaker-target-variant" not in asked.headers
    runtime.invoke(endpoint(), b"1,2\n", "text/csv", deployment="green")
    asked = server.asked[-1]
    assert asked.headers["x-amzn-sagemaker-target-variant"] == "green-1"
    assert (asked.headers["content-type"], asked.body) == ("text/csv", b"1,2\n")


def test_an_inference_component_is_named(runtime: AwsRuntime, server: Server) -> None:
    server.on(INVOKE, Says({"predictions": [1]}))
    runtime.invoke(endpoint(component="digits-green-1"), b"{}", "application/json", deployment=None)
    assert server.asked[-1].headers["x-amzn-sagemaker-inference-component"] == "digits-green-1"


def test_the_containers_refusal_is_an_answer(runtime: AwsRuntime, server: Server) -> None:
    said = {
        "Message": "Received client error (400) from primary",
        "OriginalMessage": json.dumps({"error": "must be a list", "field": "instances"}),
        "OriginalStatusCode": 400,
    }
    server.on(INVOKE, Says(said, 424, {"x-amzn-errortype": "ModelError"}))
    answer = runtime.invoke(endpoint(), b"{}", "application/json", deployment=None)
    assert (answer.status, answer.body["field"]) == (400, "instances")


def test_aws_own_refusal_is_an_error(runtime: AwsRuntime, server: Server) -> None:
    said = {"Message": "Endpoint digits-1 of account 1 not found."}
    server.on(INVOKE, Says(said, 400, {"x-amzn-errortype": "ValidationError"}))
    with pytest.raises(TargetError, match="not found"):
        runtime.invoke(endpoint(), b"{}", "application/json", deployment=None)


def test_a_deployment_that_is_not_there_or_only_mirrors(runtime: AwsRuntime) -> None:
    with pytest.raises(UsageError) as raised:
        runtime.invoke(endpoint(), b"{}", "application/json", deployment="gren")
    assert raised.value.remedy == "did you mean 'green'?"
    with pytest.raises(UsageError, match="gets copies"):
        runtime.invoke(endpoint(mirror=20), b"{}", "application/json", deployment="green")


def _event(id: str, time: int, message: str) -> dict[str, Any]:
    return {"eventId": id, "timestamp": time, "message": message, "logStreamName": "s", "ingestionTime": time}


def test_logs_of_deployments(runtime: AwsRuntime, server: Server) -> None:
    def events(asked: Asked) -> Says:
        assert asked.body["logGroupName"] == "/aws/sagemaker/Endpoints/digits-1"
        variant = asked.body["logStreamNamePrefix"]
        first = {"blue-1/": 1, "green-1/": 2}[variant]
        return Says({"events": [_event(f"{variant}{n}", first + 2 * n, f"line {n}\n") for n in (0, 1)]})

    server.on("FilterLogEvents", events)
    both = list(runtime.logs(endpoint(), child=None, follow=False, tail=None))
    assert both == ["blue: line 0", "green: line 0", "blue: line 1", "green: line 1"]
    assert list(runtime.logs(endpoint(), child="blue", follow=False, tail=1)) == ["line 1"]


def test_following_tells_each_line_once(runtime: AwsRuntime, server: Server) -> None:
    a, b, c = (_event(name, 1000 + n, name) for n, name in enumerate("abc"))
    server.on("FilterLogEvents", *(Says({"events": each}) for each in ([a], [a, b], [b, c], [b, c])))
    lines = runtime.logs(endpoint(), child="blue", follow=True, tail=None)
    assert [next(lines) for _ in range(3)] == ["a", "b", "c"]


def test_no_log_yet(runtime: AwsRuntime, server: Server) -> None:
    server.on(
        "FilterLogEvents", refuses("ResourceNotFoundException", "The specified log group does not exist.")
    )
    with pytest.raises(TargetError) as raised:
        list(runtime.logs(endpoint(), child=None, follow=False, tail=None))
    assert raised.value.code == "no-log"
    with pytest.raises(UsageError, match="no log of the requests"):
        runtime.logs(endpoint(), child=None, follow=False, tail=None, access=True)


class Transforms:
    """Jobs that end at the third look."""

    def __init__(self, server: Server, ends: str = "Completed") -> None:
        self.jobs: dict[str, Any] = {}
        self.looks = 0
        self.ends = ends
        server.on("CreateTransformJob", self.create)
        server.on("DescribeTransformJob", self.describe)
        server.on("ListTransformJobs", self.list)

    def create(self, asked: Asked) -> Says:
        self.jobs[asked.body["TransformJobName"]] = asked.body
        return Says({"TransformJobArn": f"{ARN}:transform-job/x"})

    def describe(self, asked: Asked) -> Says:
        found = self.jobs.get(asked.body["TransformJobName"])
        if found is None:
            return refuses("ValidationException", "Could not find requested job with name")
        self.looks += 1
        status = self.ends if self.looks > 2 else "InProgress"
        times = {"CreationTime": 1, "TransformStartTime": 2, "TransformEndTime": 5}
        return Says({**found, **times, "TransformJobStatus": status, "FailureReason": "ClientError: 400"})

    def list(self, asked: Asked) -> Says:
        found = [
            {
                "TransformJobName": name,
                "TransformJobArn": f"{ARN}:transform-job/{name}",
                "CreationTime": 1,
                "TransformJobStatus": "InProgress",
            }
            for name in self.jobs
            if asked.body["NameContains"] in name
        ]
        return Says({"TransformJobSummaries": found})


def _data(tmp_path: Path, server: Server) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text("x,y\n1,2\n3,4\n")
    server.otherwise = lambda asked: Says(b"") if asked.operation.startswith("PUT /the-bucket/") else None
    return file


def _score(runtime: AwsRuntime, record: Record, **wanted: Any) -> Run:
    return runtime.score(record, Scoring(**wanted), lambda _: None, lambda _: None)


def test_a_batch_endpoint_starts_a_transform_job(runtime: AwsRuntime, server: Server, tmp_path: Path) -> None:
    transforms = Transforms(server)
    record = batch(**{"mlstack-timeout": "600"})
    assert runtime.is_batch(record)
    assert not runtime.is_batch(endpoint())
    run = _score(runtime, record, data=_data(tmp_path, server))
    [job] = transforms.jobs.values()
    assert run.status == "succeeded"
    assert run.seconds == 3
    assert run.outputs == {"predictions": job["TransformOutput"]["S3OutputPath"]}
    [put] = [asked for asked in server.asked if asked.operation.startswith("PUT ")]
    assert b"1,2\n3,4\n" in put.body
    assert b"x,y" not in put.body  # a model is sent rows alone
    assert job["ModelName"] == "nightly-main-1"
    assert job["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert job["BatchStrategy"] == "MultiRecord"
    assert job["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 600}
    assert job["TransformInput"]["ContentType"] == "text/csv"
    assert job["TransformInput"]["SplitType"] == "Line"
    assert job["Tags"] == [{"Key": "mlstack-stack", "Value": "uid"}]


def test_a_run_is_gone_on_with_by_its_name(runtime: AwsRuntime, server: Server, tmp_path: Path) -> None:
    transforms = Transforms(server)
    record = batch()
    begun = _score(runtime, record, data=_data(tmp_path, server), detach=True, mini_batch=1)
    assert begun.status == "running"
    assert transforms.jobs[begun.id]["BatchStrategy"] == "SingleRecord"
    assert _score(runtime, record, resume=begun.id).status == "succeeded"
    assert len(transforms.jobs) == 1
    server.on("StopTransformJob", Says())
    assert runtime.cancel(record) == begun.id
    with pytest.raises(UsageError, match="no run 'other'"):
        _score(runtime, record, resume="other")


def test_a_run_that_fails(runtime: AwsRuntime, server: Server, tmp_path: Path) -> None:
    Transforms(server, "Failed")
    with pytest.raises(TargetError, match="ClientError: 400"):
        _score(runtime, batch(), data=_data(tmp_path, server))


def test_what_cannot_be_scored(runtime: AwsRuntime, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="say what is to be scored"):
        _score(runtime, batch())
