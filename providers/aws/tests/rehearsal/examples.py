"""One sound resource of every type that the AWS target makes, in an order that works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

REGION = "eu-central-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"
IMAGE = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/sklearn:1"
TAGS = {"team": "ml"}

_SERVICES = ["sagemaker.amazonaws.com", "codebuild.amazonaws.com", "scheduler.amazonaws.com"]


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


TRUST = policy(Principal={"Service": _SERVICES}, Action="sts:AssumeRole")
SCALED = {
    "resourceId": "endpoint/digits/variant/blue",
    "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "serviceNamespace": "sagemaker",
}
PIPELINE = json.dumps(
    {"Version": "2020-12-01", "Steps": [{"Name": "train", "Type": "Training", "Arguments": {}}]}
)
LIFECYCLE = json.dumps({"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged",
    "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}}]})  # fmt: skip
WIDGETS = json.dumps(
    {"widgets": [{"type": "text", "width": 6, "height": 3, "properties": {"markdown": "hi"}}]}
)

Ids = Mapping[str, str]


def examples() -> Iterator[tuple[str, Callable[[Ids], dict[str, Any]]]]:
    """Type, and its inputs by the ids of those before it."""
    yield "s3/bucket:Bucket", lambda _: {"bucket": "ml-stack-1", "tags": TAGS, "forceDestroy": True}
    yield (
        "s3/bucketVersioning:BucketVersioning",
        lambda _: {"bucket": "ml-stack-1", "versioningConfiguration": {"status": "Enabled"}},
    )
    yield (
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        lambda _: {
            "bucket": "ml-stack-1",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
    )
    yield (
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        lambda _: {
            "bucket": "ml-stack-1",
            "rules": [
                {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": True}
            ],
        },
    )
    yield (
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        lambda _: {
            "bucket": "ml-stack-1",
            "rules": [
                {"id": "old", "status": "Enabled", "filter": {"prefix": "tmp/"}, "expiration": {"days": 7.0}}
            ],
        },
    )
    yield (
        "s3/bucketPolicy:BucketPolicy",
        lambda _: {
            "bucket": "ml-stack-1",
            "policy": policy(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::ml-stack-1/*"),
        },
    )
    yield "iam/role:Role", lambda _: {"name": "runner", "assumeRolePolicy": TRUST, "tags": TAGS}
    yield (
        "iam/rolePolicy:RolePolicy",
        lambda _: {
            "name": "read",
            "role": "runner",
            "policy": policy(Action=["s3:GetObject"], Resource=["*"]),
        },
    )
    yield (
        "iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda _: {"role": "runner", "policyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"},
    )
    yield (
        "ecr/repository:Repository",
        lambda _: {"name": "images", "forceDelete": True, "tags": TAGS, "imageTagMutability": "IMMUTABLE"},
    )
    yield "ecr/lifecyclePolicy:LifecyclePolicy", lambda _: {"repository": "images", "policy": LIFECYCLE}
    yield (
        "codebuild/project:Project",
        lambda _: {
            "name": "builder",
            "artifacts": {"type": "NO_ARTIFACTS"},
            "serviceRole": ROLE,
            "tags": TAGS,
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "privilegedMode": True,
            },
            "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
            "buildTimeout": 60.0,
        },
    )
    yield "kms/key:Key", lambda _: {"description": "d", "enableKeyRotation": True, "tags": TAGS}
    yield "kms/alias:Alias", lambda ids: {"name": "alias/stack", "targetKeyId": ids["kms/key:Key"]}
    yield (
        "cloudwatch/logGroup:LogGroup",
        lambda _: {"name": "/stack/log", "retentionInDays": 30.0, "tags": TAGS},
    )
    yield "sns/topic:Topic", lambda _: {"name": "oncall", "tags": TAGS}
    yield (
        "sns/topicSubscription:TopicSubscription",
        lambda ids: {"topic": ids["sns/topic:Topic"], "protocol": "email", "endpoint": "oncall@example.com"},
    )
    yield (
        "sns/topicPolicy:TopicPolicy",
        lambda ids: {
            "arn": ids["sns/topic:Topic"],
            "policy": policy(
                Principal={"Service": "cloudwatch.amazonaws.com"},
                Action="sns:Publish",
                Resource=ids["sns/topic:Topic"],
            ),
        },
    )
    yield (
        "cloudwatch/metricAlarm:MetricAlarm",
        lambda ids: {
            "name": "slow",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2.0,
            "metricName": "ModelLatency",
            "namespace": "AWS/SageMaker",
            "period": 60.0,
            "statistic": "Average",
            "threshold": 5.5,
            "dimensions": {"EndpointName": "digits"},
            "alarmActions": [ids["sns/topic:Topic"]],
            "treatMissingData": "notBreaching",
            "tags": TAGS,
        },
    )
    yield "cloudwatch/dashboard:Dashboard", lambda _: {"dashboardName": "stack", "dashboardBody": WIDGETS}
    yield (
        "cloudwatch/eventRule:EventRule",
        lambda _: {"name": "hourly", "scheduleExpression": "rate(1 hour)", "tags": TAGS, "state": "ENABLED"},
    )
    yield (
        "cloudwatch/eventTarget:EventTarget",
        lambda ids: {"rule": "hourly", "targetId": "tell", "arn": ids["sns/topic:Topic"]},
    )
    yield (
        "secretsmanager/secret:Secret",
        lambda _: {"name": "token", "recoveryWindowInDays": 7.0, "tags": TAGS, "description": "of the hub"},
    )
    yield (
        "secretsmanager/secretVersion:SecretVersion",
        lambda ids: {"secretId": ids["secretsmanager/secret:Secret"], "secretString": "s3cr3t"},
    )
    yield (
        "ec2/vpc:Vpc",
        lambda _: {
            "cidrBlock": "10.0.0.0/16",
            "enableDnsSupport": True,
            "enableDnsHostnames": True,
            "tags": TAGS,
        },
    )
    yield (
        "ec2/subnet:Subnet",
        lambda ids: {
            "vpcId": ids["ec2/vpc:Vpc"],
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": f"{REGION}a",
            "tags": TAGS,
        },
    )
    yield (
        "ec2/securityGroup:SecurityGroup",
        lambda ids: {
            "name": "inside",
            "description": "d",
            "vpcId": ids["ec2/vpc:Vpc"],
            "tags": TAGS,
            "ingress": [{"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "self": True}],
            "egress": [{"protocol": "-1", "fromPort": 0.0, "toPort": 0.0, "cidrBlocks": ["0.0.0.0/0"]}],
        },
    )
    yield "ec2/routeTable:RouteTable", lambda ids: {"vpcId": ids["ec2/vpc:Vpc"], "tags": TAGS}
    yield (
        "ec2/routeTableAssociation:RouteTableAssociation",
        lambda ids: {"routeTableId": ids["ec2/routeTable:RouteTable"], "subnetId": ids["ec2/subnet:Subnet"]},
    )
    yield (
        "ec2/vpcEndpoint:VpcEndpoint",
        lambda ids: {
            "vpcId": ids["ec2/vpc:Vpc"],
            "serviceName": f"com.amazonaws.{REGION}.sagemaker.api",
            "vpcEndpointType": "Interface",
            "subnetIds": [ids["ec2/subnet:Subnet"]],
            "privateDnsEnabled": True,
            "securityGroupIds": [ids["ec2/securityGroup:SecurityGroup"]],
            "tags": TAGS,
        },
    )
    yield (
        "sagemaker/model:Model",
        lambda ids: {
            "name": "digits",
            "executionRoleArn": ROLE,
            "tags": TAGS,
            "primaryContainer": {"image": IMAGE, "environment": {"A": "b"}},
            "vpcConfig": {
                "subnets": [ids["ec2/subnet:Subnet"]],
                "securityGroupIds": [ids["ec2/securityGroup:SecurityGroup"]],
            },
        },
    )
    yield (
        "sagemaker/endpointConfiguration:EndpointConfiguration",
        lambda _: {
            "name": "digits-1",
            "tags": TAGS,
            "productionVariants": [
                {
                    "variantName": "blue",
                    "modelName": "digits",
                    "initialInstanceCount": 1.0,
                    "instanceType": "ml.m5.large",
                    "initialVariantWeight": 1.0,
                }
            ],
            "dataCaptureConfig": {
                "enableCapture": True,
                "initialSamplingPercentage": 50.0,
                "destinationS3Uri": "s3://ml-stack-1/captured",
                "captureOptions": [{"captureMode": "Input"}, {"captureMode": "Output"}],
            },
        },
    )
    yield (
        "sagemaker/endpoint:Endpoint",
        lambda _: {
            "name": "digits",
            "endpointConfigName": "digits-1",
            "tags": TAGS,
            "deploymentConfig": {
                "blueGreenUpdatePolicy": {
                    "trafficRoutingConfiguration": {
                        "type": "LINEAR",
                        "linearStepSize": {"type": "CAPACITY_PERCENT", "value": 25.0},
                        "waitIntervalInSeconds": 300.0,
                    },
                    "terminationWaitInSeconds": 600.0,
                    "maximumExecutionTimeoutInSeconds": 3600.0,
                },
                "autoRollbackConfiguration": {"alarms": [{"alarmName": "slow"}]},
            },
        },
    )
    yield (
        "sagemaker/modelPackageGroup:ModelPackageGroup",
        lambda _: {"modelPackageGroupName": "digits", "tags": TAGS, "modelPackageGroupDescription": "d"},
    )
    yield (
        "sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        lambda _: {
            "name": "drift",
            "roleArn": ROLE,
            "dataQualityAppSpecification": {"imageUri": IMAGE},
            "tags": TAGS,
            "dataQualityJobInput": {"endpointInput": {"endpointName": "digits"}},
            "dataQualityJobOutputConfig": {
                "monitoringOutputs": {"s3Output": {"s3Uri": "s3://ml-stack-1/drift"}}
            },
            "jobResources": {
                "clusterConfig": {"instanceCount": 1.0, "instanceType": "ml.m5.large", "volumeSizeInGb": 20.0}
            },
        },
    )
    yield (
        "sagemaker/monitoringSchedule:MonitoringSchedule",
        lambda _: {
            "name": "drift",
            "tags": TAGS,
            "monitoringScheduleConfig": {
                "monitoringJobDefinitionName": "drift",
                "monitoringType": "DataQuality",
                "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
            },
        },
    )
    yield (
        "sagemaker/pipeline:Pipeline",
        lambda _: {
            "pipelineName": "nightly",
            "pipelineDisplayName": "nightly",
            "roleArn": ROLE,
            "pipelineDefinition": PIPELINE,
            "tags": TAGS,
        },
    )
    yield "appautoscaling/target:Target", lambda _: {"minCapacity": 1.0, "maxCapacity": 4.0, **SCALED}
    yield (
        "appautoscaling/policy:Policy",
        lambda _: {
            "name": "busy",
            "policyType": "TargetTrackingScaling",
            **SCALED,
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 70.0,
                "scaleInCooldown": 300.0,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        },
    )
    yield (
        "appautoscaling/scheduledAction:ScheduledAction",
        lambda _: {
            "name": "morning",
            "schedule": "cron(0 8 * * ? *)",
            "timezone": "Europe/Berlin",
            **SCALED,
            "scalableTargetAction": {"minCapacity": 2.0, "maxCapacity": 4.0},
        },
    )
    yield "scheduler/scheduleGroup:ScheduleGroup", lambda _: {"name": "stack", "tags": TAGS}
    yield (
        "scheduler/schedule:Schedule",
        lambda _: {
            "name": "nightly",
            "groupName": "stack",
            "flexibleTimeWindow": {"mode": "OFF"},
            "scheduleExpression": "cron(0 8 * * ? *)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "target": {
                "arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createTrainingJob",
                "roleArn": ROLE,
                "input": "{}",
            },
        },
    )
    yield (
        "budgets/budget:Budget",
        lambda _: {
            "name": "stack",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "100",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "threshold": 80.0,
                    "thresholdType": "PERCENTAGE",
                    "notificationType": "ACTUAL",
                    "subscriberEmailAddresses": ["oncall@example.com"],
                }
            ],
        },
    )
