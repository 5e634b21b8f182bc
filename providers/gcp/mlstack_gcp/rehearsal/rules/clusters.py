"""Clusters of Google Kubernetes Engine: names, pools, keys, who a pod is."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_gcp.rehearsal.rules.base import TERRAFORM, Problem, View, matches, one_of, rule

CLUSTER = "container/cluster:Cluster"
POOL = "container/nodePool:NodePool"
_REST = "container.v1 REST, projects.locations.clusters"
_CODE = TERRAFORM + "container/resource_container_cluster.go"
_POOLS = TERRAFORM + "container/resource_container_node_pool.go"
_NAME, _FORM = r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?", "1 to 40 small letters, digits and hyphens, letter first"

matches("cluster-name", CLUSTER, "name", _NAME, _FORM, _REST + ": Cluster.name")
matches("node-pool-name", POOL, "name", _NAME, _FORM, _POOLS + ": name, at most 40 characters")
one_of(
    "cluster-channel",
    CLUSTER,
    "releaseChannel.channel",
    ("UNSPECIFIED", "RAPID", "REGULAR", "STABLE", "EXTENDED"),
    _CODE + ": release_channel",
)
one_of(
    "cluster-datapath",
    CLUSTER,
    "datapathProvider",
    ("DATAPATH_PROVIDER_UNSPECIFIED", "LEGACY_DATAPATH", "ADVANCED_DATAPATH"),
    _CODE + ": datapath_provider",
)
one_of(
    "node-metadata",
    POOL,
    "nodeConfig.workloadMetadataConfig.mode",
    ("MODE_UNSPECIFIED", "GCE_METADATA", "GKE_METADATA"),
    TERRAFORM + "container/node_config.go: workload_metadata_config",
)


@rule(
    "cluster-nodes",
    CLUSTER,
    source=_CODE + ": initial_node_count must be above 0 without a pool or autopilot",
)
def cluster_nodes(x: View) -> Iterator[Problem]:
    """It is made with a pool, which may be removed at once."""
    known = all(map(x.all_known, ("initialNodeCount", "nodePools", "enableAutopilot")))
    if known and x["enableAutopilot"] is not True and not x["nodePools"] and not x.number("initialNodeCount"):
        yield "initialNodeCount", "Cluster.initial_node_count must be greater than zero."


@rule("cluster-encryption", CLUSTER, source=_REST + ": DatabaseEncryption.keyName")
def cluster_encryption(x: View) -> Iterator[Problem]:
    """Secrets of a cluster are encrypted by a key that is named."""
    path = "databaseEncryption.keyName"
    if x["databaseEncryption.state"] == "ENCRYPTED" and x.all_known(path) and not x[path]:
        yield path, "ENCRYPTED needs the name of a key"


@rule(
    "cluster-workload-pool",
    CLUSTER,
    source="cloud.google.com/kubernetes-engine/docs/how-to/workload-identity: PROJECT_ID.svc.id.goog",
)
def cluster_workload_pool(x: View) -> Iterator[Problem]:
    """Whose tokens are believed: the pool of the project, and no other."""
    value = x.text("workloadIdentityConfig.workloadPool")
    if value is not None and not value.endswith(".svc.id.goog"):
        yield "workloadIdentityConfig.workloadPool", f"{value!r} is not PROJECT_ID.svc.id.goog"


@rule(
    "cluster-private",
    CLUSTER,
    source="cloud.google.com/kubernetes-engine/docs/how-to/legacy/network-isolation: a private endpoint "
    "wants private nodes",
)
def cluster_private(x: View) -> Iterator[Problem]:
    path = "privateClusterConfig.enablePrivateEndpoint"
    nodes = "privateClusterConfig.enablePrivateNodes"
    if x[path] is True and x.all_known(nodes) and x[nodes] is not True:
        yield path, "a private endpoint needs enablePrivateNodes"


@rule(
    "node-pool-autoscaling",
    POOL,
    source=_POOLS + ": autoscaling: limits of a zone or of the whole, and min <= max",
)
def node_pool_autoscaling(x: View) -> Iterator[Problem]:
    zone = [one for one in ("minNodeCount", "maxNodeCount") if x.given(f"autoscaling.{one}")]
    whole = [one for one in ("totalMinNodeCount", "totalMaxNodeCount") if x.given(f"autoscaling.{one}")]
    if zone and whole:
        yield f"autoscaling.{whole[0]}", "total limits cannot be used with limits per zone"
    for low, high in (("minNodeCount", "maxNodeCount"), ("totalMinNodeCount", "totalMaxNodeCount")):
        least, most = x.number(f"autoscaling.{low}"), x.number(f"autoscaling.{high}")
        if least is not None and most is not None and least > most:
            yield f"autoscaling.{high}", f"{most:g} is less than the least, {least:g}"


#: Accelerators by their names in Compute Engine, and the family of machines that they come with.
_OF_FAMILY = {
    "nvidia-l4": "g2-",
    "nvidia-tesla-a100": "a2-",
    "nvidia-a100-80gb": "a2-ultragpu-",
    "nvidia-h100-80gb": "a3-highgpu-",
    "nvidia-tesla-t4": "n1-",
    "nvidia-tesla-p4": "n1-",
    "nvidia-tesla-p100": "n1-",
    "nvidia-tesla-v100": "n1-",
}


@rule("node-accelerator", POOL, source="cloud.google.com/kubernetes-engine/docs/concepts/gpus: machine types")
def node_accelerator(x: View) -> Iterator[Problem]:
    machine = x.text("nodeConfig.machineType")
    for at, one in x.list("nodeConfig.guestAccelerators"):
        kind, path = one.text("type"), f"nodeConfig.guestAccelerators[{at}]"
        if kind is not None and kind not in _OF_FAMILY:
            yield f"{path}.type", f"{kind!r} is no accelerator of this platform's"
        elif kind is not None and machine is not None and not machine.startswith(_OF_FAMILY[kind]):
            yield f"{path}.type", f"{kind} cannot be attached to {machine}."
        if (one.number("count") or 1) < 1:
            yield f"{path}.count", "must be at least 1"
