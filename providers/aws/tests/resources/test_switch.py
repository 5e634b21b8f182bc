"""The switch: what an endpoint is told, what it keeps, and that a roll-back is a failure."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_aws.resources.switch import Share, Switch, SwitchInputs

from mlstack.errors import TargetError
from mlstack.resource import Context, InputProblem, ResourceFailed, State
from providers.aws.tests.strict import Asked, Says, Server, refuses

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/digits-1"
ID = "eu-west-1/digits-1"


class Endpoint:
    """An endpoint as AWS has it: busy for two looks after a change; an update may be rolled back."""

    def __init__(self, server: Server, configuration: str = "first", **weights: float) -> None:
        self.configuration, self.wanted, self.busy = configuration, configuration, 0
        self.variants = {name: {"weight": weight, "count": 1} for name, weight in weights.items()}
        self.configurations: dict[str, list[str]] = {configuration: list(weights)}
        self.rolls_back, self.status = False, "InService"
        server.on("DescribeEndpoint", self.describe)
        server.on("UpdateEndpoint", self.update)
        server.on("UpdateEndpointWeightsAndCapacities", self.share)
        server.on("DescribeScalableTargets", Says({"ScalableTargets": []}))

    def describe(self, _: Asked) -> Says:
        if self.busy:
            self.busy -= 1
            if not self.busy and self.wanted != self.configuration and not self.rolls_back:
                self.configuration = self.wanted
                new = self.configurations[self.configuration]
                self.variants = {name: self.variants.get(name, {"weight": 0.01, "count": 1}) for name in new}
        named = [
            {
                "VariantName": name,
                "CurrentWeight": held["weight"],
                "DesiredWeight": held["weight"],
                "CurrentInstanceCount": held["count"],
                "DesiredInstanceCount": held["count"],
            }
            for name, held in self.variants.items()
        ]
        return Says(
            {
                "EndpointName": "digits-1",
                "EndpointArn": ARN,
                "EndpointConfigName": self.configuration,
                "ProductionVariants": named,
                "EndpointStatus": "Updating" if self.busy else self.status,
                "CreationTime": 0,
                "LastModifiedTime": 0,
                **({"FailureReason": "the alarm errors went off"} if self.rolls_back else {}),
            }
        )

    def update(self, asked: Asked) -> Says:
        if self.busy:
            return refuses("ValidationException", 'Cannot update in-progress endpoint "digits-1".')
        self.wanted, self.busy = asked.body["EndpointConfigName"], 2
        return Says({"EndpointArn": ARN})

    def share(self, asked: Asked) -> Says:
        changes = asked.body["DesiredWeightsAndCapacities"]
        if self.busy:
            return refuses("ValidationException", 'Cannot update in-progress endpoint "digits-1".')
        if sum("DesiredInstanceCount" in each for each in changes) > 1:
            return refuses("ValidationException", "capacity of one variant at a time")
        for each in changes:
            held = self.variants[each["VariantName"]]
            held["weight"] = each.get("DesiredWeight", held["weight"])
            held["count"] = each.get("DesiredInstanceCount", held["count"])
        self.busy = 2
        return Says({"EndpointArn": ARN})

    @property
    def weights(self) -> dict[str, float]:
        return {name: held["weight"] for name, held in self.variants.items()}


def _inputs(configuration: str, deployment: Any = None, **weights: float) -> SwitchInputs:
    variants = {name: Share(weight=weight) for name, weight in weights.items()}
    return SwitchInputs(
        region="eu-west-1",
        endpoint="digits-1",
        configuration=configuration,
        variants=variants,
        deployment=deployment or {},
    )


def test_a_first_switch_only_shares_out(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=0.01, green=0.01)
    made = Switch().create(context, _inputs("first", blue=90, green=10))
    assert endpoint.weights == {"blue": 90, "green": 10}
    assert server.calls("UpdateEndpoint") == []
    assert (made.id, made.outputs) == (ID, {"serves": "first"})


def test_what_is_as_wanted_is_left_alone(context: Context, server: Server) -> None:
    Endpoint(server, blue=100)
    Switch().create(context, _inputs("first", blue=100))
    assert {asked.operation for asked in server.asked} == {"DescribeEndpoint"}


def test_another_configuration_keeps_what_scaling_made_of_it(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=100)
    endpoint.configurations["second"] = ["blue", "green"]
    Switch().create(context, _inputs("second", blue=90, green=10))
    [sent] = server.calls("UpdateEndpoint")
    assert sent == {
        "EndpointName": "digits-1",
        "EndpointConfigName": "second",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
    }
    assert (endpoint.configuration, endpoint.weights) == ("second", {"blue": 90, "green": 10})


POLICY = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 60,
    }
}


@pytest.mark.parametrize(
    ("variants", "alarms", "kept"),
    [
        (["blue"], ["errors", "slow"], ["errors", "slow"]),
        (["blue"], ["slow"], ["slow"]),  # errors is new with this very update
        (["blue"], [], []),
        (["blue", "green"], ["errors", "slow"], None),  # guardrails are for variants that stay
    ],
    ids=["all", "one-is-new", "none-yet", "other-variants"],
)
def test_guardrails_are_those_that_hold(
    context: Context, server: Server, variants: list[str], alarms: list[str], kept: list[str] | None
) -> None:
    endpoint = Endpoint(server, blue=100)
    endpoint.configurations["second"] = variants
    server.on("DescribeAlarms", Says({"MetricAlarms": [{"AlarmName": each} for each in alarms]}))
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "slow"}]}}
    shares = dict.fromkeys(variants, 50.0)
    Switch().create(context, _inputs("second", {**POLICY, **rollback}, **shares))
    [sent] = server.calls("UpdateEndpoint")
    told = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": each} for each in kept or ()]}}
    assert sent.get("DeploymentConfig") == (None if kept is None else {**POLICY, **(told if kept else {})})


def test_a_roll_back_is_a_failure_and_what_is_there_is_recorded(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=100)
    endpoint.configurations["second"] = ["blue"]
    endpoint.rolls_back = True
    with pytest.raises(ResourceFailed, match="rolled back: it still serves first") as raised:
        Switch().create(context, _inputs("second", blue=100))
    assert "the alarm errors went off" in raised.value.message
    assert raised.value.partial is not None
    assert raised.value.partial.inputs["configuration"] == "first"
    endpoint.rolls_back = False
    Switch().update(context, raised.value.partial, _inputs("second", blue=100))
    assert endpoint.configuration == "second"


def test_a_failed_endpoint_is_a_failure(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=100)
    endpoint.configurations["second"] = ["blue"]
    endpoint.status = "Failed"
    with pytest.raises(ResourceFailed, match="digits-1 is Failed"):
        Switch().create(context, _inputs("second", blue=100))


def test_numbers_of_instances_one_after_the_other(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=50, green=50)
    inputs = _inputs("first")
    inputs.variants.update(blue=Share(weight=50, count=3), green=Share(weight=50, count=2))
    Switch().create(context, inputs)
    assert {name: held["count"] for name, held in endpoint.variants.items()} == {"blue": 3, "green": 2}


def test_a_variant_that_goes_is_scaled_no_more(context: Context, server: Server) -> None:
    """SageMaker refuses an update that takes away what is scaled."""
    endpoint = Endpoint(server, old=100)
    endpoint.configurations["second"] = ["new"]
    resource = "endpoint/digits-1/variant/old"
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "MinCapacity": 1,
        "MaxCapacity": 3,
        "RoleARN": "arn:aws:iam::123456789012:role/r",
        "CreationTime": 0,
    }
    server.on("DescribeScalableTargets", Says({"ScalableTargets": [target]}))
    server.on("DeregisterScalableTarget", Says({}))
    Switch().create(context, _inputs("second", new=100))
    operations = [asked.operation for asked in server.asked]
    assert operations.index("DeregisterScalableTarget") < operations.index("UpdateEndpoint")
    assert server.calls("DeregisterScalableTarget")[0]["ResourceId"] == resource


def test_it_reads_what_somebody_else_did(context: Context, server: Server) -> None:
    Endpoint(server, "theirs", blue=30, green=70)
    found = Switch().read(context, State(ID, _inputs("first", blue=90, green=10).model_dump(), {}))
    assert found is not None
    assert found.inputs["configuration"] == "theirs"
    assert found.inputs["variants"]["blue"] == {"weight": 30.0, "count": None}
    assert Switch().find(context, _inputs("first", blue=1).model_dump()) is None
    assert Switch().find(context, _inputs("theirs", blue=1).model_dump()) is not None


def test_an_endpoint_that_is_gone(context: Context, server: Server) -> None:
    server.on("DescribeEndpoint", refuses("ValidationException", 'Could not find endpoint "digits-1".'))
    assert Switch().read(context, State(ID, {}, {})) is None
    with pytest.raises(ResourceFailed, match="is not there"):
        Switch().create(context, _inputs("first", blue=1))


def test_without_a_weight_nobody_would_be_asked(context: Context) -> None:
    with pytest.raises(InputProblem):
        Switch().check(context, _inputs("first", blue=0, green=0))


def test_cancelled_while_it_waits(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, blue=100)
    endpoint.busy = 1000
    context.cancelled.set()
    with pytest.raises(Exception, match="stopped while waiting for endpoint digits-1"):
        Switch().create(context, _inputs("first", blue=100))


def test_aws_says_no(context: Context, server: Server) -> None:
    Endpoint(server, blue=100)
    server.on("UpdateEndpoint", refuses("ResourceLimitExceeded", "The account-level limit is 0 Instances"))
    with pytest.raises(TargetError) as raised:
        Switch().create(context, _inputs("second", blue=100))
    assert raised.value.category == "quota"
