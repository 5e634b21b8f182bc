"""What `mlstack doctor` says of AWS, against moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from mlstack_aws.runtime.doctor import checks
from mlstack_aws.settings import Settings
from moto.server import ThreadedMotoServer

from mlstack import door


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    monkeypatch.setenv(door.VARIABLE, url)
    yield boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    server.stop()


def role(iam: Any, name: str, service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    return arn


def test_a_role_has_to_be_there_and_to_trust_sagemaker(iam: Any) -> None:
    good = role(iam, "doctor-good", "sagemaker.amazonaws.com")
    other = role(iam, "doctor-other", "ec2.amazonaws.com")
    gone = good.replace("doctor-good", "doctor-gone")
    told = {arn: list(checks(Settings(role_arn=arn))) for arn in (good, other, gone)}
    assert [(what, well) for what, well, _ in told[good]] == [
        ("aws packages", True),
        ("aws credentials", True),
        ("aws role", True),
    ]
    assert not told[other][-1][1]
    assert "trust" in told[other][-1][2]
    assert not told[gone][-1][1]


def test_without_credentials_it_ends_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(door.VARIABLE, raising=False)
    *_, (what, well, remedy) = checks(Settings(profile="nobody-s-profile"))
    assert (what, well) == ("aws credentials", False)
    assert "aws sso login" in remedy
