"""A small strict SageMaker over HTTP, as far as moto has no jobs that go on, fail, stop and are deleted.

What it is asked is held against botocore's description of the API; a job lives as the test has laid out.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.validate import validate_parameters

ARN = "arn:aws:sagemaker:eu-west-1:123456789012"


class SageMaker:
    """``lives``: the (status, step) that the jobs to come tell one after another; the last goes on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jobs: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, list[dict[str, str]]] = {}
        self.lives: list[list[tuple[str, str]]] = []
        self.log: list[str] = []
        self.asked: list[str] = []
        self._left: dict[str, list[tuple[str, str]]] = {}
        self._model = boto3.client("sagemaker", "eu-west-1").meta.service_model

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        if operation in ("DescribeLogStreams", "GetLogEvents"):
            return self._logs(operation, body)
        validate_parameters(body, self._model.operation_model(operation).input_shape)
        if operation == "ListTags":
            return {"Tags": self.tags[body["ResourceArn"]]}
        word = "Training" if "Training" in operation else "Processing"
        verb = operation.partition(word)[0]
        if verb == "List":
            return {f"{word}JobSummaries": self._list(word, body["NameContains"])}
        name = body[f"{word}JobName"]
        if verb == "Create":
            return self._create(word, name, body)
        if name not in self.jobs:
            raise LookupError("Requested resource not found.")
        job = self.jobs[name]
        if verb == "Stop":
            if job[f"{word}JobStatus"] != "InProgress":
                raise ValueError("The request was rejected because the job is in a terminal state")
            self._left[name] = [("Stopping", "Stopping"), ("Stopped", "Stopped")]
            return {}
        if verb == "Delete":
            if job[f"{word}JobStatus"] not in ("Completed", "Failed", "Stopped"):
                raise ValueError("the job is not in a terminal state")
            del self.jobs[name]
            return {}
        left = self._left[name]
        status, step = left.pop(0) if len(left) > 1 else left[0]
        job[f"{word}JobStatus"] = status
        job |= {"SecondaryStatus": step} if word == "Training" else {}
        if status == "Failed":
            job["FailureReason"] = "AlgorithmError: exit code 3"
        return job

    def _create(self, word: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if name in self.jobs:
            raise ValueError(f"{word} job names must be unique within an AWS account and region")
        arn = f"{ARN}:{word.lower()}-job/{name}"
        self.tags[arn] = body.pop("Tags")
        self.jobs[name] = {**body, f"{word}JobArn": arn, f"{word}JobStatus": "InProgress",
                           "CreationTime": time.time()}  # fmt: skip
        self._left[name] = self.lives.pop(0) if self.lives else [("Completed", "Completed")]
        return {f"{word}JobArn": arn}

    def _list(self, word: str, contains: str) -> list[dict[str, Any]]:
        keys = (f"{word}JobName", f"{word}JobArn", f"{word}JobStatus", "SecondaryStatus", "CreationTime")
        return [
            {key: job[key] for key in keys if key in job}
            for name, job in reversed(self.jobs.items())
            if contains in name
        ]

    def _logs(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        if operation == "DescribeLogStreams":
            return {"logStreams": [{"logStreamName": body["logStreamNamePrefix"] + "algo-1-1700"}]}
        at = int(body.get("nextToken", "0"))
        events = [{"timestamp": 0, "message": line, "ingestionTime": 0} for line in self.log[at:]]
        return {"events": events, "nextForwardToken": str(len(self.log)), "nextBackwardToken": "0"}


@contextmanager
def serving() -> Iterator[SageMaker]:
    """At its end: nothing was asked that the API has not."""
    wrong: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            status, said = 200, {}
            try:
                said = fake.answer(operation, body)
            except (LookupError, ValueError) as error:
                status, said = 400, {"__type": "ValidationException", "message": str(error)}
            except Exception as error:
                wrong.append(f"{operation}: {error}")
                status, said = 400, {"__type": "Wrong", "message": str(error)}
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    fake = SageMaker(f"http://127.0.0.1:{http.server_port}")
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield fake
    finally:
        http.shutdown()
        http.server_close()
    assert not wrong
