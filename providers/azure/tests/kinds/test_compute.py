"""Compute: pools, those that are there, clusters."""

from __future__ import annotations

from providers.azure.tests.kinds.lower import GROUP, Lower, Refused, lower, refusals, root

__all__ = ["lower", "refusals", "root"]


def test_a_pool_in_full(lower: Lower) -> None:
    sent = lower("compute: {train: {size: cpu-m, min: 1, max: 4, spot: true, idle: 90s, tags: {a: b}}}")
    held = sent.inputs("Compute", "train")
    assert held["tags"] == {"a": "b", "mlstack-stack": "c0ffee00"}
    assert held["location"] == "westeurope"
    assert held["identity"]["userAssignedIdentities"] == [
        f"{GROUP}/providers/managedidentity/default-identity"
    ]
    assert held["properties"] == {
        "computeType": "AmlCompute",
        "disableLocalAuth": True,
        "properties": {
            "osType": "Linux",
            "vmSize": sent.output("Compute", "train")["instance"],
            "vmPriority": "LowPriority",
            "scaleSettings": {
                "minNodeCount": 1,
                "maxNodeCount": 4,
                "nodeIdleTimeBeforeScaleDown": "PT1M30S",
            },
            "enableNodePublicIp": True,
            "remoteLoginPortPublicAccess": "Disabled",
        },
    }
    assert 3 <= len(held["computeName"]) <= 24


def test_other_machines_are_another_pool_and_another_count_is_not(lower: Lower) -> None:
    def name(fields: str) -> str:
        found: str = lower(f"compute: {{train: {fields}}}").inputs("Compute", "train")["computeName"]
        return found

    first = name("{instance: Standard_D4s_v3, max: 2}")
    assert name("{instance: Standard_D4s_v3, max: 4, idle: 1h}") == first
    assert name("{instance: Standard_D8s_v3, max: 2}") != first
    assert name("{instance: Standard_D4s_v3, max: 2, spot: true}") != first


def test_nodes_of_a_private_workspace_have_no_address(lower: Lower) -> None:
    sent = lower("workspace: {network: private}\ncompute: {train: {}}")
    assert sent.properties("Compute", "train")["properties"]["enableNodePublicIp"] is False


def test_a_pool_that_is_there_is_only_named(lower: Lower) -> None:
    sent = lower("compute: {mine: {existing: gpu-cluster-1}}")
    assert sent.names("Compute") == []
    assert sent.output("Compute", "mine")["id"].endswith("/computes/gpu-cluster-1")


def test_in_a_workspace_of_ones_own_nothing_is_there_to_be_found(lower: Lower) -> None:
    assert lower("compute: {any: {existing: auto, size: cpu-s}}").names("Compute") == ["any"]


def test_disk_of_a_pool_is_told_of(lower: Lower) -> None:
    assert "compute.train.disk" in lower("compute: {train: {disk: 200}}").warnings


def test_a_cluster_is_made_with_its_pools_and_azures_software(lower: Lower) -> None:
    pools = "{gpu-pool-of-mine: {instance: Standard_D8s_v3, min: 0, max: 2, spot: true, disk: 100.5}}"
    sent = lower(f"compute: {{aks: {{cluster: {{type: aks, name: prod, node_pools: {pools}}}}}}}")
    cluster = sent.inputs("ManagedCluster", "aks-cluster")
    assert cluster["resourceName"] == "prod"
    assert (cluster["disableLocalAccounts"], cluster["enableRBAC"]) == (True, True)
    assert cluster["oidcIssuerProfile"] == {"enabled": True}
    assert cluster["securityProfile"] == {"workloadIdentity": {"enabled": True}}
    pool = sent.inputs("AgentPool", "aks-pool-gpu-pool-of-mine")
    assert len(pool["agentPoolName"]) <= 12
    assert pool["agentPoolName"].isalnum()
    assert (pool["minCount"], pool["maxCount"], pool["count"], pool["osDiskSizeGB"]) == (0, 2, 0, 101)
    assert (pool["scaleSetPriority"], pool["spotMaxPrice"]) == ("Spot", -1)
    assert sent.inputs("Extension", "aks-extension")["extensionType"] == "Microsoft.AzureML.Kubernetes"
    compute = sent.inputs("Compute", "aks")
    assert len(compute["computeName"]) <= 16
    held = compute["properties"]
    assert held["computeType"] == "Kubernetes"
    assert held["resourceId"].endswith("/aks-cluster")
    assert held["properties"]["defaultInstanceType"] == "gpu-pool-of-mine"
    kinds = held["properties"]["instanceTypes"]
    assert kinds["gpu-pool-of-mine"]["nodeSelector"] == {"mlstack-pool": "gpu-pool-of-mine"}


def test_a_cluster_that_is_there_is_only_attached(lower: Lower) -> None:
    sent = lower(
        "settings: {azure: {resource_group: ml}}\n"
        "compute: {aks: {cluster: {type: aks, existing: true, name: prod, namespace: jobs}}}"
    )
    assert sent.names("ManagedCluster") == sent.names("Extension") == sent.names("AgentPool") == []
    held = sent.properties("Compute", "aks")
    assert held["resourceId"] == f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
    assert held["properties"] == {"namespace": "jobs"}
    assert "kubeconfig" not in sent.output("Compute", "aks")


def test_clusters_that_azure_ml_cannot_take(refusals: Refused) -> None:
    told = refusals(
        "compute:\n"
        "  a: {cluster: {type: eks}}\n"
        "  b: {cluster: {type: kubernetes}}\n"
        "  c: {cluster: {type: aks, existing: true}}\n"
        "  d: {cluster: {type: kubernetes, existing: true, name: mine}}\n"
        "  e: {cluster: {type: aks, existing: true, name: x, node_pools: {p: {size: cpu-s}}}}"
    )
    assert list(told) == [
        "compute.a.cluster.type",
        "compute.b.cluster",
        "compute.c.cluster",
        "compute.d.cluster.name",
        "compute.e.cluster.node_pools",
    ]
