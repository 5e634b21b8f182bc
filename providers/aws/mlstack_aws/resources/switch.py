"""``mlstack:aws:Switch``: an endpoint brought to a configuration, and its traffic shared out.

pulumi-aws makes the endpoint, and this resource moves it on: it keeps what automatic scaling has made of the
number of instances (``RetainAllVariantProperties``), follows the guardrails that are asked for, waits, and
looks at what the endpoint serves afterwards. A roll-back by an alarm leaves the endpoint in service with what
it had before, and AWS calls that no error (hashicorp/terraform-provider-aws #48997): here it is one.

Where only the traffic is another, only the weights are set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack.resource import Context, InputProblem, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_aws.cloud import client, gone, told, wait

Document = Mapping[str, Any]
_GOING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
_ADVICE = "`mlstack logs` shows what the containers say; mend the deployment and run `mlstack up` again"
_SERVICE = "sagemaker"
_COUNT = "sagemaker:variant:DesiredInstanceCount"


class Share(BaseModel):
    """``weight`` in relation to the other variants'; ``count`` of instances, None: something else sets it."""

    model_config = ConfigDict(extra="forbid")

    weight: float = Field(ge=0)
    count: int | None = Field(default=None, ge=1)


class SwitchInputs(Inputs):
    """``variants`` by their names on AWS; ``deployment`` is `DeploymentConfig` of UpdateEndpoint."""

    region: str
    endpoint: str
    configuration: str
    variants: dict[str, Share]
    deployment: dict[str, Any] = Field(default_factory=dict)


class Switch(Resource[SwitchInputs]):
    """Outputs: ``serves``, the configuration that was looked at and found. ``delete`` leaves all as it is:
    the endpoint goes by itself."""

    Inputs = SwitchInputs
    replace_on = frozenset({"region", "endpoint"})
    read_always = True

    def check(self, context: Context, inputs: SwitchInputs) -> None:
        if inputs.variants and not any(share.weight for share in inputs.variants.values()):
            raise InputProblem("variants", "no variant has a weight: none would be asked")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"serves": inputs["configuration"]}

    def create(self, context: Context, inputs: SwitchInputs) -> State:
        aws = client(_SERVICE, inputs.region)
        before = _settled(aws, context, inputs.endpoint)
        if _failed(before):
            # an endpoint that has never served cannot be updated, one that has rolled back can
            context.log(f"the endpoint {inputs.endpoint} is {before['EndpointStatus']}")
        if before.get("EndpointConfigName") != inputs.configuration or _failed(before):
            self._update(aws, context, inputs, before)
        else:
            self._verify(context, inputs, before)
        _share(aws, context, inputs)
        return State(
            _id(inputs.region, inputs.endpoint), inputs.model_dump(), {"serves": inputs.configuration}
        )

    def read(self, context: Context, state: State) -> State | None:
        region, _, endpoint = state.id.partition("/")
        found = _look(client(_SERVICE, region), endpoint)
        if found is None:
            return None
        wanted = state.inputs.get("variants") or {}
        inputs = {
            "region": region,
            "endpoint": endpoint,
            "configuration": found.get("EndpointConfigName") or "",
            "variants": {
                str(each["VariantName"]): _share_of(each, wanted.get(each["VariantName"]))
                for each in found.get("ProductionVariants") or ()
            },
            "deployment": state.inputs.get("deployment") or {},
        }
        return State(state.id, inputs, {"serves": inputs["configuration"]})

    def delete(self, context: Context, state: State) -> None:
        return

    def find(self, context: Context, inputs: Properties) -> State | None:
        found = self.read(context, State(_id(inputs["region"], inputs["endpoint"]), inputs, {}))
        return found if found and found.inputs["configuration"] == inputs["configuration"] else None

    def _update(self, aws: Any, context: Context, inputs: SwitchInputs, before: Document) -> None:
        name = inputs.endpoint
        _deregister(inputs, before)
        context.log(f"{name} goes over to {inputs.configuration}")
        request: dict[str, Any] = {
            "EndpointName": name,
            "EndpointConfigName": inputs.configuration,
            "RetainAllVariantProperties": True,
            # how much is captured is what the new configuration says
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
        }
        if guards := _guards(context, inputs, before):
            request["DeploymentConfig"] = guards
        with told(f"endpoint {name}"):
            aws.update_endpoint(**request)
        self._verify(context, inputs, _settled(aws, context, name))

    def _verify(self, context: Context, inputs: SwitchInputs, found: Document) -> None:
        """The endpoint serves what was asked for. Raises ResourceFailed."""
        name, why = inputs.endpoint, found.get("FailureReason")
        because = f": {why}" if why else ""
        serves = found.get("EndpointConfigName")
        if serves != inputs.configuration:
            raise ResourceFailed(
                f"the endpoint {name} was rolled back: it still serves {serves}, not "
                f"{inputs.configuration}{because}",
                remedy=_ADVICE,
                partial=self._as_it_is(context, inputs),
            )
        if _failed(found):
            raise ResourceFailed(
                f"the endpoint {name} is {found['EndpointStatus']}{because}",
                remedy=_ADVICE,
                partial=self._as_it_is(context, inputs),
            )

    def _as_it_is(self, context: Context, inputs: SwitchInputs) -> State | None:
        state = State(_id(inputs.region, inputs.endpoint), inputs.model_dump(), {})
        return self.read(context, state)


