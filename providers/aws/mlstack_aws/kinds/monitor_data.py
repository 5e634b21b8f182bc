"""Monitors of data: SageMaker Model Monitor compares what is captured with a baseline (for what it measures
see monitor_columns.py).

A processing job of Amazon's analyzer makes statistics and constraints of the baseline; a definition says what
is compared with them, and a schedule when. A definition is never changed: another one is made beside it, and
the schedule goes over.

Sources: SageMaker AI developer guide, "Create a baseline"; aws/sagemaker-python-sdk at a2481266,
sagemaker-core/src/sagemaker/core/model_monitor/model_monitoring.py: DefaultModelMonitor.suggest_baseline,
_generate_env_map, the machine and the paths. That it takes no new customers: the guide, "Amazon SageMaker
Model Monitor availability change".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_aws import baselines, requests
from mlstack_aws.arns import domain
from mlstack_aws.catalogue import images
from mlstack_aws.kinds import generations, monitor_columns
from mlstack_aws.kinds.served import served
from mlstack_aws.names import LONGEST, physical, tags
from mlstack_aws.place import Place, place
from mlstack_aws.uploads import Uploaded
from mlstack_aws.when import hours

NEW_FIRST = {"delete_before_replace": False}
ANALYZER = "sagemaker-model-monitor-analyzer"
#: What the platform's own SDK takes where nobody says.
MACHINE, DISK, SECONDS = "ml.m5.xlarge", 30, 3600
_BASE = "/opt/ml/processing"
_OUTPUT = "monitoring_output"


def schedule(build: Build) -> Any:
    """The ARN of the schedule."""
    import pulumi_aws.sagemaker as sagemaker

    where, found = place(build), served(build, build.spec.endpoint)
    held = baselines.baseline(build)
    table, script = baselines.upload(build, held)
    job = _baseline(build, where, table)
    definition = _definition(build, where, found.endpoint, table, script, job)
    when = sagemaker.MonitoringScheduleMonitoringScheduleConfigScheduleConfigArgs(
        schedule_expression=str(hours(build.spec.interval))
    )
    made = build.make(
        sagemaker.MonitoringSchedule,
        main=True,
        # a schedule is refused while what it looks at is not captured
        options={"depends_on": list(found.resources)},
        region=where.region,
        name=physical(build, longest=LONGEST),
        monitoring_schedule_config=sagemaker.MonitoringScheduleMonitoringScheduleConfigArgs(
            monitoring_job_definition_name=definition.name,
            monitoring_type="DataQuality",
            schedule_config=when,
        ),
        tags=tags(build),
    )
    build.uses(MACHINE, "signal", (0, 1))
    build.note("signal", "SageMaker Model Monitor takes no account that did not use it before 2026-07-30")
    monitor_columns.watch(build, found.endpoint, made.name, held)
    return made.arn


def _baseline(build: Build, where: Place, table: Uploaded) -> GapResource:
    """The job that makes statistics.json and constraints.json of the table."""
    source, output = f"{_BASE}/input/baseline_dataset_input", f"{_BASE}/output"
    image = _image(build, where)
    request = {
        "AppSpecification": {"ImageUri": image},
        "RoleArn": where.role,
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": MACHINE,
                "InstanceCount": 1,
                "VolumeSizeInGB": DISK,
                **_disk(where),
            }
        },
        "ProcessingInputs": [requests.processing_input("baseline_dataset_input", table.uri, source)],
        "ProcessingOutputConfig": {
            "Outputs": [
                requests.processing_output(
                    _OUTPUT, pulumi.Output.concat(where.uri, f"/baselines/{requests.RUN}"), output
                )
            ],
            **({"KmsKeyId": where.key} if where.key is not None else {}),
        },
        "Environment": {
            "dataset_format": json.dumps({"csv": {"header": True}}),
            "dataset_source": source,
            "output_path": output,
            "publish_cloudwatch_metrics": "Disabled",
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": SECONDS},
        **requests.processing_network(where),
    }
    return GapResource(
        "mlstack:aws:Job",
        build.child("baseline"),
        {
            "stack_uid": build.stack_uid,
            # with a capital, which no job of a spec has: its runs are not to be taken for another's
            "name": f"{build.name}-Base",
            "region": where.region,
            "sort": "processing",
            "request": request,
            "counts": {"table": table.digest, "image": image},
            "outputs": {_OUTPUT: "folder"},
            "tags": tags(build),
        },
        outputs=("fingerprint", "run", "job_id", "status", "artifacts", "page"),
        opts=build.opts(depends_on=list(where.resources)),
    )


def _definition(
    build: Build, where: Place, endpoint: str, table: Uploaded, script: Uploaded, job: GapResource
) -> Any:
    import pulumi_aws.sagemaker as sagemaker

    compared = job.output("artifacts").apply(lambda known: known[_OUTPUT]["uri"])
    statistics, constraints = (
        pulumi.Output.concat(compared, f"{name}.json") for name in ("statistics", "constraints")
    )
    image, reports = _image(build, where), pulumi.Output.concat(where.uri, f"/monitors/{build.name}")
    preprocessor = pulumi.Output.concat(script.uri, baselines.PREPROCESSOR)
    content = {
        "endpoint": endpoint,
        "image": image,
        "statistics": statistics,
        "constraints": constraints,
        "preprocessor": preprocessor,
        "made_of": [table.digest, script.digest],
        "reports": reports,
        "role": where.role,
        "key": where.key,
        "network": [list(where.network.subnets), list(where.network.security_groups)]
        if where.network
        else None,
    }
    held = "DataQualityJobDefinition"
    of = {
        word: getattr(sagemaker, f"{held}{word}Args")
        for word in (
            "DataQualityAppSpecification",
            "DataQualityBaselineConfig",
            "DataQualityBaselineConfigConstraintsResource",
            "DataQualityBaselineConfigStatisticsResource",
            "DataQualityJobInput",
            "DataQualityJobInputEndpointInput",
            "DataQualityJobOutputConfig",
            "DataQualityJobOutputConfigMonitoringOutputs",
            "DataQualityJobOutputConfigMonitoringOutputsS3Output",
            "JobResources",
            "JobResourcesClusterConfig",
            "NetworkConfig",
            "NetworkConfigVpcConfig",
            "StoppingCondition",
        )
    }
    return build.make(
        sagemaker.DataQualityJobDefinition,
        "definition",
        options={
            **NEW_FIRST,
            "depends_on": [*where.resources, *served(build, build.spec.endpoint).resources],
        },
        region=where.region,
        name=generations.name(build, held, "definition", content=content),
        role_arn=where.role,
        data_quality_app_specification=of["DataQualityAppSpecification"](
            image_uri=image,
            environment={"publish_cloudwatch_metrics": "Enabled"},
            record_preprocessor_source_uri=preprocessor,
        ),
        data_quality_baseline_config=of["DataQualityBaselineConfig"](
            constraints_resource=of["DataQualityBaselineConfigConstraintsResource"](s3_uri=constraints),
            statistics_resource=of["DataQualityBaselineConfigStatisticsResource"](s3_uri=statistics),
        ),
        data_quality_job_input=of["DataQualityJobInput"](
            endpoint_input=of["DataQualityJobInputEndpointInput"](
                endpoint_name=endpoint, local_path=f"{_BASE}/input/endpoint"
            )
        ),
        data_quality_job_output_config=of["DataQualityJobOutputConfig"](
            kms_key_id=where.key,
            monitoring_outputs=of["DataQualityJobOutputConfigMonitoringOutputs"](
                s3_output=of["DataQualityJobOutputConfigMonitoringOutputsS3Output"](
                    s3_uri=reports, local_path=f"{_BASE}/output", s3_upload_mode="EndOfJob"
                )
            ),
        ),
        job_resources=of["JobResources"](
            cluster_config=of["JobResourcesClusterConfig"](
                instance_count=1, instance_type=MACHINE, volume_size_in_gb=DISK, volume_kms_key_id=where.key
            )
        ),
        network_config=None
        if where.network is None
        else of["NetworkConfig"](
            vpc_config=of["NetworkConfigVpcConfig"](
                subnets=where.network.subnets, security_group_ids=where.network.security_groups
            )
        ),
        stopping_condition=of["StoppingCondition"](max_runtime_in_seconds=SECONDS),
        tags=tags(build),
    )


def _image(build: Build, where: Place) -> str:
    account = images.account(ANALYZER, where.region)
    if account is None:
        raise build.wrong(
            "signal", f"region {where.region} has no SageMaker Model Monitor", "name another region"
        )
    return f"{account}.dkr.ecr.{where.region}.{domain(where.region)}/{ANALYZER}"


def _disk(where: Place) -> Mapping[str, Any]:
    return {} if where.key is None else {"VolumeKmsKeyId": where.key}
