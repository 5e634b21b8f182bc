"""``mlstack:aws:ModelPackage``: a version of a model in SageMaker's registry, and whether it is approved."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State
from mlstack_aws.cloud import AwsFailure, client, told

#: Where a version says of which content it is: by this a killed create is found.
VERSION = "mlstack-version"


class ModelPackageInputs(Inputs):
    """``uri`` is where the model's files are; ``version`` the hash of their content. ``metadata`` are the
    version's own words: SageMaker takes tags for the whole group alone."""

    region: str
    group: str
    uri: str
    version: str
    description: str = ""
    approval: str = "Approved"
    metadata: dict[str, str] = Field(default_factory=dict)


class ModelPackage(Resource[ModelPackageInputs]):
    """Outputs: ``arn``, ``number`` (SageMaker's count of the group's versions)."""

    Inputs = ModelPackageInputs
    replace_on = frozenset({"region", "group", "uri", "version"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return old.outputs if old is not None else {"arn": UNKNOWN, "number": UNKNOWN}

    def create(self, context: Context, inputs: ModelPackageInputs) -> State:
        found = self.find(context, inputs.model_dump())
        if found is not None:
            return State(found.id, inputs.model_dump(), self.update(context, found, inputs))
        with told(f"model package group {inputs.group}"):
            made = _sagemaker(inputs.region).create_model_package(
                ModelPackageGroupName=inputs.group,
                ModelPackageDescription=inputs.description,
                SourceUri=inputs.uri,
                ModelApprovalStatus=inputs.approval,
                CustomerMetadataProperties={**inputs.metadata, VERSION: inputs.version},
            )
        arn = str(made["ModelPackageArn"])
        return State(arn, inputs.model_dump(), _outputs(arn))

    def read(self, context: Context, state: State) -> State | None:
        region = state.id.split(":")[3]
        try:
            with told(f"model package {state.id}"):
                found = _sagemaker(region).describe_model_package(ModelPackageName=state.id)
        except AwsFailure as failure:
            if failure.gone:
                return None
            raise
        held = dict(found.get("CustomerMetadataProperties") or {})
        inputs = {
            **state.inputs,
            "region": region,
            "group": found.get("ModelPackageGroupName", state.inputs.get("group", "")),
            "uri": found.get("SourceUri", state.inputs.get("uri", "")),
            "version": held.pop(VERSION, state.inputs.get("version", "")),
            "description": found.get("ModelPackageDescription", ""),
            "approval": found.get("ModelApprovalStatus", "PendingManualApproval"),
            "metadata": held,
        }
        return State(state.id, inputs, _outputs(state.id))

    def update(self, context: Context, state: State, inputs: ModelPackageInputs) -> Properties:
        wanted = {**inputs.metadata, VERSION: inputs.version}
        gone = sorted(set(state.inputs.get("metadata") or {}) - set(wanted))
        more: dict[str, Any] = {"CustomerMetadataPropertiesToRemove": gone} if gone else {}
        with told(f"model package {state.id}"):
            _sagemaker(inputs.region).update_model_package(
                ModelPackageArn=state.id,
                ModelApprovalStatus=inputs.approval,
                CustomerMetadataProperties=wanted,
                **more,
            )
        return _outputs(state.id)

    def delete(self, context: Context, state: State) -> None:
        try:
            with told(f"model package {state.id}"):
                _sagemaker(state.id.split(":")[3]).delete_model_package(ModelPackageName=state.id)
        except AwsFailure as failure:
            if not failure.gone:
                raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = ModelPackageInputs.model_validate(_given(inputs))
        try:
            with told(f"model package group {given.group}"):
                pages = (
                    _sagemaker(given.region)
                    .get_paginator("list_model_packages")
                    .paginate(
                        ModelPackageGroupName=given.group, SortBy="CreationTime", SortOrder="Descending"
                    )
                )
                arns = [each["ModelPackageArn"] for page in pages for each in page["ModelPackageSummaryList"]]
        except AwsFailure as failure:
            if failure.gone:
                return None
            raise
        for arn in arns:
            found = self.read(context, State(arn, _given(inputs), {}))
            if (
                found is not None
                and found.inputs["version"] == given.version
                and found.inputs["uri"] == given.uri
            ):
                return found
        return None


def _sagemaker(region: str) -> Any:
    return client("sagemaker", region)


def _outputs(arn: str) -> dict[str, Any]:
    return {"arn": arn, "number": int(arn.rsplit("/", 1)[-1])}


def _given(inputs: Properties) -> dict[str, Any]:
    """Without defaults, which the program leaves out too: one that appears would be a change."""
    return {key: value for key, value in inputs.items() if value is not None}
