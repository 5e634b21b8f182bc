"""What an AWS account holds, told by plain boto3 clients: one body for each thing, by service, kind and name.

Only calls of AWS's own API that list and describe are made, and nothing of mlstack is asked. Names end in a
hash that mlstack makes up, and ids of networks are AWS's: both are written as "#" wherever they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Client = Callable[[str], Any]
Things = dict[str, dict[str, Any]]
"""By address: "sagemaker model digits-blue-#"."""
Thing = tuple[str, str, Any]
"""Kind, name, body."""

#: When, and in which state, or what the calls themselves are about: nothing that anybody asks for.
_PASSING = re.compile(
    r"ResponseMetadata|NextToken|IsTruncated|.*(Time|Date|Timestamp|TimeUtc)|created|lastModified|createdAt"
    r"|RoleId|VersionIdsToStages|RequestCharged|CreatedBy|LastModifiedBy|LastChangedDate|arnLastModified"
)
_MADE_UP = (
    (re.compile(r"c0ffee00"), "UID"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "#"),
    (re.compile(r"\b(vpc|subnet|sg|sgr|rtb|rtbassoc|vpce|acl|eni|pl|dopt)-[0-9a-f]{8,17}\b"), r"\1-#"),
    (re.compile(r"(?<![0-9A-Za-z])(?!123456789012|763104351884)[0-9a-f]{8,64}(?![0-9A-Za-z])"), "#"),
    (re.compile(r"(secret:[\w/#-]+)-[A-Za-z0-9]{6}\b"), r"\1-?"),
    (re.compile(r"(scalable-target/)\w+"), r"\1#"),
)


def held(client: Client, services: Iterable[str] = ()) -> Things:
    """All that there is, or what there is of some services."""
    found: Things = {}
    for service in services or READERS:
        for kind, name, body in READERS[service](client):
            address = f"{service} {kind} {named(name)}"
            assert address not in found, f"two things of one name: {address}"
            found[address] = plain(body)
    return found


def named(text: str) -> str:
    for pattern, word in _MADE_UP:
        text = pattern.sub(word, text)
    return text


def plain(value: Any) -> Any:
    """Without what passes, and what is empty; tags as a map, dimensions by name, and JSON within a text as
    what it says."""
    if isinstance(value, Mapping):
        found = {
            named(str(key)): _tags(item) if key in ("Tags", "tags", "TagSet", "TagList") else plain(item)
            for key, item in value.items()
            if not _PASSING.fullmatch(str(key))
        }
        return {key: item for key, item in found.items() if item not in ([], {}, None)}
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value]
        named_values = items and all(
            isinstance(each, dict) and each.keys() == {"Name", "Value"} for each in items
        )
        return sorted(items, key=lambda each: str(each["Name"])) if named_values else items
    if isinstance(value, str):
        return plain(json.loads(value)) if value[:2] in ('{"', "[{") else named(value)
    return value if value is None or isinstance(value, int | float | bool) else str(value)


def _tags(given: Any) -> Any:
    if isinstance(given, list):
        pairs = [{key.lower(): value for key, value in each.items()} for each in given]
        return {each["key"]: named(each["value"]) for each in pairs}
    return plain(given)


def _only(body: Mapping[str, Any], keys: str) -> dict[str, Any]:
    """What of a body somebody can ask for; the rest the service tells of itself."""
    return {key: body.get(key) for key in keys.split()}


def _pages(client: Any, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page.get(key) or ()
    else:
        yield from getattr(client, operation)(**parameters).get(key) or ()


def _sagemaker(client: Client) -> Iterator[Thing]:
    cloud = client("sagemaker")
    for kind, listed, key, name, described, given in (
        ("model", "list_models", "Models", "ModelName", "describe_model", "ModelName"),
        ("config", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName",
         "describe_endpoint_config", "EndpointConfigName"),
        ("endpoint", "list_endpoints", "Endpoints", "EndpointName", "describe_endpoint", "EndpointName"),
        ("component", "list_inference_components", "InferenceComponents", "InferenceComponentName",
         "describe_inference_component", "InferenceComponentName"),
        ("group", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName",
         "describe_model_package_group", "ModelPackageGroupName"),
        ("training", "list_training_jobs", "TrainingJobSummaries", "TrainingJobName",
         "describe_training_job", "TrainingJobName"),
        ("pipeline", "list_pipelines", "PipelineSummaries", "PipelineName", "describe_pipeline",
         "PipelineName"),
    ):  # fmt: skip
        for one in _pages(cloud, listed, key):
            body = getattr(cloud, described)(**{given: one[name]})
            arn = next(value for at, value in body.items() if at in (f"{name[:-4]}Arn",))
            body["Tags"] = cloud.list_tags(ResourceArn=arn)["Tags"]
            yield kind, one[name], body
            if kind == "group":
                for version in _pages(
                    cloud, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=one[name]
                ):
                    package = version["ModelPackageArn"]
                    told = cloud.describe_model_package(ModelPackageName=package)
                    yield "package", package.partition(":model-package/")[2], told


def _s3(client: Client) -> Iterator[Thing]:
    cloud = client("s3")
    for bucket in cloud.list_buckets()["Buckets"]:
        name = bucket["Name"]
        yield (
            "bucket",
            name,
            {
                "Region": cloud.get_bucket_location(Bucket=name)["LocationConstraint"],
                "Versioning": cloud.get_bucket_versioning(Bucket=name).get("Status"),
                "Encryption": _maybe(cloud.get_bucket_encryption, Bucket=name),
                "Closed": _maybe(cloud.get_public_access_block, Bucket=name),
                "Policy": (_maybe(cloud.get_bucket_policy, Bucket=name) or {}).get("Policy"),
                "Lifecycle": _maybe(cloud.get_bucket_lifecycle_configuration, Bucket=name),
                "Tags": (_maybe(cloud.get_bucket_tagging, Bucket=name) or {}).get("TagSet"),
            },
        )
        for item in _pages(cloud, "list_objects_v2", "Contents", Bucket=name):
            if re.search(
                r"/runs/[^/]+/output/", item["Key"]
            ):  # what a run has left, and nobody has asked for
                continue
            short = item["Size"] < 300 and not item["Key"].endswith((".json", ".gz"))
            content = cloud.get_object(Bucket=name, Key=item["Key"])["Body"].read() if short else b"(long)"
            yield "object", f"{name}/{item['Key']}", {"Text": content.decode()}


def _iam(client: Client) -> Iterator[Thing]:
    cloud = client("iam")
    for role in _pages(cloud, "list_roles", "Roles"):
        name = role["RoleName"]
        told = dict(cloud.get_role(RoleName=name)["Role"])
        told["Policies"] = {
            policy: cloud.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in _pages(cloud, "list_role_policies", "PolicyNames", RoleName=name)
        }
        attached = _pages(cloud, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        told["Attached"] = sorted(each["PolicyArn"] for each in attached)
        keys = "RoleName AssumeRolePolicyDocument Description MaxSessionDuration Tags Policies Attached"
        yield "role", name, _only(told, keys)


def _ecr(client: Client) -> Iterator[Thing]:
    cloud = client("ecr")
    for one in _pages(cloud, "describe_repositories", "repositories"):
        name = one["repositoryName"]
        lifecycle = _maybe(cloud.get_lifecycle_policy, repositoryName=name) or {}
        yield (
            "repository",
            name,
            {
                **_only(
                    one,
                    "repositoryName imageTagMutability imageScanningConfiguration encryptionConfiguration",
                ),
                "Tags": cloud.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"],
                "Lifecycle": lifecycle.get("lifecyclePolicyText"),
            },
        )
        for image in _pages(cloud, "list_images", "imageIds", repositoryName=name):
            yield "image", f"{name}:{image.get('imageTag')}", {"There": True}


def _codebuild(client: Client) -> Iterator[Thing]:
    cloud = client("codebuild")
    names = cloud.list_projects()["projects"]
    for one in cloud.batch_get_projects(names=names)["projects"] if names else ():
        keys = "name description source artifacts environment serviceRole timeoutInMinutes tags vpcConfig"
        yield "project", one["name"], _only(one, keys)


def _kms(client: Client) -> Iterator[Thing]:
    cloud = client("kms")
    aliases = {
        each.get("TargetKeyId"): each["AliasName"] for each in _pages(cloud, "list_aliases", "Aliases")
    }
    for key in _pages(cloud, "list_keys", "Keys"):
        id = key["KeyId"]
        told = dict(cloud.describe_key(KeyId=id)["KeyMetadata"])
        told["Rotates"] = cloud.get_key_rotation_status(KeyId=id)["KeyRotationEnabled"]
        told["Policy"] = cloud.get_key_policy(KeyId=id, PolicyName="default")["Policy"]
        told["Tags"] = [
            {"key": each["TagKey"], "value": each["TagValue"]}
            for each in cloud.list_resource_tags(KeyId=id)["Tags"]
        ]
        keys = "Description KeyUsage KeySpec MultiRegion Rotates Policy Tags"
        yield "key", aliases.get(id, told.get("Description") or id), _only(told, keys)


def _sns(client: Client) -> Iterator[Thing]:
    cloud = client("sns")
    for topic in _pages(cloud, "list_topics", "Topics"):
        arn = topic["TopicArn"]
        told = dict(cloud.get_topic_attributes(TopicArn=arn)["Attributes"])
        told["Tags"] = cloud.list_tags_for_resource(ResourceArn=arn)["Tags"]
        keys = "DisplayName Policy KmsMasterKeyId Tags"
        yield "topic", arn.rpartition(":")[2], _only(told, keys)
        for each in _pages(cloud, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
            given = cloud.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"]
            keys = "Protocol Endpoint TopicArn RawMessageDelivery FilterPolicy"
            name = f"{arn.rpartition(':')[2]} {each['Protocol']}"
            yield "subscription", name, _only({**each, **given}, keys)


def _cloudwatch(client: Client) -> Iterator[Thing]:
    cloud = client("cloudwatch")
    for alarm in _pages(cloud, "describe_alarms", "MetricAlarms"):
        told = {key: value for key, value in alarm.items() if not key.startswith("State")}
        told["Tags"] = cloud.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        yield "alarm", alarm["AlarmName"], told


def _scheduler(client: Client) -> Iterator[Thing]:
    cloud = client("scheduler")
    for group in cloud.list_schedule_groups()["ScheduleGroups"]:
        if group["Name"] != "default":
            tags = cloud.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"]
            yield "group", group["Name"], {"Name": group["Name"], "Tags": tags}
    for one in cloud.list_schedules()["Schedules"]:
        name, group = one["Name"], one["GroupName"]
        yield "schedule", f"{group}/{name}", cloud.get_schedule(Name=name, GroupName=group)


def _secretsmanager(client: Client) -> Iterator[Thing]:
    cloud = client("secretsmanager")
    for one in _pages(cloud, "list_secrets", "SecretList"):
        told = dict(cloud.describe_secret(SecretId=one["Name"]))
        told["Value"] = (_maybe(cloud.get_secret_value, SecretId=one["Name"]) or {}).get("SecretString")
        yield "secret", one["Name"], told


def _autoscaling(client: Client) -> Iterator[Thing]:
    cloud = client("application-autoscaling")
    for one in _pages(cloud, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="sagemaker"):
        yield "target", one["ResourceId"], one
    for one in _pages(cloud, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="sagemaker"):
        yield "policy", one["PolicyName"], one


def _budgets(client: Client) -> Iterator[Thing]:
    cloud = client("budgets")
    for one in _pages(cloud, "describe_budgets", "Budgets", AccountId="123456789012"):
        name = {"AccountId": "123456789012", "BudgetName": one["BudgetName"]}
        told = dict(one)
        told["Notifications"] = list(
            _pages(cloud, "describe_notifications_for_budget", "Notifications", **name)
        )
        keys = "BudgetName BudgetLimit CostFilters CostTypes TimeUnit BudgetType Notifications"
        yield "budget", one["BudgetName"], _only(told, keys)


def _ec2(client: Client) -> Iterator[Thing]:
    cloud = client("ec2")
    own = [one for one in cloud.describe_vpcs()["Vpcs"] if not one["IsDefault"]]
    inside = {one["VpcId"] for one in own}
    for number, one in enumerate(own):
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            told = cloud.describe_vpc_attribute(VpcId=one["VpcId"], Attribute=attribute)
            one[attribute] = told[attribute[0].upper() + attribute[1:]]["Value"]
        yield (
            "vpc",
            str(number),
            _only(one, "CidrBlock InstanceTenancy enableDnsSupport enableDnsHostnames Tags"),
        )
    for kind, operation, key, name, told in (
        ("subnet", "describe_subnets", "Subnets", "CidrBlock",
         "VpcId CidrBlock AvailabilityZone MapPublicIpOnLaunch AssignIpv6AddressOnCreation Tags"),
        ("group", "describe_security_groups", "SecurityGroups", "GroupName",
         "GroupName Description VpcId IpPermissions IpPermissionsEgress Tags"),
        ("endpoint", "describe_vpc_endpoints", "VpcEndpoints", "ServiceName",
         "VpcEndpointType VpcId ServiceName RouteTableIds SubnetIds Groups PrivateDnsEnabled Tags"),
    ):  # fmt: skip
        for one in getattr(cloud, operation)()[key]:
            if one["VpcId"] in inside and one.get("GroupName") != "default":
                yield kind, one[name], _only(one, told)
    for one in cloud.describe_route_tables()["RouteTables"]:
        if one["VpcId"] in inside:
            main = any(each.get("Main") for each in one["Associations"])
            if not main:  # that AWS makes itself
                yield "routes", "own", _only(one, "VpcId Associations Routes Tags")


def _maybe(call: Callable[..., Any], **parameters: Any) -> Any:
    """None where AWS says that there is no such configuration."""
    from botocore.exceptions import ClientError

    try:
        return call(**parameters)
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        if re.search("NoSuch|NotFound", code):
            return None
        raise


READERS: Mapping[str, Callable[[Client], Iterator[Thing]]] = {
    "sagemaker": _sagemaker,
    "s3": _s3,
    "iam": _iam,
    "ecr": _ecr,
    "codebuild": _codebuild,
    "kms": _kms,
    "sns": _sns,
    "cloudwatch": _cloudwatch,
    "scheduler": _scheduler,
    "secretsmanager": _secretsmanager,
    "appautoscaling": _autoscaling,
    "budgets": _budgets,
    "ec2": _ec2,
}
