"""Functions of pulumi-aws: what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.adapters import Aws, adapters

if TYPE_CHECKING:
    from mlstack_aws.rehearsal.cloud import Cloud

#: Look-ups of what is there: the type whose properties they tell, and the argument that is its id.
_LOOKUPS = {
    "aws:s3/getBucket:getBucket": ("aws:s3/bucket:Bucket", ("bucket",)),
    "aws:iam/getRole:getRole": ("aws:iam/role:Role", ("name",)),
    "aws:ecr/getRepository:getRepository": ("aws:ecr/repository:Repository", ("name",)),
    "aws:secretsmanager/getSecret:getSecret": ("aws:secretsmanager/secret:Secret", ("arn", "name")),
    "aws:sns/getTopic:getTopic": ("aws:sns/topic:Topic", ("name",)),
    "aws:kms/getKey:getKey": ("aws:kms/key:Key", ("keyId",)),
    "aws:ec2/getVpc:getVpc": ("aws:ec2/vpc:Vpc", ("id",)),
    "aws:ec2/getSubnet:getSubnet": ("aws:ec2/subnet:Subnet", ("id",)),
}


def answer(cloud: Cloud, function: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFault: there is no such function, or nothing that it finds."""
    aws = Aws(cloud, str(arguments.get("region") or cloud.region))
    if function == "aws:index/getCallerIdentity:getCallerIdentity":
        user = f"arn:aws:iam::{cloud.account}:user/rehearsal"
        return {"accountId": cloud.account, "arn": user, "userId": "AIDAREHEARSAL", "id": cloud.account}
    if function == "aws:index/getRegion:getRegion":
        name = aws.region
        return {
            "name": name,
            "id": name,
            "region": name,
            "endpoint": f"ec2.{name}.amazonaws.com",
            "description": name,
        }
    if function == "aws:index/getPartition:getPartition":
        names = {"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com"}
        return {**names, "reverseDnsPrefix": "com.amazonaws"}
    if function == "aws:index/getAvailabilityZones:getAvailabilityZones":
        zones = aws("ec2", "describe_availability_zones")["AvailabilityZones"]
        return {
            "id": aws.region,
            "names": [one["ZoneName"] for one in zones],
            "zoneIds": [one["ZoneId"] for one in zones],
            "groupNames": [aws.region],
        }
    if function == "aws:iam/getPolicyDocument:getPolicyDocument":
        raise CloudFault(
            501, "NotEmulated", "write the policy as JSON: aws.iam.get_policy_document is not emulated"
        )
    if function not in _LOOKUPS:
        raise CloudFault(501, "NotEmulated", f"the function {function} is not emulated")
    of, keys = _LOOKUPS[function]
    with cloud.holding.inside(changing=False):
        for key in keys:
            if arguments.get(key):
                id = str(arguments[key])
                if of.endswith(":Topic"):
                    id = aws.arn("sns", id)
                found = adapters()[of].look(aws, id, {})
                if found is not None:
                    return {"id": id, "region": aws.region, **dict(arguments), **found}
    raise CloudFault(404, "NotFound", f"{function}: couldn't find {dict(arguments)}")
