"""What AWS has named itself is found again by what it was made with, and nobody else's is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_aws.rehearsal import AwsEmulation

from mlstack import door
from mlstack.registry import provider
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving

REGION = "eu-central-1"
TAGS = {"mlstack-stack": "one"}


@pytest.fixture
def served(aws: AwsEmulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsEmulation]:
    with serving(aws, Faults(Plan(), aws.world), tmp_path) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        yield aws


def _estate(aws: AwsEmulation, stack: str) -> dict[str, tuple[dict[str, Any], str]]:
    """One of each type, of a stack: its inputs and its id."""
    tags = {"mlstack-stack": stack}
    made: dict[str, tuple[dict[str, Any], str]] = {}

    def make(token: str, **inputs: Any) -> str:
        made[token] = (inputs, aws.create(token, inputs).id)
        return made[token][1]

    vpc = make("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", tags=tags)
    subnet = make("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock="10.0.0.0/24", tags=tags)
    table = make("aws:ec2/routeTable:RouteTable", vpcId=vpc, tags=tags)
    make("aws:ec2/routeTableAssociation:RouteTableAssociation", subnetId=subnet, routeTableId=table)
    make("aws:ec2/securityGroup:SecurityGroup", name="within", vpcId=vpc, description="jobs", tags=tags)
    make("aws:ec2/vpcEndpoint:VpcEndpoint", vpcId=vpc, serviceName=f"com.amazonaws.{REGION}.s3",
         vpcEndpointType="Gateway", routeTableIds=[table], tags=tags)  # fmt: skip
    make("aws:kms/key:Key", description="all that is kept", tags=tags)
    secret = make("aws:secretsmanager/secret:Secret", name=f"token-{stack}", tags=tags)
    make("aws:secretsmanager/secretVersion:SecretVersion", secretId=secret, secretString="hidden")
    topic = make("aws:sns/topic:Topic", name=f"oncall-{stack}", tags=tags)
    make("aws:sns/topicSubscription:TopicSubscription", topic=topic, protocol="email", endpoint="a@b.example")
    return made


def test_what_is_there_is_found_and_only_the_stacks_own(served: AwsEmulation) -> None:
    other, mine = _estate(served, "another"), _estate(served, "one")
    for token, (inputs, id) in mine.items():
        known = [found for _, found in other.values()]
        assert provider("aws").identify(token, inputs, {"AWS_REGION": REGION}, known) == id, token


def test_what_the_stack_does_not_know_of_comes_first(served: AwsEmulation) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": TAGS}
    known, lost = (served.create("aws:ec2/vpc:Vpc", inputs).id for _ in range(2))
    for ids, expected in (([known], lost), ([lost], known)):
        account = {"AWS_REGION": REGION}
        assert provider("aws").identify("aws:ec2/vpc:Vpc", inputs, account, ids) == expected


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": TAGS}),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
        ("aws:secretsmanager/secret:Secret", {"name": "nowhere"}),
        ("aws:kms/key:Key", {"tags": TAGS}),
    ],
)
def test_what_is_not_there_is_not_found(served: AwsEmulation, token: str, inputs: dict[str, Any]) -> None:
    assert provider("aws").identify(token, inputs, {"AWS_REGION": REGION}, []) is None
