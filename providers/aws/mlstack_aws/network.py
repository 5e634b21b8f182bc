"""A network of the stack's own for ``network: private``: two subnets without a way out, and AWS's services
by endpoints within."""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws.arns import domain
from mlstack_aws.names import physical, tags
from mlstack_aws.place import Network

_CIDR = "10.0.0.0/16"
#: What models, jobs and their pipelines speak to. Source: SageMaker AI developer guide, "Connect to SageMaker
#: AI within your VPC", and "Give SageMaker AI hosted endpoints access to resources in your Amazon VPC".
_SERVICES = ("sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs", "monitoring", "sts",
             "secretsmanager", "kms")  # fmt: skip


def network(build: Build, region: str) -> tuple[Network | None, tuple[Any, ...]]:
    """(the network, what has to be there before anything runs in it); None where all is public."""
    asked = build.spec.network
    private = asked == "private" or (asked is None and build.stackwide.security == "strict")
    given, groups = build.settings.subnets, build.settings.security_groups
    if not private:
        return None, ()
    if given:
        return Network(tuple(given), tuple(groups)), ()
    return _made(build, region)


def _made(build: Build, region: str) -> tuple[Network, tuple[Any, ...]]:
    import pulumi_aws as aws
    from pulumi_aws import ec2

    named = {**tags(build), "Name": build.child("network")}
    vpc = build.make(
        ec2.Vpc, "network", region=region, cidr_block=_CIDR, enable_dns_support=True,
        enable_dns_hostnames=True, tags=named,
    )  # fmt: skip
    zones = aws.get_availability_zones_output(state="available", region=region).names
    routes = build.make(ec2.RouteTable, "routes", region=region, vpc_id=vpc.id, tags=tags(build))
    subnets, joined = [], []
    for index, letter in enumerate("ab"):
        subnet = build.make(
            ec2.Subnet,
            f"subnet-{letter}",
            region=region,
            vpc_id=vpc.id,
            cidr_block=f"10.0.{index}.0/24",
            availability_zone=_zone(zones, index, f"{region}{letter}"),
            map_public_ip_on_launch=False,
            tags={**tags(build), "Name": build.child(f"subnet-{letter}")},
        )
        subnets.append(subnet.id)
        joined.append(
            build.make(
                ec2.RouteTableAssociation, f"subnet-{letter}",
                region=region, subnet_id=subnet.id, route_table_id=routes.id,
            )
        )  # fmt: skip
    within = ec2.SecurityGroupIngressArgs(
        description="from within the network", protocol="-1", from_port=0, to_port=0, cidr_blocks=[_CIDR]
    )
    out = ec2.SecurityGroupEgressArgs(
        description="there is no way out but AWS's endpoints", protocol="-1", from_port=0, to_port=0,
        cidr_blocks=["0.0.0.0/0"],
    )  # fmt: skip
    group = build.make(
        ec2.SecurityGroup, "within", name=physical(build, "within", longest=255), region=region,
        vpc_id=vpc.id, description="mlstack: models and jobs", ingress=[within], egress=[out],
        tags=tags(build),
    )  # fmt: skip
    prefix = ".".join(reversed(domain(region).split(".")))
    doors = [
        build.make(
            ec2.VpcEndpoint, "door-s3", region=region, vpc_id=vpc.id, vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{region}.s3", route_table_ids=[routes.id], tags=tags(build),
        )
    ]  # fmt: skip
    for service in _SERVICES:
        doors.append(
            build.make(
                ec2.VpcEndpoint,
                f"door-{service.replace('.', '-')}",
                region=region,
                vpc_id=vpc.id,
                vpc_endpoint_type="Interface",
                service_name=_service(prefix, region, service),
                subnet_ids=subnets,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=tags(build),
            )
        )
    return Network(tuple(subnets), (group.id,)), (*joined, *doors)


def _service(prefix: str, region: str, service: str) -> str:
    """SageMaker's own endpoints begin otherwise where the domain is another (``cn.com.amazonaws``)."""
    own = prefix if service.startswith(("sagemaker", "ecr", "monitoring")) else "com.amazonaws"
    return f"{own}.{region}.{service}"


def _zone(zones: pulumi.Output[Any], index: int, usual: str) -> pulumi.Output[str]:
    """The zones that this account has; before they are known, those that most regions have."""
    return zones.apply(lambda names: names[index] if names and len(names) > index else usual)
