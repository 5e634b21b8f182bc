"""A Kubernetes cluster as a compute: GKE made for the stack.

Sources: cloud.google.com/kubernetes-engine/docs: "Harden your cluster's security", "About Workload Identity
Federation for GKE", "Run GPUs in Standard node pools", "Use least privilege IAM service accounts".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.provider import Build
from mlstack_gcp import account, encryption, network, services
from mlstack_gcp.machines import machine_spec
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import Place, place
from mlstack_gcp.values import join

if TYPE_CHECKING:
    from pulumi_gcp import container

    from mlstack.spec import NodePool

#: Machines for the cluster's own work: pools of the spec may have none while nothing runs.
_SYSTEM = "system"
_SYSTEM_MACHINE = "e2-standard-4"
_SYSTEM_COUNT = (1, 3)
#: What a node needs, and no more: to write logs and figures, and to read images of the project.
_RIGHTS = {"nodes": "roles/container.defaultNodeServiceAccount", "images": "roles/artifactregistry.reader"}
#: The catalogue's words for accelerators, in those of Compute Engine.
ACCELERATORS = {
    "NVIDIA_TESLA_T4": "nvidia-tesla-t4",
    "NVIDIA_TESLA_V100": "nvidia-tesla-v100",
    "NVIDIA_TESLA_P100": "nvidia-tesla-p100",
    "NVIDIA_TESLA_P4": "nvidia-tesla-p4",
    "NVIDIA_L4": "nvidia-l4",
    "NVIDIA_TESLA_A100": "nvidia-tesla-a100",
    "NVIDIA_A100_80GB": "nvidia-a100-80gb",
    "NVIDIA_H100_80GB": "nvidia-h100-80gb",
}


def made(build: Build) -> Mapping[str, Any]:
    """The cluster and its pools; outputs of the compute."""
    here = place(build)
    who = _nodes_are(build, here)
    cluster = _cluster(build, here)
    _pool(build, here, cluster, who, _SYSTEM, _SYSTEM_MACHINE, _SYSTEM_COUNT)
    build.uses(_SYSTEM_MACHINE, "cluster.system", _SYSTEM_COUNT)
    for name, pool in build.spec.cluster.node_pools.items():
        instance = build.instance(pool, "cluster", "node_pools", name)
        _pool(build, here, cluster, who, name, str(instance), (pool.min, pool.max), pool)
    return {"id": cluster.id, "instance": None, "kubeconfig": _kubeconfig(cluster)}


def _nodes_are(build: Build, here: Place) -> Any:
    """E-mail of the account of the cluster's nodes. Pods have accounts of their own."""
    from pulumi_gcp import projects, serviceaccount

    one = build.make(
        serviceaccount.Account,
        "nodes",
        options={"depends_on": list(here.resources)},
        project=here.project,
        account_id=physical(build, "nodes", longest=30),
        display_name=f"mlstack: nodes of {build.name}",
        description=f"mlstack-stack={build.stack_uid}",
    )
    for what, role in _RIGHTS.items():
        build.make(
            projects.IAMMember,
            "nodes",
            what,
            project=here.project,
            role=role,
            member=join("serviceAccount:", one.email),
        )
    return one.email


def _cluster(build: Build, here: Place) -> container.Cluster:
    """Addresses of pods from the network itself, policies between them, tokens of theirs that Google
    believes, no certificate or password to sign in by; private where the stack is."""
    from pulumi_gcp import container

    wait = [*here.resources, services.enabled(build, "container"), *_keyed(build, here)]
    more: dict[str, Any] = {}
    if here.key is not None:
        more["database_encryption"] = container.ClusterDatabaseEncryptionArgs(
            state="ENCRYPTED", key_name=here.key
        )
    if here.network is not None:
        more["network"] = here.network
        subnet = network.subnet(build)
        if subnet is not None:
            more["subnetwork"] = subnet
    if here.private:
        more["private_cluster_config"] = container.ClusterPrivateClusterConfigArgs(
            enable_private_nodes=True, enable_private_endpoint=True
        )
        more["master_authorized_networks_config"] = container.ClusterMasterAuthorizedNetworksConfigArgs(
            gcp_public_cidrs_access_enabled=False
        )
    return build.make(
        container.Cluster,
        "cluster",
        main=True,
        options={"depends_on": wait},
        name=build.spec.cluster.name or physical(build, longest=40),
        project=here.project,
        location=here.region,
        initial_node_count=1,
        remove_default_node_pool=True,
        # what protects a cluster here is `protect`, as for all else of a stack
        deletion_protection=False,
        networking_mode="VPC_NATIVE",
        ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(stack_type="IPV4"),
        datapath_provider="ADVANCED_DATAPATH",
        enable_intranode_visibility=True,
        enable_shielded_nodes=True,
        enable_legacy_abac=False,
        release_channel=container.ClusterReleaseChannelArgs(channel="REGULAR"),
        workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(
            workload_pool=join(here.project, ".svc.id.goog")
        ),
        master_auth=container.ClusterMasterAuthArgs(
            client_certificate_config=container.ClusterMasterAuthClientCertificateConfigArgs(
                issue_client_certificate=False
            )
        ),
        resource_labels=labels(build),
        **more,
    )


