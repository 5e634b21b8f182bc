"""``mlstack:aws:InferenceComponent``: a model on a share of an endpoint's instances.

pulumi-aws has none. How many copies there are is automatic scaling's matter from the first on: an update of
the model leaves that alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_aws.cloud import client, gone, told, wait

Document = Mapping[str, Any]


class InferenceComponentInputs(Inputs):
    """``memory_mb`` and ``accelerators`` are those of one copy; ``copies`` how many there are at first."""

    region: str
    name: str
    endpoint: str
    variant: str
    model: str
    accelerators: int = Field(ge=1)
    memory_mb: int = Field(ge=128)
    startup_seconds: int | None = Field(default=None, ge=60, le=3600)
    copies: int = Field(default=1, ge=0)
    tags: dict[str, str] = Field(default_factory=dict)


class InferenceComponent(Resource[InferenceComponentInputs]):
    """Outputs: ``arn``."""

    Inputs = InferenceComponentInputs
    replace_on = frozenset({"region", "name", "endpoint"})
    delete_before_replace = True

    def create(self, context: Context, inputs: InferenceComponentInputs) -> State:
        aws = client("sagemaker", inputs.region)
        found = _look(aws, inputs.name)
        if found is None:
            with told(f"inference component {inputs.name}"):
                aws.create_inference_component(
                    InferenceComponentName=inputs.name,
                    EndpointName=inputs.endpoint,
                    VariantName=inputs.variant,
                    Specification=_specification(inputs),
                    RuntimeConfig={"CopyCount": inputs.copies},
                    Tags=_tags(inputs.tags),
                )
            context.log(f"{inputs.name} is being loaded")
        return self._ended(aws, context, inputs)

    def update(self, context: Context, state: State, inputs: InferenceComponentInputs) -> Properties:
        aws = client("sagemaker", inputs.region)
        if _without_tags(state.inputs) != _without_tags(inputs.model_dump()):
            with told(f"inference component {inputs.name}"):
                aws.update_inference_component(
                    InferenceComponentName=inputs.name, Specification=_specification(inputs)
                )
            context.log(f"{inputs.name} is being loaded anew")
        ended = self._ended(aws, context, inputs)
        _tag(aws, ended.outputs["arn"], state.inputs.get("tags") or {}, inputs.tags)
        return ended.outputs

    def read(self, context: Context, state: State) -> State | None:
        region, _, name = state.id.partition("/")
        found = _look(client("sagemaker", region), name)
        if found is None:
            return None
        held = found.get("Specification") or {}
        compute, startup = held.get("ComputeResourceRequirements") or {}, held.get("StartupParameters") or {}
        inputs = {
            "region": region,
            "name": name,
            "endpoint": found["EndpointName"],
            "variant": found.get("VariantName") or state.inputs.get("variant") or "",
            "model": held.get("ModelName") or "",
            "accelerators": int(compute.get("NumberOfAcceleratorDevicesRequired") or 1),
            "memory_mb": int(compute.get("MinMemoryRequiredInMb") or 128),
            "startup_seconds": startup.get("ContainerStartupHealthCheckTimeoutInSeconds"),
            "copies": state.inputs.get("copies", 1),  # scaled since, and meant to be
            "tags": state.inputs.get("tags") or {},
        }
        return State(state.id, inputs, {"arn": found["InferenceComponentArn"]})

    def delete(self, context: Context, state: State) -> None:
        region, _, name = state.id.partition("/")
        aws = client("sagemaker", region)
        with gone(), told(f"inference component {name}"):
            aws.delete_inference_component(InferenceComponentName=name)
        wait(context, lambda: True if _raw(aws, name) is None else None, f"the end of {name}")

    def find(self, context: Context, inputs: Properties) -> State | None:
        return self.read(context, State(_id(inputs["region"], inputs["name"]), inputs, {}))

    def _ended(self, aws: Any, context: Context, inputs: InferenceComponentInputs) -> State:
        def look() -> Document | None:
            found = _raw(aws, inputs.name)
            if found is None:
                raise ResourceFailed(f"the inference component {inputs.name} is gone meanwhile")
            return None if found["InferenceComponentStatus"] in ("Creating", "Updating") else found

        found = wait(context, look, f"inference component {inputs.name}")
        state = State(
            _id(inputs.region, inputs.name), inputs.model_dump(), {"arn": found["InferenceComponentArn"]}
        )
        if found["InferenceComponentStatus"] != "InService":
            raise ResourceFailed(
                f"the inference component {inputs.name} is {found['InferenceComponentStatus']}: "
                f"{found.get('FailureReason') or 'AWS does not say why'}",
                remedy="`mlstack logs` shows what the containers say",
                partial=self.read(context, state),
            )
        return state


def _id(region: str, name: str) -> str:
    return f"{region}/{name}"


def _raw(aws: Any, name: str) -> Document | None:
    with gone(), told(f"inference component {name}"):
        found: Document = aws.describe_inference_component(InferenceComponentName=name)
        return found
    return None


def _look(aws: Any, name: str) -> Document | None:
    found = _raw(aws, name)
    return None if found is None or found["InferenceComponentStatus"] == "Deleting" else found


def _specification(inputs: InferenceComponentInputs) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ModelName": inputs.model,
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": inputs.accelerators,
            "MinMemoryRequiredInMb": inputs.memory_mb,
        },
    }
    if inputs.startup_seconds is not None:
        found["StartupParameters"] = {"ContainerStartupHealthCheckTimeoutInSeconds": inputs.startup_seconds}
    return found


def _without_tags(inputs: Properties) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key not in ("tags", "copies")}


def _tag(aws: Any, arn: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    if old == new:
        return
    with told(arn):
        if gone_keys := sorted(old.keys() - new.keys()):
            aws.delete_tags(ResourceArn=arn, TagKeys=gone_keys)
        aws.add_tags(ResourceArn=arn, Tags=_tags(new))


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
