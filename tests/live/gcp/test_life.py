"""The life of a stack in a real Google Cloud project (`gcloud auth application-default login`)."""

from __future__ import annotations

from typing import Any

from tests.live.life import MARKS, Life

pytestmark = MARKS


class TestGcp(Life):
    cloud = "gcp"
    region = "europe-west4"
    account = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_PROJECT")

    def shown(self, endpoint: str) -> Any:
        found = _client(endpoint).get_endpoint(name=endpoint)
        return {each.id: each.dedicated_resources.min_replica_count for each in found.deployed_models}

    def disturb(self, endpoint: str) -> None:
        client = _client(endpoint)
        for id, least in self.shown(endpoint).items():
            resources = {"min_replica_count": least + 1, "max_replica_count": least + 1}
            client.mutate_deployed_model(
                endpoint=endpoint,
                deployed_model={"id": id, "dedicated_resources": resources},
                update_mask={"paths": [f"dedicated_resources.{key}" for key in resources]},
            ).result()


def _client(endpoint: str) -> Any:
    """Google's own client for the location in an endpoint's name."""
    from google.cloud.aiplatform_v1 import EndpointServiceClient

    location = endpoint.split("/")[3]
    return EndpointServiceClient(
        client_options={"api_endpoint": f"{location}-aiplatform.googleapis.com"}, transport="rest"
    )
