"""Inference components: made, changed, found again, taken away."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_aws.resources.component import InferenceComponent, InferenceComponentInputs

from mlstack.resource import Context, ResourceFailed, State
from providers.aws.tests.strict import Asked, Says, Server, refuses

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:inference-component/chat-main-1"
ID = "eu-west-1/chat-main-1"
INPUTS = InferenceComponentInputs(
    region="eu-west-1",
    name="chat-main-1",
    endpoint="chat-1",
    variant="main-1",
    model="chat-main-model",
    accelerators=1,
    memory_mb=8192,
    startup_seconds=600,
    tags={"team": "vision"},
)


class Component:
    """One component, or none; busy for a look after each change."""

    def __init__(self, server: Server) -> None:
        self.held: dict[str, Any] | None = None
        self.busy, self.ends = "", "InService"
        server.on("CreateInferenceComponent", self.create)
        server.on("UpdateInferenceComponent", self.update)
        server.on("DescribeInferenceComponent", self.describe)
        server.on("DeleteInferenceComponent", self.delete)
        server.on("AddTags", Says({"Tags": []}))
        server.on("DeleteTags", Says())

    def create(self, asked: Asked) -> Says:
        self.held, self.busy = dict(asked.body), "Creating"
        return Says({"InferenceComponentArn": ARN})

    def update(self, asked: Asked) -> Says:
        assert self.held is not None
        self.held |= asked.body
        self.busy = "Updating"
        return Says({"InferenceComponentArn": ARN})

    def describe(self, _: Asked) -> Says:
        if self.held is None:
            return refuses("ValidationException", "Could not find inference component")
        status, self.busy = self.busy or self.ends, ""
        if status == "Deleting":
            self.held = None
            return refuses("ValidationException", "Could not find inference component")
        times = {"CreationTime": 0, "LastModifiedTime": 0, "FailureReason": "no memory", "EndpointArn": ARN}
        named = {"InferenceComponentArn": ARN, "InferenceComponentStatus": status}
        return Says({**self.held, **named, **times})

    def delete(self, _: Asked) -> Says:
        self.busy = "Deleting"
        return Says()


def test_made_and_waited_for(context: Context, server: Server) -> None:
    Component(server)
    made = InferenceComponent().create(context, INPUTS)
    assert (made.id, made.outputs) == (ID, {"arn": ARN})
    [sent] = server.calls("CreateInferenceComponent")
    assert sent == {
        "InferenceComponentName": "chat-main-1",
        "EndpointName": "chat-1",
        "VariantName": "main-1",
        "Specification": {
            "ModelName": "chat-main-model",
            "ComputeResourceRequirements": {
                "NumberOfAcceleratorDevicesRequired": 1,
                "MinMemoryRequiredInMb": 8192,
            },
            "StartupParameters": {"ContainerStartupHealthCheckTimeoutInSeconds": 600},
        },
        "RuntimeConfig": {"CopyCount": 1},
        "Tags": [{"Key": "team", "Value": "vision"}],
    }
    found = InferenceComponent().find(context, INPUTS.model_dump())
    assert found is not None
    assert found.inputs == INPUTS.model_dump()
    InferenceComponent().create(context, INPUTS)  # what a killed create has left is taken
    assert len(server.calls("CreateInferenceComponent")) == 1


def test_another_model_leaves_the_number_of_copies_alone(context: Context, server: Server) -> None:
    Component(server)
    made = InferenceComponent().create(context, INPUTS)
    changed = INPUTS.model_copy(update={"model": "chat-main-other", "tags": {"owner": "me"}})
    InferenceComponent().update(context, made, changed)
    [sent] = server.calls("UpdateInferenceComponent")
    assert sent["Specification"]["ModelName"] == "chat-main-other"
    assert "RuntimeConfig" not in sent
    assert server.calls("DeleteTags") == [{"ResourceArn": ARN, "TagKeys": ["team"]}]
    assert server.calls("AddTags") == [{"ResourceArn": ARN, "Tags": [{"Key": "owner", "Value": "me"}]}]


def test_one_that_does_not_start_is_recorded_as_it_is(context: Context, server: Server) -> None:
    component = Component(server)
    component.ends = "Failed"
    with pytest.raises(ResourceFailed, match="is Failed: no memory") as raised:
        InferenceComponent().create(context, INPUTS)
    assert raised.value.partial is not None
    assert raised.value.partial.id == ID


def test_taken_away(context: Context, server: Server) -> None:
    component = Component(server)
    made = InferenceComponent().create(context, INPUTS)
    InferenceComponent().delete(context, made)
    assert component.held is None
    assert InferenceComponent().read(context, made) is None
    server.on("DeleteInferenceComponent", refuses("ValidationException", "Could not find it"))
    InferenceComponent().delete(context, State(ID, {}, {}))
