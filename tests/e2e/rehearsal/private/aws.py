"""AWS. Source: docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-give-access.html,
infrastructure-connect-to-resources.html and encryption-at-rest.html;
AmazonS3/latest/userguide/access-control-block-public-access.html.

Endpoints have no address of their own: a region has one for all, which asks for signed requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: A key is made where none is named.
STRICT: dict[str, Any] = {}
_WORLD = "0.0.0.0/0"
_SERVICES = {"s3", "sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs", "monitoring", "sts",
             "secretsmanager", "kms"}  # fmt: skip


def doors(emulated: Any) -> Iterator[str]:
    with emulated.cloud.holding.inside(changing=False):
        found = [*_buckets(emulated), *_networks(emulated), *_work(emulated)]
    yield from found


def unsealed(emulated: Any) -> Iterator[str]:
    aws = _aws(emulated)
    with emulated.cloud.holding.inside(changing=False):
        found = []
        for bucket in _made(aws):
            told = aws("s3", "get_bucket_encryption", Bucket=bucket)["ServerSideEncryptionConfiguration"]
            rule = told["Rules"][0]["ApplyServerSideEncryptionByDefault"]
            if rule["SSEAlgorithm"] != "aws:kms" or not rule.get("KMSMasterKeyID"):
                found.append(bucket)
        for one in aws("secretsmanager", "list_secrets")["SecretList"]:
            if not one.get("KmsKeyId"):
                found.append(one["Name"])
        for one in aws("sagemaker", "list_endpoint_configs")["EndpointConfigs"]:
            told = aws("sagemaker", "describe_endpoint_config", EndpointConfigName=one["EndpointConfigName"])
            if not told.get("KmsKeyId"):
                found.append(one["EndpointConfigName"])
        for job in _jobs(aws):
            if not (job["OutputDataConfig"].get("KmsKeyId") and job["ResourceConfig"].get("VolumeKmsKeyId")):
                found.append(job["TrainingJobName"])
        for one in aws("ecr", "describe_repositories")["repositories"]:
            if one["encryptionConfiguration"]["encryptionType"] != "KMS":
                found.append(one["repositoryName"])
        for one in aws("sns", "list_topics").get("Topics", []):
            told = aws("sns", "get_topic_attributes", TopicArn=one["TopicArn"])["Attributes"]
            if not told.get("KmsMasterKeyId"):
                found.append(one["TopicArn"])
    yield from found


def _buckets(emulated: Any) -> Iterator[str]:
    aws = _aws(emulated)
    for bucket in _made(aws):
        told = aws.look("s3", "get_public_access_block", Bucket=bucket) or {}
        shut = told.get("PublicAccessBlockConfiguration") or {}
        if len(shut) != 4 or not all(shut.values()):
            yield f"{bucket} may be open to all"


def _networks(emulated: Any) -> Iterator[str]:
    aws = _aws(emulated)
    mine = {one["VpcId"] for one in aws("ec2", "describe_vpcs")["Vpcs"] if not one["IsDefault"]}
    for one in aws("ec2", "describe_internet_gateways")["InternetGateways"]:
        if any(each["VpcId"] in mine for each in one["Attachments"]):
            yield one["InternetGatewayId"]
    for one in aws("ec2", "describe_subnets")["Subnets"]:
        if one["VpcId"] in mine and one["MapPublicIpOnLaunch"]:
            yield f"{one['SubnetId']} gives out public addresses"
    for one in aws("ec2", "describe_route_tables")["RouteTables"]:
        if one["VpcId"] in mine and any(each.get("DestinationCidrBlock") == _WORLD for each in one["Routes"]):
            yield f"{one['RouteTableId']} leads out"
    for one in aws("ec2", "describe_security_groups")["SecurityGroups"]:
        ranges = [each["CidrIp"] for rule in one["IpPermissions"] for each in rule.get("IpRanges", [])]
        if one["VpcId"] in mine and _WORLD in ranges:
            yield f"{one['GroupId']} lets all in"
    for vpc in mine:
        wanted = [{"Name": "vpc-id", "Values": [vpc]}]
        ways = aws("ec2", "describe_vpc_endpoints", Filters=wanted)["VpcEndpoints"]
        there = {one["ServiceName"].split(".", 3)[3] for one in ways}
        yield from (f"{vpc} has no way to {service}" for service in _SERVICES - there)
        yield from (
            f"{one['ServiceName']} is known by its public name"
            for one in ways
            if one["VpcEndpointType"] == "Interface" and not one["PrivateDnsEnabled"]
        )
    if not mine:
        yield "there is no network"


def _work(emulated: Any) -> Iterator[str]:
    aws = _aws(emulated)
    for one in aws("sagemaker", "list_models")["Models"]:
        told = aws("sagemaker", "describe_model", ModelName=one["ModelName"])
        if not (told.get("VpcConfig") or {}).get("Subnets"):
            yield f"{one['ModelName']} serves outside the network"
    for job in _jobs(aws):
        if not (job.get("VpcConfig") or {}).get("Subnets"):
            yield f"{job['TrainingJobName']} runs outside the network"


def _jobs(aws: Any) -> Iterator[dict[str, Any]]:
    for one in aws("sagemaker", "list_training_jobs")["TrainingJobSummaries"]:
        yield aws("sagemaker", "describe_training_job", TrainingJobName=one["TrainingJobName"])


def _made(aws: Any) -> list[str]:
    return [one["Name"] for one in aws("s3", "list_buckets")["Buckets"]]


def _aws(emulated: Any) -> Any:
    from mlstack_aws.rehearsal.adapters import Aws

    return Aws(emulated.cloud, emulated.cloud.region)