def _keyed(build: Build, here: Place) -> list[pulumi.Resource]:
    """The rights of Google's own accounts on the key: GKE's for secrets, Compute Engine's for disks."""
    from pulumi_gcp import kms

    if here.key is None:
        return []
    number = account.number(build, here.project)
    agents = {"container": "container-engine-robot", "disks": "compute-system"}
    wait = [services.enabled(build, name) for name in ("container", "compute")]
    return [
        build.make(
            kms.CryptoKeyIAMMember,
            "key",
            what,
            # the accounts are the project's: other stacks' clusters read by the same right
            options={"retain_on_delete": True, "depends_on": wait},
            crypto_key_id=here.key,
            role=encryption.ROLE,
            member=join("serviceAccount:service-", number, f"@{agent}.iam.gserviceaccount.com"),
        )
        for what, agent in agents.items()
    ]


def _pool(
    build: Build,
    here: Place,
    cluster: container.Cluster,
    who: Any,
    name: str,
    instance: str,
    count: tuple[int, int],
    pool: NodePool | None = None,
) -> None:
    """Machines of one sort. A cluster of a region has each pool in several zones: the counts are of all."""
    from pulumi_gcp import container

    asked = machine_spec(instance)
    more: dict[str, Any] = {}
    if "accelerator_type" in asked:
        more["guest_accelerators"] = [
            container.NodePoolNodeConfigGuestAcceleratorArgs(
                type=ACCELERATORS[asked["accelerator_type"]],
                count=asked["accelerator_count"],
                gpu_driver_installation_config=container.NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs(
                    gpu_driver_version="DEFAULT"
                ),
            )
        ]
    if pool is not None and pool.disk is not None:
        more["disk_size_gb"] = -(-int(pool.disk.bytes) // 2**30)
    if here.key is not None:
        more["boot_disk_kms_key"] = here.key
    build.make(
        container.NodePool,
        "pool",
        name,
        name=physical(build, name, longest=40),
        project=here.project,
        location=here.region,
        cluster=cluster.name,
        initial_node_count=0,
        autoscaling=container.NodePoolAutoscalingArgs(
            total_min_node_count=count[0], total_max_node_count=count[1], location_policy="ANY"
        ),
        management=container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
        node_config=container.NodePoolNodeConfigArgs(
            machine_type=asked["machine_type"],
            image_type="COS_CONTAINERD",
            spot=bool(pool is not None and pool.spot),
            service_account=who,
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
            labels={"mlstack-pool": name},
            workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(
                mode="GKE_METADATA"
            ),
            shielded_instance_config=container.NodePoolNodeConfigShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_integrity_monitoring=True
            ),
            **more,
        ),
    )


def _kubeconfig(cluster: container.Cluster) -> pulumi.Output[Any]:
    """The file for its users, who sign in by `gke-gcloud-auth-plugin`. There is no key in it: it is kept as a
    secret as it says where the cluster is."""
    told = pulumi.Output.all(cluster.name, cluster.endpoint, cluster.master_auth)
    return pulumi.Output.secret(told.apply(_file))


def _file(told: list[Any]) -> str | None:
    """None in a preview, where the address is not known yet."""
    name, address, signing = told
    authority = (signing or {}).get("cluster_ca_certificate")
    if address is None or authority is None:
        return None
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "gke-gcloud-auth-plugin",
        "installHint": "install gke-gcloud-auth-plugin: gcloud components install gke-gcloud-auth-plugin",
        "interactiveMode": "Never",
        "provideClusterInfo": True,
    }
    held = {"server": f"https://{address}", "certificate-authority-data": authority}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": held}],
            "users": [{"name": name, "user": {"exec": plugin}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
