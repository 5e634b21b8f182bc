"""Clusters of Google Kubernetes Engine, and their pools of nodes.

Sources: container.v1 REST, projects.locations.clusters and .nodePools; terraform-provider-google,
services/container/resource_container_cluster.go and resource_container_node_pool.go (ForceNew, deletion
protection, the default pool that is removed).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

from mlstack.rehearsal import Made
from mlstack.resource import UNKNOWN
from mlstack_gcp.rehearsal.cloud import Cloud, Document, number
from mlstack_gcp.rehearsal.kinds.base import PROVISIONED, Kind, Parts, Properties
from mlstack_gcp.rehearsal.refusals import Refused

CLUSTER = "container/cluster:Cluster"
POOL = "container/nodePool:NodePool"
_API = "https://container.googleapis.com/v1/"


@dataclass(frozen=True)
class Cluster(Kind):
    """Its labels are called resource labels, and it is not deleted while it is protected."""

    def to_document(self, inputs: Properties) -> Document:
        document = super().to_document(inputs)
        return document | {"resourceLabels": {**document.get("resourceLabels", {}), **PROVISIONED}}

    def to_inputs(self, cloud: Cloud, document: Properties, parts: Parts) -> Document:
        found = super().to_inputs(cloud, {**document, "masterAuth": _asked(document)}, parts)
        mine = {
            key: one for key, one in found.pop("resourceLabels", {}).items() if PROVISIONED.get(key) != one
        }
        return found | ({"resourceLabels": mine} if mine else {})

    @property
    def labelled(self) -> bool:
        return False

    def labels(self, document: Properties, inputs: Properties) -> Properties:
        mine = inputs.get("resourceLabels") or {}
        held = document.get("resourceLabels") or {}
        return {"pulumiLabels": {**mine, **PROVISIONED}, "effectiveLabels": held}

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        if inputs.get("deletionProtection", True) is not False:
            message = "Cannot destroy cluster because deletion_protection is set to true."
            raise Refused("FAILED_PRECONDITION", message)
        super().delete(cloud, id, inputs)


@dataclass(frozen=True)
class NodePool(Kind):
    """Its cluster is named by its name, or by its whole id."""

    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        found = super().parts(cloud, inputs)
        given = found.get("cluster", "").split("/")
        if len(given) == 6:
            found |= {"project": given[1], "location": given[3], "cluster": given[5]}
        return found

    def before(self, cloud: Cloud, parts: Parts, inputs: Properties) -> None:
        cloud.there("projects/{project}/locations/{location}/clusters/{cluster}".format_map(parts))

    def made(
        self, cloud: Cloud, id: str, parts: Parts, document: Document, inputs: Properties, given: Properties
    ) -> Made:
        made = super().made(cloud, id, parts, document, inputs, given)
        count = int(document.get("initialNodeCount") or 0)
        return replace(made, outputs={**made.outputs, "nodeCount": given.get("nodeCount", count)})


def _asked(document: Properties) -> dict[str, Any]:
    """Of how one signs in, what can be asked for: the authority's certificate is the platform's."""
    held = document.get("masterAuth") or {}
    return {key: one for key, one in held.items() if key != "clusterCaCertificate"}


def _cluster(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    name = "projects/{project}/locations/{location}/clusters/{name}".format_map(parts)
    serial = int(number(name, 9))
    authority = base64.b64encode(f"certificate of the authority of {name}".encode()).decode()
    document |= {
        "name": parts["name"],
        "selfLink": _API + name,
        "endpoint": f"34.{serial >> 16 & 255}.{serial >> 8 & 255}.{serial & 255}",
        "masterVersion": "1.33.4-gke.1",
        "status": "RUNNING",
        "masterAuth": {**_asked(document), "clusterCaCertificate": authority},
    }


def _pool(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document |= {"name": parts["name"], "status": "RUNNING"}


CLUSTERS = (
    Cluster(
        CLUSTER,
        "projects/{project}/locations/{location}/clusters/{name}",
        replace=frozenset(
            {
                *("network", "subnetwork", "networkingMode", "ipAllocationPolicy", "datapathProvider"),
                *("initialNodeCount", "clusterIpv4Cidr", "defaultMaxPodsPerNode", "description"),
                *("enableAutopilot", "enableKubernetesAlpha", "masterAuth.clientCertificateConfig"),
                *("privateClusterConfig.masterIpv4CidrBlock",),
            }
        ),
        made_up="name",
        own=frozenset({"location", "deletionProtection", "removeDefaultNodePool"}),
        finish=_cluster,
        shown=lambda cloud, parts, document: {"masterAuth": document["masterAuth"]},
        planned=lambda cloud, inputs: {"masterAuth": UNKNOWN},
    ),
    NodePool(
        POOL,
        "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
        replace=frozenset(
            {
                *("initialNodeCount", "maxPodsPerNode", "placementPolicy"),
                *("nodeConfig.spot", "nodeConfig.preemptible", "nodeConfig.guestAccelerators"),
                *("nodeConfig.serviceAccount", "nodeConfig.oauthScopes", "nodeConfig.bootDiskKmsKey"),
                *("nodeConfig.shieldedInstanceConfig", "nodeConfig.metadata"),
            }
        ),
        made_up="name",
        own=frozenset({"cluster", "location"}),
        finish=_pool,
    ),
)
