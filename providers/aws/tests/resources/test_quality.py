"""Definitions of quality, bias and explainability: made, found after a lost answer, imported, taken away."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_aws.resources.quality import QualityDefinition, QualityDefinitionInputs, Sort

from mlstack.content import fingerprint
from mlstack.errors import TargetError
from mlstack.resource import Context, InputProblem, State
from providers.aws.tests.resources.conftest import REGION
from providers.aws.tests.strict import Says, Server, refuses

ROLE = "arn:aws:iam::123456789012:role/runner"
SORTS: tuple[Sort, ...] = ("ModelQuality", "ModelBias", "ModelExplainability")


def _inputs(sort: Sort, name: str, **more: Any) -> QualityDefinitionInputs:
    app: dict[str, Any] = {"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/monitor"}
    watched: dict[str, Any] = {
        "EndpointInput": {"EndpointName": "digits", "LocalPath": "/opt/ml/processing/input/endpoint"}
    }
    if sort == "ModelQuality":
        app["ProblemType"] = "Regression"
    else:
        app["ConfigUri"] = "s3://bucket/analysis.json"
    if sort != "ModelExplainability":
        watched["GroundTruthS3Input"] = {"S3Uri": "s3://bucket/labels"}
    output = {"S3Output": {"S3Uri": "s3://bucket/reports", "LocalPath": "/opt/ml/processing/output"}}
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    request = {
        f"{sort}AppSpecification": app,
        f"{sort}JobInput": watched,
        f"{sort}JobOutputConfig": {"MonitoringOutputs": [output]},
        "JobResources": {"ClusterConfig": cluster},
        "RoleArn": ROLE,
    }
    return QualityDefinitionInputs(region=REGION, name=name, sort=sort, request=request, **more)


@pytest.mark.parametrize("sort", SORTS)
def test_a_life(context: Context, aws: Any, sort: Sort, request: pytest.FixtureRequest) -> None:
    resource, name = QualityDefinition(), f"d-{fingerprint(request.node.nodeid)}"
    given = _inputs(sort, name, tags={"team": "ml"})
    made = resource.create(context, given)
    assert made.outputs == {"arn": made.id, "name": name}
    again = resource.create(context, given)  # what a killed create has left is taken
    assert (again.id, again.outputs) == (made.id, made.outputs)
    read = resource.read(context, made)
    assert read is not None
    assert read.inputs["request"] == given.request
    imported = resource.read(context, State(made.id, {}, {}))
    assert imported is not None
    assert (imported.inputs["sort"], imported.inputs["name"]) == (sort, name)
    assert imported.inputs["request"][f"{sort}JobInput"] == given.request[f"{sort}JobInput"]
    found = resource.find(context, given.model_dump())
    assert found is not None
    assert found.id == made.id
    resource.delete(context, made)
    assert resource.read(context, made) is None
    assert resource.find(context, given.model_dump()) is None
    resource.delete(context, made)  # once more


ARN = f"arn:aws:sagemaker:{REGION}:123456789012:model-bias-job-definition/d-1"
TOLD = {
    **_inputs("ModelBias", "d-1").request,
    "JobDefinitionName": "d-1",
    "JobDefinitionArn": ARN,
    "CreationTime": 0,
}


def test_a_create_that_was_sent_twice(context: Context, server: Server) -> None:
    missing = refuses("ResourceNotFound", "Requested resource not found")
    server.on("DescribeModelBiasJobDefinition", missing, Says(TOLD))
    server.on("CreateModelBiasJobDefinition", refuses("ResourceInUse", "Job name must be unique"))
    assert QualityDefinition().create(context, _inputs("ModelBias", "d-1")).id == ARN


def test_what_is_refused_is_told(context: Context, server: Server) -> None:
    server.on("DescribeModelBiasJobDefinition", refuses("ResourceNotFound", "not found"))
    server.on("CreateModelBiasJobDefinition", refuses("ValidationException", "Data capture is not enabled"))
    with pytest.raises(TargetError, match="Data capture is not enabled"):
        QualityDefinition().create(context, _inputs("ModelBias", "d-1"))


def test_usual_values_that_the_platform_adds_are_no_drift(context: Context, server: Server) -> None:
    given = _inputs("ModelBias", "d-1")
    there = {**TOLD, "StoppingCondition": {"MaxRuntimeInSeconds": 3600}}
    server.on("DescribeModelBiasJobDefinition", Says(there))
    server.on("ListTags", Says({"Tags": []}))
    read = QualityDefinition().read(context, State(ARN, given.model_dump(exclude_unset=True), {}))
    assert read is not None
    assert read.inputs == given.model_dump(exclude_unset=True)
    server.on("DescribeModelBiasJobDefinition", Says({**there, "RoleArn": f"{ROLE}-2"}))
    drifted = QualityDefinition().read(context, State(ARN, given.model_dump(exclude_unset=True), {}))
    assert drifted is not None
    assert drifted.inputs["request"]["RoleArn"] == f"{ROLE}-2"


def test_tags_are_all_that_changes(context: Context, server: Server) -> None:
    server.on("AddTags", Says({"Tags": []}))
    server.on("DeleteTags", Says())
    state = State(ARN, {"tags": {"team": "ml"}}, {"arn": ARN})
    QualityDefinition().update(context, state, _inputs("ModelBias", "d-1", tags={"owner": "me"}))
    assert server.calls("DeleteTags") == [{"ResourceArn": ARN, "TagKeys": ["team"]}]
    assert server.calls("AddTags") == [{"ResourceArn": ARN, "Tags": [{"Key": "owner", "Value": "me"}]}]
    assert {"region", "name", "sort", "request"} == QualityDefinition.replace_on


def test_a_request_of_another_sort(context: Context) -> None:
    inputs = _inputs("ModelBias", "d-1").model_copy(update={"sort": "ModelQuality"})
    with pytest.raises(InputProblem):
        QualityDefinition().check(context, inputs)
