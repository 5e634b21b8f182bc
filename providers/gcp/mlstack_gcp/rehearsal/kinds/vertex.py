"""What pulumi-gcp has of Vertex AI. Documents are the messages of aiplatform v1, strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mlstack_gcp.rehearsal import messages
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now, number
from mlstack_gcp.rehearsal.kinds.base import Kind, Parts, Properties


@dataclass(frozen=True)
class Vertex(Kind):
    """``message`` is the document's."""

    message: str = ""

    def completed(self, cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> Document:
        made = super().completed(cloud, parts, document, old)
        made["name"] = cloud.numbered(self.name(parts))
        made["createTime"] = (old or {}).get("createTime") or now()
        if "updateTime" in self.outputs:
            made["updateTime"] = now() if old is None else old.get("updateTime") or now()
        return messages.strict(self.message, cloud.numbered(made))


@dataclass(frozen=True)
class Endpoint(Vertex):
    """The split of its traffic is a text of JSON in Pulumi."""

    def to_document(self, inputs: Properties) -> Document:
        document = super().to_document(inputs)
        if "trafficSplit" in document:
            document["trafficSplit"] = json.loads(document["trafficSplit"])
        return document

    def to_inputs(self, cloud: Cloud, document: Properties, parts: Parts) -> Document:
        found = super().to_inputs(cloud, document, parts)
        if "trafficSplit" in found:
            found["trafficSplit"] = json.dumps(found["trafficSplit"], sort_keys=True)
        return found


def endpoint(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    """What only the service sets of an endpoint."""
    document["etag"] = "AMEw9yNrehearsal"
    for key in ("deployedModels", "modelDeploymentMonitoringJob"):
        if old and key in old:
            document[key] = old[key]
    if document.get("dedicatedEndpointEnabled"):
        document["dedicatedEndpointDns"] = dedicated(cloud, parts["name"], parts["location"])


def dedicated(cloud: Cloud, id: str, location: str) -> str:
    """The address of a dedicated endpoint (cloud.google.com/vertex-ai/docs/predictions/
    use-dedicated-endpoints: ENDPOINT_ID.REGION-PROJECT_NUMBER.prediction.vertexai.goog)."""
    return f"{id}.{location}-{cloud.number}.prediction.vertexai.goog"


def _shown(cloud: Cloud, parts: Parts, document: Document) -> Properties:
    deployed = [_listed(one) for one in document.get("deployedModels", [])]
    return {"deployedModels": deployed, "name": parts["name"]}


_ONE = ("dedicatedResources", "automaticResources", "privateEndpoints", "machineSpec")


def _listed(value: Any) -> Any:
    """Blocks that are computed, and there once, are lists of one in Terraform and so in Pulumi."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    return {key: [one] if key in _ONE else one for key, one in inner.items()}


def _pool(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document.get("dedicatedResources", {}).setdefault("minReplicaCount", 1)


def _tensorboard(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["blobStoragePathPrefix"] = f"cloud-ai-platform-{number(cloud.project, 16)}"


_LOCATED = "projects/{project}/locations/{location}/"
_REGIONAL = "projects/{project}/locations/{region}/"

VERTEX = (
    Endpoint(
        "vertex/aiEndpoint:AiEndpoint",
        _LOCATED + "endpoints/{name}",
        message="Endpoint",
        made_up="name",
        own=frozenset({"name", "location", "region"}),
        replace=frozenset(
            {"encryptionSpec", "network", "region", "privateServiceConnectConfig.enablePrivateServiceConnect"}
        ),
        inner={"projectAllowlists": "projectAllowlist"},  # Pulumi names lists in the plural
        finish=endpoint,
        shown=_shown,
    ),
    Vertex(
        "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
        _REGIONAL + "deploymentResourcePools/{name}",
        message="DeploymentResourcePool",
        made_up="name",
        own=frozenset({"name", "region"}),
        replace=frozenset({"dedicatedResources"}),
        finish=_pool,
    ),
    Vertex(
        "vertex/aiPersistentResource:AiPersistentResource",
        _LOCATED + "persistentResources/{name}",
        message="PersistentResource",
        made_up="name",
        own=frozenset({"name", "location"}),
        # all but how it is called, and how many machines it has where their number is fixed
        replace=frozenset(
            {
                "encryptionSpec",
                "labels",
                "network",
                "pscInterfaceConfig",
                "reservedIpRanges",
                "resourceRuntimeSpec",
                *(f"resourcePools.{one}" for one in ("id", "machineSpec", "diskSpec", "autoscalingSpec")),
            }
        ),
        finish=lambda cloud, parts, document, old: document.update(state="RUNNING"),
    ),
    Vertex(
        "vertex/aiMetadataStore:AiMetadataStore",
        _REGIONAL + "metadataStores/{name}",
        message="MetadataStore",
        made_up="name",
        own=frozenset({"name", "region"}),
        replace=frozenset({"description", "encryptionSpec"}),
    ),
    Vertex(
        "vertex/aiTensorboard:AiTensorboard",
        _REGIONAL + "tensorboards/{name}",
        message="Tensorboard",
        server="name",
        own=frozenset({"region"}),
        replace=frozenset({"encryptionSpec"}),
        finish=_tensorboard,
        shown=lambda cloud, parts, document: {"name": document["name"]},
    ),
)
