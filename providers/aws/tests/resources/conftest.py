"""moto's server as the cloud: other people's code, spoken to through the same door as a rehearsal's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from mlstack import door
from mlstack.content import fingerprint
from mlstack.resource import Context
from providers.aws.tests.strict import Server, serving

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def through_the_door(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(door.VARIABLE, moto)


@pytest.fixture
def aws(moto: str) -> Any:
    """A client of boto3's own of a service."""

    def made(service: str) -> Any:
        return boto3.client(
            service, region_name=REGION, endpoint_url=moto, aws_access_key_id="a", aws_secret_access_key="b"
        )

    return made


@pytest.fixture
def bucket(aws: Any, request: pytest.FixtureRequest) -> str:
    name = f"b-{fingerprint(request.node.nodeid)}"
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, "urn:pulumi:dev::p::t::one", "one")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """In moto's place, for what moto does not have."""
    with serving() as server:
        monkeypatch.setenv(door.VARIABLE, server.url)
        yield server
