"""Definitions of monitors and their schedules: four kinds, what they need to be there, and their life."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mlstack_aws.rehearsal import AwsEmulation

from mlstack.rehearsal import CloudFault

from .examples import IMAGE, ROLE

SEEN = {"EndpointName": "e", "LocalPath": "/opt/ml/processing/input", "InferenceAttribute": "0"}
LABELS = {"GroundTruthS3Input": {"S3Uri": "s3://ml-stack-1/labels"}}
OUTPUTS = [{"S3Output": {"S3Uri": "s3://ml-stack-1/found", "LocalPath": "/opt/ml/processing/output"}}]
#: What each kind has beyond the others.
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "DataQuality": ({}, {}),
    "ModelQuality": ({"ProblemType": "Regression"}, LABELS),
    "ModelBias": ({"ConfigUri": "s3://ml-stack-1/analysis.json"}, LABELS),
    "ModelExplainability": ({"ConfigUri": "s3://ml-stack-1/analysis.json"}, {}),
}


def _definition(kind: str, seconds: int = 1800) -> dict[str, Any]:
    how, beside = KINDS[kind]
    return {
        "JobDefinitionName": "d",
        "RoleArn": ROLE,
        f"{kind}AppSpecification": {"ImageUri": IMAGE, **how},
        f"{kind}JobInput": {"EndpointInput": SEEN, **beside},
        f"{kind}JobOutputConfig": {"MonitoringOutputs": OUTPUTS},
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        "JobResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
        },
    }


def _schedule(kind: str, when: str = "cron(0 * ? * * *)") -> dict[str, Any]:
    config = {"MonitoringJobDefinitionName": "d", "MonitoringType": kind}
    return {
        "MonitoringScheduleName": "s",
        "MonitoringScheduleConfig": {**config, "ScheduleConfig": {"ScheduleExpression": when}},
    }


def _endpoint(aws: AwsEmulation, *, captures: bool) -> None:
    call = aws.cloud.call
    trusted = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"},
               "Action": "sts:AssumeRole"}]}  # fmt: skip
    named = {"RoleName": ROLE.rpartition("/")[2], "AssumeRolePolicyDocument": json.dumps(trusted)}
    call("iam", "create_role", named)
    call("sagemaker", "create_model", {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}})
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    capture = {
        "EnableCapture": captures,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://ml-stack-1/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    config = {"ProductionVariants": [variant], "DataCaptureConfig": capture}
    call("sagemaker", "create_endpoint_config", {"EndpointConfigName": "c", **config})
    call("sagemaker", "create_endpoint", {"EndpointName": "e", "EndpointConfigName": "c"})


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_lives(aws: AwsEmulation, kind: str) -> None:
    snake = {"DataQuality": "data_quality", "ModelQuality": "model_quality", "ModelBias": "model_bias",
             "ModelExplainability": "model_explainability"}[kind]  # fmt: skip
    call, look, named = aws.cloud.call, aws.cloud.look, {"MonitoringScheduleName": "s"}
    _endpoint(aws, captures=True)
    call("sagemaker", f"create_{snake}_job_definition", _definition(kind))
    told = call("sagemaker", f"describe_{snake}_job_definition", {"JobDefinitionName": "d"})
    assert {key: told[key] for key in _definition(kind)} == _definition(kind)
    (row,) = call("sagemaker", f"list_{snake}_job_definitions", {})["JobDefinitionSummaries"]
    assert (row["MonitoringJobDefinitionName"], row["EndpointName"]) == ("d", "e")

    call("sagemaker", "create_monitoring_schedule", _schedule(kind))
    with pytest.raises(CloudFault, match="in status Pending"):
        call("sagemaker", "stop_monitoring_schedule", named)
    told = call("sagemaker", "describe_monitoring_schedule", named)
    assert (told["MonitoringScheduleStatus"], told["EndpointName"]) == ("Scheduled", "e")
    call("sagemaker", "stop_monitoring_schedule", named)
    sifted = {"MonitoringTypeEquals": kind, "EndpointName": "e", "StatusEquals": "Stopped"}
    (row,) = call("sagemaker", "list_monitoring_schedules", sifted)["MonitoringScheduleSummaries"]
    assert row["MonitoringScheduleStatus"] == "Stopped"
    none = call("sagemaker", "list_monitoring_schedules", {"StatusEquals": "Scheduled"})
    assert none["MonitoringScheduleSummaries"] == []
    call("sagemaker", "start_monitoring_schedule", named)
    call("sagemaker", "update_monitoring_schedule", _schedule(kind, "cron(0 3 ? * * *)"))
    assert look("sagemaker", "describe_monitoring_schedule", named)["MonitoringScheduleStatus"] == "Pending"
    call("sagemaker", "delete_monitoring_schedule", named)
    assert look("sagemaker", "describe_monitoring_schedule", named) is None
    call("sagemaker", f"delete_{snake}_job_definition", {"JobDefinitionName": "d"})
    assert look("sagemaker", f"describe_{snake}_job_definition", {"JobDefinitionName": "d"}) is None


def test_what_has_to_be_there_is_told(aws: AwsEmulation) -> None:
    def says(operation: str, parameters: dict[str, Any]) -> str:
        with pytest.raises(CloudFault) as caught:
            aws.cloud.call("sagemaker", operation, parameters)
        return caught.value.message

    create = "create_data_quality_job_definition"
    assert "Could not find endpoint" in says(create, _definition("DataQuality"))
    _endpoint(aws, captures=False)
    assert "Data capture is not enabled" in says(create, _definition("DataQuality"))
    assert "Could not find" in says("create_monitoring_schedule", _schedule("DataQuality"))
    named = {**_definition("DataQuality"), "JobDefinitionName": "d" * 64}
    assert "63" in says(create, named)
    other = _definition("DataQuality")
    other["JobResources"]["ClusterConfig"]["InstanceType"] = "ml.m5.tiny"
    assert "ml.m5.tiny" in says(create, other)


def test_an_hourly_job_ends_before_the_next_one(aws: AwsEmulation) -> None:
    _endpoint(aws, captures=True)
    aws.cloud.call("sagemaker", "create_model_quality_job_definition", _definition("ModelQuality", 3600))
    with pytest.raises(CloudFault, match="at most 1800"):
        aws.cloud.call("sagemaker", "create_monitoring_schedule", _schedule("ModelQuality"))
    daily = _schedule("ModelQuality", "cron(0 3 ? * * *)")
    aws.cloud.call("sagemaker", "create_monitoring_schedule", daily)
