"""Ids that AWS itself chooses, of resources that nobody has heard of: asked for by what they were made with.

A network and its parts, a key, the value of a secret and a subscription have no name of the user's. What a
killed run has made of them is found by the stack's tag and by the inputs that tell it from the others.
Source: the API reference of each call named here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from mlstack.provider import STACK_TAG
from mlstack_aws.cloud import client, gone, told

Inputs = Mapping[str, Any]
_Found = Iterator[str]


def chosen_id(token: str, inputs: Inputs, region: str | None, ids: Collection[str]) -> str | None:
    """The id; None where there is none, or where the inputs do not tell.

    ``ids`` are those that the stack knows of: what it does not know of is what was never heard of.
    """
    search = _SEARCHES.get(token)
    where = inputs.get("region") or region
    if search is None or not where:
        return None
    found: list[str] = []
    with gone(), told(f"what an interrupted run has made ({token})"):
        found += search(inputs, where)
    new = [id for id in found if id not in ids]
    return next(iter(new or found), None)


def _ec2(
    noun: str, key: str, *, by: Mapping[str, str], tagged: bool = True
) -> Callable[[Inputs, str], _Found]:
    """A search by filters of EC2: input -> filter."""

    def search(inputs: Inputs, region: str) -> _Found:
        filters = {name: inputs.get(given) for given, name in by.items()}
        if tagged:
            filters[f"tag:{STACK_TAG}"] = _tag(inputs)
        if not all(isinstance(value, str) for value in filters.values()):
            return
        asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
        pages = client("ec2", region).get_paginator(f"describe_{noun}").paginate(Filters=asked)
        for page in pages:
            for each in next(value for value in page.values() if isinstance(value, list)):
                if each.get("State") not in ("deleting", "deleted"):
                    yield str(each[key])

    return search


def _association(inputs: Inputs, region: str) -> _Found:
    subnet = inputs.get("subnetId")
    if not isinstance(subnet, str):
        return
    asked = [{"Name": "association.subnet-id", "Values": [subnet]}]
    for table in client("ec2", region).describe_route_tables(Filters=asked)["RouteTables"]:
        for each in table["Associations"]:
            if each.get("SubnetId") == subnet and table["RouteTableId"] == inputs.get("routeTableId"):
                yield str(each["RouteTableAssociationId"])


def _key(inputs: Inputs, region: str) -> _Found:
    keys = client("kms", region)
    for page in keys.get_paginator("list_keys").paginate():
        for each in page["Keys"]:
            known = keys.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
            if known.get("KeyManager") == "AWS" or known["KeyState"] == "PendingDeletion":
                continue
            tags = keys.list_resource_tags(KeyId=each["KeyId"])["Tags"]
            if {"TagKey": STACK_TAG, "TagValue": _tag(inputs)} in tags:
                yield str(each["KeyId"])


def _secret(inputs: Inputs, region: str) -> _Found:
    if isinstance(inputs.get("name"), str):
        yield str(client("secretsmanager", region).describe_secret(SecretId=inputs["name"])["ARN"])


def _value(inputs: Inputs, region: str) -> _Found:
    secret = inputs.get("secretId")
    if isinstance(secret, str):
        told_of = client("secretsmanager", region).describe_secret(SecretId=secret)
        for version, stages in (told_of.get("VersionIdsToStages") or {}).items():
            if "AWSCURRENT" in stages:
                yield f"{secret}|{version}"


def _subscription(inputs: Inputs, region: str) -> _Found:
    """One that waits for its confirmation shows no id; asked for again, it is the same."""
    topic = inputs.get("topic")
    if not isinstance(topic, str):
        return
    pages = client("sns", region).get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    for page in pages:
        for each in page["Subscriptions"]:
            same = (each["Protocol"], each["Endpoint"]) == (inputs.get("protocol"), inputs.get("endpoint"))
            if same and each["SubscriptionArn"].startswith("arn:"):
                yield str(each["SubscriptionArn"])


def _tag(inputs: Inputs) -> str | None:
    tags = inputs.get("tags")
    return tags.get(STACK_TAG) if isinstance(tags, Mapping) else None


_SEARCHES: Mapping[str, Callable[[Inputs, str], _Found]] = {
    "aws:ec2/vpc:Vpc": _ec2("vpcs", "VpcId", by={"cidrBlock": "cidr"}),
    "aws:ec2/subnet:Subnet": _ec2("subnets", "SubnetId", by={"vpcId": "vpc-id", "cidrBlock": "cidr-block"}),
    "aws:ec2/routeTable:RouteTable": _ec2("route_tables", "RouteTableId", by={"vpcId": "vpc-id"}),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "security_groups", "GroupId", by={"vpcId": "vpc-id", "description": "description"}
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpc_endpoints", "VpcEndpointId", by={"vpcId": "vpc-id", "serviceName": "service-name"}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:kms/key:Key": _key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _value,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
