"""AWS's own client at the HTTP door: the same world as the provider's, faults, jobs, uploads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from mlstack_aws.rehearsal import AwsEmulation

from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving

from .examples import IMAGE, REGION, ROLE, TRUST

MACHINES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
PLAN = {"faults": [{"kind": "429", "name": "busy", "operation": "create", "path": "/sagemaker/CreateModel"}]}


@pytest.fixture
def client(aws: AwsEmulation, tmp_path: Path) -> Iterator[Any]:
    with serving(aws, Faults(Plan.model_validate(PLAN), aws.world), tmp_path) as url:

        def make(service: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=Config(retries={"total_max_attempts": 1}),
            )

        yield make


def test_both_doors_see_the_same(aws: AwsEmulation, client: Any) -> None:
    aws.create("aws:iam/role:Role", {"name": "runner", "assumeRolePolicy": TRUST})
    container = {"image": IMAGE, "environment": {"A": "b"}}
    aws.create(
        "aws:sagemaker/model:Model", {"name": "m", "executionRoleArn": ROLE, "primaryContainer": container}
    )
    told = client("sagemaker").describe_model(ModelName="m")
    assert told["PrimaryContainer"] == {"Image": IMAGE, "Environment": {"A": "b"}}
    assert "Containers" not in told
    client("sagemaker").delete_model(ModelName="m")
    assert aws.read("aws:sagemaker/model:Model", "m", {"name": "m"}) is None


def test_objects_large_and_small(client: Any, tmp_path: Path) -> None:
    s3, content = client("s3"), os.urandom(9 << 20)
    s3.create_bucket(Bucket="up-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="up-1", Key="a b/ü+x", Body=b"small", Metadata={"k": "v"})
    (tmp_path / "large").write_bytes(content)
    s3.upload_file(str(tmp_path / "large"), "up-1", "large")  # in parts
    assert s3.get_object(Bucket="up-1", Key="large")["Body"].read() == content
    assert s3.head_object(Bucket="up-1", Key="a b/ü+x")["Metadata"] == {"k": "v"}
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="up-1")["Contents"]] == ["a b/ü+x", "large"]


def test_a_fault_is_found_by_operation_and_name(aws: AwsEmulation, client: Any) -> None:
    sagemaker = client("sagemaker")
    with pytest.raises(ClientError, match="throttled"):
        sagemaker.create_model(ModelName="busy", PrimaryContainer={"Image": IMAGE})
    sagemaker.create_model(ModelName="busy", PrimaryContainer={"Image": IMAGE})


def test_a_job_ends_and_leaves_its_model_and_log(client: Any) -> None:
    client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=TRUST)
    client("s3").create_bucket(Bucket="out-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    sagemaker, logs = client("sagemaker"), client("logs")
    sagemaker.create_training_job(
        TrainingJobName="j", RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://out-1/runs"},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        ResourceConfig=MACHINES,
        Tags=[{"Key": "team", "Value": "ml"}])  # fmt: skip
    seen = [sagemaker.describe_training_job(TrainingJobName="j") for _ in range(3)]
    assert [one["TrainingJobStatus"] for one in seen] == ["InProgress", "InProgress", "Completed"]
    uri = seen[-1]["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == "s3://out-1/runs/j/output/model.tar.gz"
    client("s3").head_object(Bucket="out-1", Key="runs/j/output/model.tar.gz")
    assert sagemaker.list_tags(ResourceArn=seen[0]["TrainingJobArn"])["Tags"] == [
        {"Key": "team", "Value": "ml"}
    ]
    assert logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs")["events"]
    with pytest.raises(ClientError, match="must be unique"):
        sagemaker.create_training_job(
            TrainingJobName="j", RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": "s3://out-1/runs"},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
            ResourceConfig=MACHINES)  # fmt: skip


def test_a_switch_keeps_what_it_is_told_to_keep(client: Any) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE})
    for name, count in (("one", 1), ("two", 2)):
        variant = {
            "VariantName": "v",
            "ModelName": "m",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": count,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="one")
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two", RetainAllVariantProperties=True)
    assert sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Updating"
    told = sagemaker.describe_endpoint(EndpointName="e")
    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("InService", "two")
    assert told["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    runtime = client("sagemaker-runtime")
    first, again = (runtime.invoke_endpoint(EndpointName="e", Body=b"[1]")["Body"].read() for _ in range(2))
    assert first == again


def test_a_build_leaves_its_image(client: Any) -> None:
    client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=TRUST)
    builds, ecr = client("codebuild"), client("ecr")
    uri = ecr.create_repository(repositoryName="images")["repository"]["repositoryUri"]
    builds.create_project(
        name="builder", serviceRole=ROLE, source={"type": "S3", "location": "b/x/"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "x",
                     "computeType": "BUILD_GENERAL1_SMALL"})  # fmt: skip
    given = [{"name": "REPOSITORY", "value": uri}, {"name": "TAG", "value": "t"}]
    id = builds.start_build(projectName="builder", environmentVariablesOverride=given)["build"]["id"]
    assert builds.batch_get_builds(ids=[id])["builds"][0]["buildStatus"] == "SUCCEEDED"
    assert ecr.describe_images(repositoryName="images", imageIds=[{"imageTag": "t"}])["imageDetails"]
