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


ROUTING = "TrafficRoutingConfiguration"
ROUTED = f"DeploymentConfig.BlueGreenUpdatePolicy.{ROUTING}"
PIPELINE = "arn:aws:sagemaker:eu-central-1:123456789012:pipeline/nightly"
START = "arn:aws:scheduler:::aws-sdk:sagemaker:startPipelineExecution"


def _routed(kind: str, wait: int = 60, more: dict[str, Any] | None = None, **sizes: Any) -> dict[str, Any]:
    """An update whose traffic goes over so."""
    route = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {"DeploymentConfig": {"BlueGreenUpdatePolicy": {ROUTING: route, **(more or {})}}}


def _percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def _rolling(value: int) -> dict[str, Any]:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": _percent(value), "WaitIntervalInSeconds": 60}}


def _ecr(account: str, rest: str) -> dict[str, Any]:
    return {"PrimaryContainer": {"Image": f"{account}.dkr.ecr.eu-central-1.amazonaws.com/{rest}"}}


def _started(arn: str, **target: Any) -> dict[str, Any]:
    return {"Target": {"Arn": arn, "RoleArn": "r", **target}}


def _given(*names: str) -> dict[str, Any]:
    listed = [{"Name": name, "Value": "1"} for name in names]
    return {"SageMakerPipelineParameters": {"PipelineParameterList": listed}}


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
    (S, "CreateEndpointConfig", {"ProductionVariants": [VARIANT | {"VolumeSizeInGB": 50}]},
     {"ProductionVariants": [VARIANT | {"InstanceType": "ml.g5.xlarge", "VolumeSizeInGB": 50}]},
     "ProductionVariants[0].VolumeSizeInGB"),
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
    (SCALING, "PutScheduledAction", {"Timezone": "Europe/Berlin"}, {"Timezone": "Europe/Ur"}, "Timezone"),
    (SCALING, "PutScheduledAction", {"StartTime": "2030-01-01T00:00:00", "EndTime": "2030-01-02T00:00:00"},
     {"StartTime": "2030-01-02T00:00:00", "EndTime": "2030-01-01T00:00:00"}, "EndTime"),
    (SCALING, "PutScheduledAction", {"ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2}},
     {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}}, "ScalableTargetAction.MinCapacity"),
    (S, "UpdateEndpoint", _routed("ALL_AT_ONCE"), _routed("ALL_AT_ONCE", CanarySize=_percent(10)),
     f"{ROUTED}.CanarySize"),
    (S, "UpdateEndpoint", _routed("CANARY", CanarySize=_percent(50)), _routed("CANARY"),
     f"{ROUTED}.CanarySize"),
    (S, "UpdateEndpoint", _routed("CANARY", CanarySize=_percent(10)),
     _routed("CANARY", CanarySize=_percent(51)), f"{ROUTED}.CanarySize.Value"),
    (S, "UpdateEndpoint", _routed("LINEAR", LinearStepSize=_percent(10)),
     _routed("LINEAR", LinearStepSize=_percent(9)), f"{ROUTED}.LinearStepSize.Value"),
    (S, "UpdateEndpoint", _routed("LINEAR", LinearStepSize=_percent(25)),
     _routed("LINEAR", CanarySize=_percent(25), LinearStepSize=_percent(25)), f"{ROUTED}.CanarySize"),
    (S, "UpdateEndpoint",
     _routed("LINEAR", 300, {"MaximumExecutionTimeoutInSeconds": 1201}, LinearStepSize=_percent(25)),
     _routed("LINEAR", 300, {"MaximumExecutionTimeoutInSeconds": 1200}, LinearStepSize=_percent(25)),
     "DeploymentConfig.BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds"),
    (S, "CreateEndpoint", {"DeploymentConfig": _rolling(5)}, {"DeploymentConfig": _rolling(4)},
     "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"),
    (S, "UpdateEndpoint", {"DeploymentConfig": _rolling(50)},
     {"DeploymentConfig": {**_rolling(50), **_routed("ALL_AT_ONCE")["DeploymentConfig"]}},
     "DeploymentConfig.RollingUpdatePolicy"),
    (S, "CreateModel", _ecr("492215442770", "sagemaker-scikit-learn:1.2-1-cpu-py3"),
     _ecr("683313688378", "sagemaker-scikit-learn:1.2-1-cpu-py3"), "PrimaryContainer.Image"),
    (S, "CreateModel", _ecr("763104351884", "pytorch-inference:2.6.0-cpu-py312"),
     _ecr("626614931356", "pytorch-inference:2.6.0-cpu-py312"), "PrimaryContainer.Image"),
    (S, "CreateProcessingJob",
     {"AppSpecification": {"ImageUri":
      "048819808253.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-model-monitor-analyzer"}},
     {"AppSpecification": {"ImageUri":
      "468650794304.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-model-monitor-analyzer"}},
     "AppSpecification.ImageUri"),
    ("scheduler", "CreateSchedule", _started(PIPELINE, **_given("a")),
     _started("arn:aws:lambda:eu-central-1:123456789012:function:f", **_given("a")),
     "Target.SageMakerPipelineParameters"),
    ("scheduler", "CreateSchedule", _started(PIPELINE, **_given("a", "b")),
     _started(PIPELINE, **_given("a", "a")), "Target.SageMakerPipelineParameters.PipelineParameterList"),
    ("scheduler", "CreateSchedule", _started(START, Input='{"PipelineName": "nightly"}'),
     _started(START, Input='{"Pipeline": "nightly"}'), "Target.Input"),
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