def _id(region: str, endpoint: str) -> str:
    return f"{region}/{endpoint}"


def _look(aws: Any, name: str) -> Document | None:
    with gone(), told(f"endpoint {name}"):
        found: Document = aws.describe_endpoint(EndpointName=name)
        return None if found["EndpointStatus"] == "Deleting" else found
    return None


def _settled(aws: Any, context: Context, name: str) -> Document:
    """The endpoint when nothing is done to it any more. Raises ResourceFailed where it is not there."""

    def look() -> Document | None:
        found = _look(aws, name)
        if found is None:
            raise ResourceFailed(
                f"the endpoint {name} is not there", remedy="run `mlstack refresh`, then `mlstack up`"
            )
        return None if found["EndpointStatus"] in _GOING else found

    return wait(context, look, f"endpoint {name}")


def _failed(found: Document) -> bool:
    return found["EndpointStatus"] in ("Failed", "UpdateRollbackFailed", "OutOfService")


def _share(aws: Any, context: Context, inputs: SwitchInputs) -> None:
    """Weights of all variants at once; the number of instances of one after the other, as AWS has it."""
    found = _settled(aws, context, inputs.endpoint)
    held = {each["VariantName"]: each for each in found.get("ProductionVariants") or ()}
    weights = [
        {"VariantName": name, "DesiredWeight": share.weight}
        for name, share in inputs.variants.items()
        if _weight(held.get(name)) != share.weight
    ]
    counts = [
        {"VariantName": name, "DesiredInstanceCount": share.count}
        for name, share in inputs.variants.items()
        if share.count is not None and _count(held.get(name)) != share.count
    ]
    for changes in [weights, *([each] for each in counts)]:
        if not changes:
            continue
        with told(f"endpoint {inputs.endpoint}"):
            aws.update_endpoint_weights_and_capacities(
                EndpointName=inputs.endpoint, DesiredWeightsAndCapacities=changes
            )
        _settled(aws, context, inputs.endpoint)


def _guards(context: Context, inputs: SwitchInputs, before: Document) -> dict[str, Any]:
    """What of the guardrails holds for this update.

    They are for variants that stay ("your new endpoint configuration must have the same variant name as the
    old", developer guide, "Exclusions"); an alarm that is new with this update is not there yet.
    """
    wanted = inputs.deployment
    if not wanted:
        return {}
    if {each["VariantName"] for each in before.get("ProductionVariants") or ()} != inputs.variants.keys():
        context.log(f"{inputs.endpoint} has other variants now: it goes over all at once, without a rollout")
        return {}
    rollback = wanted.get("AutoRollbackConfiguration") or {}
    names = [each["AlarmName"] for each in rollback.get("Alarms") or ()]
    if not names:
        return wanted
    with told(f"alarms of {inputs.endpoint}"):
        found = client("cloudwatch", inputs.region).describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
    there = {
        each["AlarmName"] for key in ("MetricAlarms", "CompositeAlarms") for each in found.get(key) or ()
    }
    kept = [{"AlarmName": name} for name in names if name in there]
    if kept:
        return {**wanted, "AutoRollbackConfiguration": {**rollback, "Alarms": kept}}
    return {key: value for key, value in wanted.items() if key != "AutoRollbackConfiguration"}


def _weight(variant: Document | None) -> Any:
    return None if variant is None else variant.get("DesiredWeight", variant.get("CurrentWeight"))


def _count(variant: Document | None) -> Any:
    return (
        None if variant is None else variant.get("DesiredInstanceCount", variant.get("CurrentInstanceCount"))
    )


def _share_of(variant: Document, wanted: Any) -> dict[str, Any]:
    count = _count(variant) if (wanted or {}).get("count") is not None else None
    return {"weight": float(_weight(variant) or 0.0), "count": count}


def _deregister(inputs: SwitchInputs, before: Document) -> None:
    """Variants that go are scaled no more: an update that would take one of those away is refused."""
    going = {each["VariantName"] for each in before.get("ProductionVariants") or ()} - inputs.variants.keys()
    if not going:
        return
    scaling = client("application-autoscaling", inputs.region)
    ids = [f"endpoint/{inputs.endpoint}/variant/{name}" for name in sorted(going)]
    with told(f"endpoint {inputs.endpoint}"):
        found = scaling.describe_scalable_targets(ServiceNamespace=_SERVICE, ResourceIds=ids)
        for target in found["ScalableTargets"]:
            scaling.deregister_scalable_target(
                ServiceNamespace=_SERVICE, ResourceId=target["ResourceId"], ScalableDimension=_COUNT
            )
