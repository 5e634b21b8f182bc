from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_aws.runtime import AwsRuntime
from mlstack_aws.settings import Settings

from mlstack import door
from mlstack.runtime import ChildRecord, Record, Site
from providers.aws.tests.strict import Says, Server, serving

ARN = "arn:aws:sagemaker:eu-west-1:123456789012"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(door.VARIABLE, server.url)
        yield server


@pytest.fixture
def runtime(server: Server, tmp_path: Path) -> AwsRuntime:
    return AwsRuntime(Site("uid", tmp_path, Settings()))


def child(type: str, id: str, **inputs: Any) -> ChildRecord:
    return ChildRecord(f"urn:{id}", type, id, id, {"region": "eu-west-1", "name": id, **inputs}, {})


def endpoint(**green: Any) -> Record:
    """With a blue and a green variant, of which blue has all the traffic."""
    outputs = {
        "id": f"{ARN}:endpoint/digits-1",
        "url": "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/digits-1/invocations",
        "key": None,
        "deployments": {
            "blue": {"name": "blue-1", "traffic": 100},
            "green": {"name": "green-1", "traffic": 0, **green},
        },
    }
    children = [
        child("aws:sagemaker/endpoint:Endpoint", "digits-1"),
        child("mlstack:aws:Switch", "eu-west-1/digits-1", configuration="digits-config-2"),
    ]
    return Record("endpoints", "digits", outputs, children)


def batch(**tags: str) -> Record:
    settings = {
        "mlstack-stack": "uid",
        "mlstack-instance": "ml.m5.large",
        "mlstack-instances": "2",
        "mlstack-batch": "MultiRecord",
        "mlstack-traffic": "100",
        "mlstack-place": "s3://the-bucket/stack",
        **tags,
    }
    container = {"modelDataUrl": "s3://the-bucket/stack/models/net/model.tar.gz"}
    model = child("aws:sagemaker/model:Model", "nightly-main-1", tags=settings, primaryContainer=container)
    outputs = {
        "id": f"{ARN}:model/nightly-main-1",
        "url": None,
        "key": None,
        "deployments": {"main": {"name": "nightly-main-1", "traffic": 100}},
    }
    return Record("endpoints", "nightly", outputs, [model])


def described(status: str = "InService", configuration: str = "digits-config-2", **weights: float) -> Says:
    variants = [
        {"VariantName": name.replace("_", "-"), "CurrentWeight": weight, "CurrentInstanceCount": 1}
        for name, weight in weights.items()
    ]
    return Says(
        {
            "EndpointName": "digits-1",
            "EndpointArn": f"{ARN}:endpoint/digits-1",
            "EndpointConfigName": configuration,
            "ProductionVariants": variants,
            "EndpointStatus": status,
            "CreationTime": 0,
            "LastModifiedTime": 0,
        }
    )