def _endpoint(aws: AwsEmulation, count: int = 4) -> None:
    """An endpoint e of config c with one variant, and configs beside it."""
    container = {"Image": "763104351884.dkr.ecr.eu-central-1.amazonaws.com/sklearn:1"}
    aws.cloud.call(S, "create_model", {"ModelName": "m", "PrimaryContainer": container})
    a = VARIANT | {"InitialInstanceCount": count}
    b = a | {"VariantName": "b"}
    for name, variants in {"c": [a], "same": [a], "other": [b], "two": [a, b], "less": [LESS]}.items():
        asked = {"EndpointConfigName": name, "ProductionVariants": variants}
        aws.cloud.call(S, "create_endpoint_config", asked)
    aws.cloud.call(S, "create_endpoint", {"EndpointName": "e", "EndpointConfigName": "c"})


def test_a_switch_with_guardrails_needs_its_alarms_and_the_same_variants(aws: AwsEmulation) -> None:
    _endpoint(aws)
    to = {"EndpointName": "e", "EndpointConfigName": "same"}
    alarms = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]}}
    canary = _routed("CANARY", CanarySize=_percent(25))["DeploymentConfig"]
    guarded = {**to, "DeploymentConfig": {**canary, **alarms}}
    assert "Alarm slow" in _says(aws, S, "update_endpoint", **guarded)
    alarm = {"AlarmName": "slow", "Namespace": "n", "Threshold": 1,
             "ComparisonOperator": "GreaterThanThreshold"}  # fmt: skip
    aws.cloud.call("cloudwatch", "put_metric_alarm", ALARM | alarm)
    asked = {**guarded, "EndpointConfigName": "other"}
    assert "variants' names of the old" in _says(aws, S, "update_endpoint", **asked)
    for config, said in {"two": "endpoints of one variant", "less": "not for serverless"}.items():
        asked = {**to, "EndpointConfigName": config, "DeploymentConfig": _rolling(25)}
        assert said in _says(aws, S, "update_endpoint", **asked)
    counted = {"Type": "INSTANCE_COUNT", "Value": 3}
    asked = {**to, **_routed("CANARY", CanarySize=counted)}
    assert "3 is more than 50% of the 4 instances of a" in _says(aws, S, "update_endpoint", **asked)
    aws.cloud.call(S, "update_endpoint", guarded)
    there = aws.cloud.call(S, "describe_endpoint", {"EndpointName": "e"})
    assert there["EndpointConfigName"] == "same"
    assert there["LastDeploymentConfig"] == guarded["DeploymentConfig"]


def test_a_schedule_starts_a_pipeline_that_is_there_by_parameters_that_it_has(aws: AwsEmulation) -> None:
    arn = f"arn:aws:sagemaker:eu-central-1:{aws.cloud.account}:pipeline/nightly"
    services = ["scheduler.amazonaws.com", "sagemaker.amazonaws.com"]
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}
    trust = {"Statement": [allowed]}
    role = {"RoleName": "starter", "AssumeRolePolicyDocument": json.dumps(trust)}
    role_arn = aws.cloud.call("iam", "create_role", role)["Role"]["Arn"]
    asked = {"Name": "n", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
             "Target": {"Arn": arn, "RoleArn": role_arn, **_given("rate")}}  # fmt: skip
    assert "nightly does not exist" in _says(aws, "scheduler", "create_schedule", **asked)
    made = {"PipelineName": "nightly", "RoleArn": role_arn, "ClientRequestToken": "t" * 32}
    body = {"Version": "2020-12-01", "Parameters": [{"Name": "rate", "Type": "Float"}],
            "Steps": [{"Name": "a", "Type": "Training", "Arguments": {}}]}  # fmt: skip
    aws.cloud.call(S, "create_pipeline", {**made, "PipelineDefinition": json.dumps(body)})
    wrong = {**asked, "Target": {**asked["Target"], **_given("speed")}}  # type: ignore[dict-item]
    assert "no parameter 'speed'" in _says(aws, "scheduler", "create_schedule", **wrong)
    aws.cloud.call("scheduler", "create_schedule", asked)


def test_a_variant_of_inference_components_has_no_model(aws: AwsEmulation) -> None:
    role = "runner"
    trusted = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"},
               "Action": "sts:AssumeRole"}]}  # fmt: skip
    made = {"RoleName": role, "AssumeRolePolicyDocument": json.dumps(trusted)}
    arn = aws.cloud.call("iam", "create_role", made)["Role"]["Arn"]
    variant = {
        "VariantName": "main",
        "InstanceType": "ml.g5.xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3},
    }
    config = {"EndpointConfigName": "c", "ExecutionRoleArn": arn, "ProductionVariants": [variant]}
    aws.cloud.call(S, "create_endpoint_config", config)
    aws.cloud.call(S, "create_endpoint", {"EndpointName": "e", "EndpointConfigName": "c"})
    told = aws.cloud.call(S, "describe_endpoint", {"EndpointName": "e"})
    assert [one["VariantName"] for one in told["ProductionVariants"]] == ["main"]


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
