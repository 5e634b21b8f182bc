"""SageMaker: models, configs, endpoints, groups of packages, definitions of quality, schedules, pipelines.

What replaces: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_*, "Forces new
resource", and ForceNew of internal/service/sagemaker/*.go.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mlstack_aws.rehearsal.adapters.base import Aws, Properties, Shaped


class Model(Shaped):
    type = "aws:sagemaker/model:Model"
    service, creates, describes, deletes = "sagemaker", "CreateModel", "DescribeModel", "DeleteModel"
    key, arn = "ModelName", "ModelArn"
    names: ClassVar = {"s3DataSources": "S3DataSource", "subnets": "Subnets"}
    replaces = frozenset(
        {
            "name",
            "primaryContainer",
            "containers",
            "executionRoleArn",
            "vpcConfig",
            "enableNetworkIsolation",
            "inferenceExecutionConfig",
        }
    )


class EndpointConfiguration(Shaped):
    type = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    service, creates = "sagemaker", "CreateEndpointConfig"
    describes, deletes = "DescribeEndpointConfig", "DeleteEndpointConfig"
    key, arn = "EndpointConfigName", "EndpointConfigArn"
    names: ClassVar = {"kmsKeyArn": "KmsKeyId"}
    replaces = frozenset(
        {
            "name",
            "productionVariants",
            "shadowProductionVariants",
            "dataCaptureConfig",
            "asyncInferenceConfig",
            "kmsKeyArn",
            "executionRoleArn",
        }
    )


class Endpoint(Shaped):
    type = "aws:sagemaker/endpoint:Endpoint"
    service, creates, describes = "sagemaker", "CreateEndpoint", "DescribeEndpoint"
    deletes, updates = "DeleteEndpoint", "UpdateEndpoint"
    key, arn = "EndpointName", "EndpointArn"
    names: ClassVar = {"deploymentConfig": "LastDeploymentConfig"}  # as it is told, not as it is asked
    replaces = frozenset({"name"})

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        changed = {k for k in {*old, *new} if old.get(k) != new.get(k)}
        if changed & {"endpointConfigName", "deploymentConfig"}:
            told = {"name": id, "endpointConfigName": new["endpointConfigName"]}
            if new.get("deploymentConfig"):
                told["deploymentConfig"] = new["deploymentConfig"]
            aws("sagemaker", "update_endpoint", **self.parameters(told, "UpdateEndpoint"))
        self.retag(aws, self.described(aws, id)["EndpointArn"], old, new)


class ModelPackageGroup(Shaped):
    type = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    service, creates = "sagemaker", "CreateModelPackageGroup"
    describes, deletes = "DescribeModelPackageGroup", "DeleteModelPackageGroup"
    key, arn, name = "ModelPackageGroupName", "ModelPackageGroupArn", "modelPackageGroupName"
    replaces = frozenset({"modelPackageGroupName", "modelPackageGroupDescription"})


class DataQualityJobDefinition(Shaped):
    type = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
    service, creates = "sagemaker", "CreateDataQualityJobDefinition"
    describes, deletes = "DescribeDataQualityJobDefinition", "DeleteDataQualityJobDefinition"
    key, arn = "JobDefinitionName", "JobDefinitionArn"
    replaces = frozenset(
        {
            "name",
            "dataQualityAppSpecification",
            "dataQualityBaselineConfig",
            "dataQualityJobInput",
            "dataQualityJobOutputConfig",
            "jobResources",
            "networkConfig",
            "roleArn",
            "stoppingCondition",
        }
    )

    def parameters(self, inputs: Properties, operation: str | None = None) -> dict[str, Any]:
        """The provider has usual paths in the container: local_path of the page of the type."""
        made = super().parameters(inputs, operation)
        for kind in ("EndpointInput", "BatchTransformInput"):
            if kind in made.get("DataQualityJobInput", {}):
                made["DataQualityJobInput"][kind].setdefault("LocalPath", "/opt/ml/processing/input")
        for one in made.get("DataQualityJobOutputConfig", {}).get("MonitoringOutputs", []):
            one["S3Output"].setdefault("LocalPath", "/opt/ml/processing/output")
        return made


class MonitoringSchedule(Shaped):
    type = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
    service, creates = "sagemaker", "CreateMonitoringSchedule"
    describes, deletes, updates = (
        "DescribeMonitoringSchedule",
        "DeleteMonitoringSchedule",
        "UpdateMonitoringSchedule",
    )
    key, arn = "MonitoringScheduleName", "MonitoringScheduleArn"
    replaces = frozenset({"name"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """The provider waits while it is pending: waitMonitoringScheduleScheduled of its wait.go."""
        id = super().create(aws, inputs)
        self.described(aws, id)
        return id

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        super().update(aws, id, old, new)
        self.described(aws, id)


class Pipeline(Shaped):
    type = "aws:sagemaker/pipeline:Pipeline"
    service, creates, describes = "sagemaker", "CreatePipeline", "DescribePipeline"
    deletes, updates = "DeletePipeline", "UpdatePipeline"
    key, arn, name = "PipelineName", "PipelineArn", "pipelineName"
    replaces = frozenset({"pipelineName"})

    def parameters(self, inputs: Properties, operation: str | None = None) -> dict[str, Any]:
        made = super().parameters(inputs, operation)
        if operation is None:
            made["ClientRequestToken"] = "rehearsal-" + "0" * 32
        return made

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("sagemaker", "delete_pipeline", PipelineName=id, ClientRequestToken="rehearsal-" + "0" * 32)


ADAPTERS = (
    Model(),
    EndpointConfiguration(),
    Endpoint(),
    ModelPackageGroup(),
    DataQualityJobDefinition(),
    MonitoringSchedule(),
    Pipeline(),
)
