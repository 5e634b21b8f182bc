"""The life of a stack on a real AWS account (AWS_PROFILE, or AWS_ACCESS_KEY_ID with its secret)."""

from __future__ import annotations

from typing import Any

from tests.live.life import MARKS, Life

pytestmark = MARKS


class TestAws(Life):
    cloud = "aws"
    region = "eu-central-1"
    account = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID")

    def shown(self, endpoint: str) -> Any:
        client, name = _client(endpoint)
        found = client.describe_endpoint(EndpointName=name)
        return {each["VariantName"]: each["DesiredWeight"] for each in found["ProductionVariants"]}

    def disturb(self, endpoint: str) -> None:
        client, name = _client(endpoint)
        weights = [{"VariantName": each, "DesiredWeight": 7.0} for each in self.shown(endpoint)]
        client.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=weights)
        client.get_waiter("endpoint_in_service").wait(EndpointName=name)


def _client(endpoint: str) -> Any:
    """AWS's own client for the region of an endpoint's ARN, and the endpoint's name."""
    import boto3

    _, _, _, region, _, resource = endpoint.split(":", 5)
    return boto3.client("sagemaker", region_name=region), resource.partition("/")[2]
