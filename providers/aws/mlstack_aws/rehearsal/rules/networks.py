"""Networks: address ranges, endpoints of services."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, Problem, Site, View, condition, rule

_VPC = DOCS + "vpc/latest/userguide/vpc-cidr-blocks.html"
_ENDPOINT = DOCS + "AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html"


@rule("network-range", "ec2", "CreateVpc", "CreateSubnet", source=_VPC + ": /16 to /28")
def block(x: View) -> Iterator[Problem]:
    text = x.text("CidrBlock")
    if not text:
        return
    try:
        network = ipaddress.ip_network(text)
    except ValueError as problem:
        yield "CidrBlock", str(problem)
        return
    if not 16 <= network.prefixlen <= 28:
        yield "CidrBlock", f"{text} is not between /16 and /28"


@rule("vpc-endpoint-name", "ec2", "CreateVpcEndpoint", source=_ENDPOINT)
def service(x: View) -> Iterator[Problem]:
    name = x.text("ServiceName")
    if name and not re.fullmatch(r"(com\.amazonaws|aws|com\.amazonaws\.vpce)\.[a-z0-9-]+\.[a-z0-9.-]+", name):
        yield "ServiceName", f"{name!r} is not com.amazonaws.REGION.SERVICE"
    kind = x.text("VpcEndpointType") or "Gateway"
    if kind == "Gateway" and name and name.rpartition(".")[2] not in ("s3", "dynamodb"):
        yield "VpcEndpointType", f"only S3 and DynamoDB have gateways; {name} is an Interface"
    if kind == "Interface" and x.missing("SubnetIds"):
        yield "SubnetIds", "an endpoint of type Interface needs subnets"
    if kind == "Interface" and x.given("RouteTableIds"):
        yield "RouteTableIds", "are for gateways alone"
    if kind == "Gateway" and (x.given("SubnetIds") or x.given("SecurityGroupIds")):
        yield "SubnetIds", "a gateway has route tables, not subnets or security groups"


@condition("subnet-inside", "ec2", "CreateSubnet", source=DOCS + "vpc/latest/userguide/subnet-sizing.html")
def inside(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    found = (
        site.look("ec2", "describe_vpcs", {"VpcIds": [x.text("VpcId")]}, region) if x.text("VpcId") else None
    )
    blocks = [one["CidrBlock"] for one in (found or {}).get("Vpcs", [])]
    text = x.text("CidrBlock")
    if blocks and text:
        network = ipaddress.ip_network(text, strict=False)
        if not any(network.subnet_of(ipaddress.ip_network(one)) for one in blocks):  # type: ignore[arg-type]
            yield CloudFault(400, "InvalidSubnet.Range", f"The CIDR '{text}' is invalid.")
