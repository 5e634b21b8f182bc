"""Ask an online endpoint once: a request that is signed with our own identity (SigV4)."""

from __future__ import annotations

import json
import time
from typing import Any

from botocore.exceptions import ClientError

from mlstack.errors import UsageError
from mlstack.runtime import Answer, Record
from mlstack_aws.cloud import told
from mlstack_aws.runtime import children
from mlstack_aws.runtime.account import Account


def ask(aws: Account, record: Record, body: bytes, content_type: str, deployment: str | None) -> Answer:
    """The container's own answer, whatever its status. Raises TargetError where AWS has none of it."""
    request: dict[str, Any] = {
        "EndpointName": children.endpoint(record),
        "Body": body,
        "ContentType": content_type,
        "Accept": "application/json",
    }
    request |= _target(record, deployment)
    runtime = aws.of("sagemaker-runtime", record)
    started = time.perf_counter()
    with told(f"endpoint {record.name}"):
        try:
            answer = runtime.invoke_endpoint(**request)
        except ClientError as error:
            status = error.response.get("OriginalStatusCode")
            if status is None:
                raise
            # the container answered, and not with 200: that is its answer, and no failure of AWS
            content = str(error.response.get("OriginalMessage") or "")
            return Answer(int(str(status)), _decoded(content.encode()), time.perf_counter() - started)
        content = answer["Body"].read()
    status = int(answer["ResponseMetadata"]["HTTPStatusCode"])
    return Answer(status, _decoded(content), time.perf_counter() - started)


def _target(record: Record, deployment: str | None) -> dict[str, str]:
    held = children.held(record)
    components = {name: str(each["component"]) for name, each in held.items() if each.get("component")}
    if deployment is not None:
        name = children.deployment(record, deployment)
        if name in components:
            return {"InferenceComponentName": components[name]}
        if held[name].get("mirror"):
            raise UsageError(
                f"deployment {name!r} gets copies of requests, and cannot be asked by itself",
                code="unsupported",
                remedy="`mlstack logs` and `mlstack metrics` show how it fares; give it traffic to ask it",
            )
        return {"TargetVariant": children.deployments(record)[name]}
    # with inference components AWS has to be told which
    return {"InferenceComponentName": next(iter(components.values()))} if components else {}


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
