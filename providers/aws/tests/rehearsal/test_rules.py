"""Rules: what AWS would refuse is refused, with a source, and what it would take is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mlstack_aws.rehearsal import AwsEmulation
from mlstack_aws.rehearsal.rules import CONDITIONS, RULES, judged

from mlstack.rehearsal import CloudFault

S = "sagemaker"
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
LESS = {
    "VariantName": "a",
    "ModelName": "m",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
BASE = {"ProductionVariants": [VARIANT]}
STOP = "StoppingCondition"
WAIT = {"MaxRuntimeInSeconds": 60}
ALGORITHM = {"TrainingImage": "x", "TrainingInputMode": "File"}
MACHINES = {"InstanceType": "ml.m5.large"}
TRAIN = {"AlgorithmSpecification": ALGORITHM, "ResourceConfig": MACHINES}
SCALING = "application-autoscaling"
TARGET = {"ServiceNamespace": S, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
          "ResourceId": "endpoint/e/variant/v"}  # fmt: skip
ALARM = {"MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
DAILY = {"MonitoringScheduleConfig": {"MonitoringJobDefinitionName": "d",
         "ScheduleConfig": {"ScheduleExpression": "cron(0 8 ? * * *)"}}}  # fmt: skip


def _when(text: str) -> dict[str, Any]:
    return {"MonitoringScheduleConfig": {"MonitoringJobDefinitionName": "d",
            "ScheduleConfig": {"ScheduleExpression": text}}}  # fmt: skip


SEEN = {"EndpointInput": {"EndpointName": "e", "InferenceAttribute": "0"}}
LABELS = {"GroundTruthS3Input": {"S3Uri": "s3://b/labels"}}
QUALITY = {"ModelQualityAppSpecification": {"ProblemType": "Regression"},
           "ModelQualityJobInput": SEEN | LABELS}  # fmt: skip
METRIC = {"type": "metric", "properties": {"region": "eu-west-1", "metrics": []}}


def _board(*widgets: dict[str, Any]) -> dict[str, Any]:
    return {"DashboardBody": json.dumps({"widgets": widgets})}


def _graph(*rows: list[Any]) -> dict[str, Any]:
    return _board(METRIC | {"properties": {"region": "eu-west-1", "metrics": rows}})


#: service, operation, parameters that AWS takes, parameters that it does not, the path that is told.
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    (S, "CreateEndpointConfig", BASE, {"ProductionVariants": [VARIANT, VARIANT]},
     "ProductionVariants[0].VariantName"),
    (S, "CreateEndpointConfig", {"ProductionVariants": [LESS]}, {"ProductionVariants": [LESS | MACHINES]},
     "ProductionVariants[0].InstanceType"),
    (S, "CreateEndpointConfig", BASE, {"ProductionVariants": [{"VariantName": "a", "ModelName": "m"}]},
     "ProductionVariants[0].InstanceType"),
    (S, "CreateEndpointConfig", {"ProductionVariants": [LESS]},
     {"ProductionVariants": [LESS | {"ServerlessConfig": {"MemorySizeInMB": 1500}}]},
     "ProductionVariants[0].ServerlessConfig.MemorySizeInMB"),
    (S, "CreateEndpointConfig", {"ProductionVariants": [LESS]},
     {"ProductionVariants": [LESS], "DataCaptureConfig": {"EnableCapture": True}}, "DataCaptureConfig"),
    (S, "CreateEndpointConfig", BASE | {"ShadowProductionVariants": [VARIANT | {"VariantName": "s"}]},
     BASE | {"ShadowProductionVariants": [VARIANT | {"VariantName": n} for n in "st"]},
     "ShadowProductionVariants"),
    (S, "CreateEndpointConfig", BASE | {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/o"}}},
     BASE | {"AsyncInferenceConfig": {"OutputConfig": {}}},
     "AsyncInferenceConfig.OutputConfig.S3OutputPath"),
    (S, "CreateEndpointConfig", BASE | {"KmsKeyId": "k"},
     {"KmsKeyId": "k", "ProductionVariants": [VARIANT | {"InstanceType": "ml.g5.xlarge"}]},
     "ProductionVariants[0].InstanceType"),
    (S, "CreateModel", {"PrimaryContainer": {"Image": "h/r:t"}}, {"PrimaryContainer": {}},
     "PrimaryContainer"),
    (S, "CreateModel", {"PrimaryContainer": {"Image": "h/r:t"}}, {"PrimaryContainer": {"Image": "no image"}},
     "PrimaryContainer.Image"),
    (S, "CreateModel", {"PrimaryContainer": {"Image": "h/r", "ModelDataUrl": "s3://b/m.tar.gz"}},
     {"PrimaryContainer": {"Image": "h/r", "ModelDataUrl": "s3://b/m.zip"}}, "PrimaryContainer.ModelDataUrl"),
    (S, "CreateTrainingJob", TRAIN | {STOP: {"MaxRuntimeInSeconds": 2_419_200}},
     TRAIN | {STOP: {"MaxRuntimeInSeconds": 2_419_201}}, f"{STOP}.MaxRuntimeInSeconds"),
    (S, "CreateTrainingJob",
     TRAIN | {"EnableManagedSpotTraining": True, STOP: WAIT | {"MaxWaitTimeInSeconds": 60}},
     TRAIN | {"EnableManagedSpotTraining": True, STOP: WAIT | {"MaxWaitTimeInSeconds": 59}},
     f"{STOP}.MaxWaitTimeInSeconds"),
    (S, "CreateMonitoringSchedule", DAILY, _when("cron(30 8 ? * * *)"),
     "MonitoringScheduleConfig.ScheduleConfig.ScheduleExpression"),
    (S, "CreateMonitoringSchedule", _when("cron(0 0/6 ? * * *)"), _when("rate(1 day)"),
     "MonitoringScheduleConfig.ScheduleConfig.ScheduleExpression"),
    (S, "CreatePipeline",
     {"PipelineDefinition": '{"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Fail"}]}'},
     {"PipelineDefinition": '{"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Bake"}]}'},
     "PipelineDefinition"),
    (SCALING, "RegisterScalableTarget", TARGET | {"MinCapacity": 1, "MaxCapacity": 1},
     TARGET | {"MinCapacity": 2, "MaxCapacity": 1}, "MinCapacity"),
    (SCALING, "RegisterScalableTarget", TARGET, TARGET | {"ResourceId": "e/v"}, "ResourceId"),
    (SCALING, "PutScheduledAction", {"Schedule": "cron(0 8 * * ? *)"}, {"Schedule": "cron(0 8 * * *)"},
     "Schedule"),
    ("events", "PutRule", {"ScheduleExpression": "rate(1 hour)"}, {"ScheduleExpression": "rate(1 hours)"},
     "ScheduleExpression"),
    ("scheduler", "CreateSchedule", {"ScheduleExpression": "at(2030-01-01T00:00:00)"},
     {"ScheduleExpression": "cron(0 8 * * * *)"}, "ScheduleExpression"),
    ("s3", "CreateBucket", {"Bucket": "a-bucket.1"}, {"Bucket": "A_bucket"}, "Bucket"),
    ("s3", "CreateBucket", {"Bucket": "abc"}, {"Bucket": "10.0.0.1"}, "Bucket"),
    ("sns", "Subscribe", {"Protocol": "email", "Endpoint": "a@b.co"}, {"Protocol": "email", "Endpoint": "a"},
     "Endpoint"),
    ("secretsmanager", "DeleteSecret", {"RecoveryWindowInDays": 7}, {"RecoveryWindowInDays": 6},
     "RecoveryWindowInDays"),
    ("kms", "ScheduleKeyDeletion", {"PendingWindowInDays": 30}, {"PendingWindowInDays": 31},
     "PendingWindowInDays"),
    ("cloudwatch", "PutMetricAlarm", ALARM, ALARM | {"Period": 45}, "Period"),
    ("logs", "PutRetentionPolicy", {"retentionInDays": 30}, {"retentionInDays": 31}, "retentionInDays"),
    ("ec2", "CreateVpcEndpoint", {"ServiceName": "com.amazonaws.eu-central-1.s3"},
     {"ServiceName": "com.amazonaws.eu-central-1.ecr.api"}, "VpcEndpointType"),
    ("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"}, {"CidrBlock": "10.0.0.0/8"}, "CidrBlock"),
    ("cloudwatch", "PutDashboard", _board(), {"DashboardBody": "{"}, "DashboardBody"),
    ("cloudwatch", "PutDashboard", _board(METRIC), _board({"type": "metric"}), "DashboardBody"),
    ("cloudwatch", "PutDashboard", _board(METRIC), _board(METRIC | {"type": "chart"}), "DashboardBody"),
    ("cloudwatch", "PutDashboard", _board(METRIC | {"x": 0, "y": 0}), _board(METRIC | {"x": 0}),
     "DashboardBody"),
    ("cloudwatch", "PutDashboard", _graph(["AWS/SageMaker", "Invocations", "EndpointName", "e", {"id": "a"}]),
     _graph(["AWS/SageMaker", "Invocations", {"EndpointName": "e"}, {"id": "a"}]), "DashboardBody"),
    ("cloudwatch", "PutDashboard", _graph([{"expression": "a * 2"}], ["...", "f"]),
     _graph(["AWS/SageMaker", "Invocations", "EndpointName"]), "DashboardBody"),
    (S, "CreateModelQualityJobDefinition", QUALITY, QUALITY | {"ModelQualityAppSpecification": {}},
     "ModelQualityAppSpecification.ProblemType"),
    (S, "CreateModelQualityJobDefinition", QUALITY, QUALITY | {"ModelQualityJobInput": SEEN},
     "ModelQualityJobInput.GroundTruthS3Input.S3Uri"),
    (S, "CreateModelQualityJobDefinition", QUALITY,
     QUALITY | {"ModelQualityJobInput": LABELS | {"EndpointInput": {"EndpointName": "e"}}},
     "ModelQualityJobInput.EndpointInput.InferenceAttribute"),
    (S, "CreateDataQualityJobDefinition", {"DataQualityJobInput": SEEN},
     {"DataQualityJobInput": SEEN | {"BatchTransformInput": {"LocalPath": "/opt/ml/processing/in"}}},
     "DataQualityJobInput.BatchTransformInput"),
    ("budgets", "CreateBudget", {"Budget": {"BudgetLimit": {"Amount": "1"}}},
     {"Budget": {"BudgetLimit": {"Amount": "0"}}}, "Budget.BudgetLimit.Amount"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "operation", "good", "bad", "path"),
    CASES,
    ids=[f"{c[1]}-{c[4]}-{i}" for i, c in enumerate(CASES)],
)
def test_a_rule_refuses_the_bad_and_takes_the_good(
    service: str, operation: str, good: dict[str, Any], bad: dict[str, Any], path: str
) -> None:
    assert list(judged(service, operation, good)) == []
    assert path in [found for found, _, _ in judged(service, operation, bad)]


def test_every_rule_has_a_source_and_a_code_of_its_own() -> None:
    for table in (RULES, CONDITIONS):
        assert all(one.source and one.operations for one in table)
        codes = [one.code for one in table]
        assert len(codes) == len(set(codes))


def _says(aws: AwsEmulation, service: str, operation: str, **parameters: Any) -> str:
    with pytest.raises(CloudFault) as caught:
        aws.cloud.call(service, operation, parameters)
    return f"{caught.value.code} {caught.value.message}"


def test_what_is_not_there_yet_is_told(aws: AwsEmulation) -> None:
    role = f"arn:aws:iam::{aws.cloud.account}:role/nobody"
    container = {"Image": "763104351884.dkr.ecr.eu-central-1.amazonaws.com/sklearn:1"}
    said = _says(aws, S, "create_model", ModelName="m", ExecutionRoleArn=role, PrimaryContainer=container)
    assert "Could not assume role" in said
    own = {"Image": f"{aws.cloud.account}.dkr.ecr.eu-central-1.amazonaws.com/none:1"}
    assert "not found" in _says(aws, S, "create_model", ModelName="m", PrimaryContainer=own)
    assert "Could not find model" in _says(aws, S, "create_endpoint_config", EndpointConfigName="c", **BASE)
    said = _says(aws, S, "create_endpoint", EndpointName="e", EndpointConfigName="c")
    assert "Could not find endpoint configuration" in said
    aws.cloud.call(S, "create_model", {"ModelName": "m", "PrimaryContainer": container})
    assert "already existing" in _says(aws, S, "create_model", ModelName="m", PrimaryContainer=container)
    asked = TARGET | {"MinCapacity": 1, "MaxCapacity": 2}
    assert "nothing to scale" in _says(aws, SCALING, "register_scalable_target", **asked)


def test_what_is_kept_holds_its_name(aws: AwsEmulation) -> None:
    token, inputs = "aws:secretsmanager/secret:Secret", {"name": "t", "recoveryWindowInDays": 7.0}
    aws.delete(token, aws.create(token, inputs).id, inputs)
    with pytest.raises(CloudFault, match="scheduled for deletion"):
        aws.create(token, inputs)


def test_a_bucket_with_something_in_it_stays(aws: AwsEmulation) -> None:
    token, inputs = "aws:s3/bucket:Bucket", {"bucket": "full-1"}
    id = aws.create(token, inputs).id
    versioned = {"bucket": id, "versioningConfiguration": {"status": "Enabled"}}
    aws.create("aws:s3/bucketVersioning:BucketVersioning", versioned)
    aws.cloud.call("s3", "put_object", {"Bucket": id, "Key": "k", "Body": b"x"})
    aws.cloud.call("s3", "delete_object", {"Bucket": id, "Key": "k"})  # there still, below a marker
    with pytest.raises(CloudFault) as caught:
        aws.delete(token, id, inputs)
    assert caught.value.code == "BucketNotEmpty"
    assert "api error BucketNotEmpty" in aws.words(caught.value)
    aws.delete(token, id, {**inputs, "forceDestroy": True})
    assert aws.read(token, id, inputs) is None
