"""A Kubernetes cluster as a compute: AKS made for the stack, or a cluster that is there.

Sources: "Deploy Azure Machine Learning extension on AKS or Arc Kubernetes cluster" and "Attach a Kubernetes
cluster to Azure Machine Learning workspace" (learn.microsoft.com/azure/machine-learning).
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import NodePool
from mlstack_azure import account, identity
from mlstack_azure.kinds.machine import machine
from mlstack_azure.names import physical, tags
from mlstack_azure.place import Place

_SYSTEM = "system"
_SYSTEM_MACHINE = "Standard_D4s_v3"
_SYSTEM_COUNT = (1, 3)


def attached(build: Build, where: Place) -> Mapping[str, Any]:
    """The cluster as a compute of the workspace. One that exists has the extension already, and its
    kubeconfig is for those who made it to give: reading it takes rights that attaching does not."""
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec.cluster
    wait: list[Any] = list(where.resources)
    kubeconfig = None
    if spec.existing:
        cluster_id = account.lift(spec.name, lambda text: _id(build, where, text))
        types: dict[str, Any] = {}
    else:
        made = _created(build, where)
        cluster_id, kubeconfig = made.id, _kubeconfig(build, where, made)
        types = {name: _pool(build, where, made, name, pool) for name, pool in spec.node_pools.items()}
        wait += [_extension(build, where, made), *(pool for pool, _ in types.values())]
    who = ml.ManagedServiceIdentityArgs(type="SystemAssigned")
    if where.identity_id is not None:
        who = ml.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=identity.alone(where.identity_id)
        )
    compute = build.make(
        ml.Compute,
        main=True,
        options={"depends_on": wait},
        compute_name=account.lift(
            spec.name or "",
            lambda text: physical(build, longest=16, generation=f"{text} {spec.namespace}"),
        ),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        identity=who,
        properties=ml.KubernetesArgs(
            compute_type="Kubernetes",
            resource_id=cluster_id,
            disable_local_auth=True,
            properties=ml.KubernetesPropertiesArgs(
                namespace=spec.namespace or "default",
                default_instance_type=next(iter(types), None),
                instance_types={name: kind for name, (_, kind) in types.items()} or None,
            ),
        ),
        tags=tags(build),
    )
    return {"id": compute.id, "instance": None, "kubeconfig": kubeconfig}


def _created(build: Build, where: Place) -> Any:
    """AKS, with rights by roles alone, identities of pods, policies for networks and pods, and upgrades of
    itself."""
    from pulumi_azure_native import containerservice as aks

    spec = build.spec.cluster
    name = spec.name or physical(build, longest=63)
    build.uses(_SYSTEM_MACHINE, "cluster.system", _SYSTEM_COUNT)
    addons = {"azurepolicy": aks.ManagedClusterAddonProfileArgs(enabled=True)}
    if where.log_workspace_id is not None:
        addons["omsagent"] = aks.ManagedClusterAddonProfileArgs(
            enabled=True, config={"logAnalyticsWorkspaceResourceID": where.log_workspace_id}
        )
    return build.make(
        aks.ManagedCluster,
        "cluster",
        resource_name_=name,
        resource_group_name=where.resource_group,
        location=where.location,
        dns_prefix=physical(build, longest=45),
        sku=aks.ManagedClusterSKUArgs(name="Base", tier="Standard"),
        identity=aks.ManagedClusterIdentityArgs(type=aks.ResourceIdentityType.SYSTEM_ASSIGNED),
        enable_rbac=True,
        disable_local_accounts=True,
        aad_profile=aks.ManagedClusterAADProfileArgs(managed=True, enable_azure_rbac=True),
        oidc_issuer_profile=aks.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
        security_profile=aks.ManagedClusterSecurityProfileArgs(
            workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True)
        ),
        api_server_access_profile=aks.ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=where.private
        ),
        network_profile=aks.ContainerServiceNetworkProfileArgs(
            network_plugin="azure",
            network_plugin_mode="overlay",
            network_policy="azure",
            load_balancer_sku="standard",
        ),
        auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(upgrade_channel="stable"),
        addon_profiles=addons,
        agent_pool_profiles=[
            aks.ManagedClusterAgentPoolProfileArgs(
                name=_SYSTEM,
                mode="System",
                type="VirtualMachineScaleSets",
                vm_size=_SYSTEM_MACHINE,
                os_type="Linux",
                count=1,
                enable_auto_scaling=True,
                min_count=_SYSTEM_COUNT[0],
                max_count=_SYSTEM_COUNT[1],
            )
        ],
        tags=tags(build),
    )


def _kubeconfig(build: Build, where: Place, made: Any) -> pulumi.Output[Any]:
    """Its users sign in by `kubelogin`: there is no local account. Kept secret all the same."""
    from pulumi_azure_native import containerservice as aks

    found = aks.list_managed_cluster_user_credentials_output(
        resource_group_name=where.resource_group,
        resource_name=made.name,
        opts=pulumi.InvokeOutputOptions(parent=build.parent, depends_on=[made]),
    )
    return pulumi.Output.secret(found.apply(_file))


def _file(found: Any) -> str | None:
    """The first that is in the answer. What only the apply can tell is absent in a preview."""
    try:
        value = found.kubeconfigs[0].value
    except (AttributeError, KeyError, IndexError, TypeError):
        return None
    return None if value is None else base64.b64decode(value).decode("utf-8")


def _pool(build: Build, where: Place, made: Any, name: str, pool: NodePool) -> tuple[Any, Any]:
    """(the machines, the instance type by which work asks for them)."""
    import pulumi_azure_native.machinelearningservices as ml
    from pulumi_azure_native import containerservice as aks

    instance = machine(build, pool, "cluster", "node_pools", name)
    scales = pool.min != pool.max
    short = _short(name)
    more: dict[str, Any] = {}
    if scales:
        more |= {"min_count": pool.min, "max_count": pool.max}
    if pool.spot:
        more |= {
            "scale_set_priority": "Spot",
            "scale_set_eviction_policy": "Delete",
            "spot_max_price": -1.0,
        }
    if pool.disk is not None:
        more["os_disk_size_gb"] = math.ceil(pool.disk)
    machines = build.make(
        aks.AgentPool,
        "pool",
        name,
        agent_pool_name=short,
        resource_name_=made.name,
        resource_group_name=where.resource_group,
        mode="User",
        type="VirtualMachineScaleSets",
        os_type="Linux",
        vm_size=instance,
        count=pool.min,
        enable_auto_scaling=scales,
        node_labels={"mlstack-pool": name},
        tags=tags(build),
        # AKS changes neither in place, and azure-native does not know it (its forceNewMap has vmSize)
        options={
            "replace_on_changes": ["scaleSetPriority", "osDiskSizeGB"],
            "delete_before_replace": True,
        },
        **more,
    )
    known = next((one for one in build.capabilities.instances if one.name == instance), None)
    asked: dict[str, str] = {}
    if known is not None:  # a node keeps a part of itself for the cluster's own work
        asked = {"cpu": f"{int(known.cpus * 800)}m", "memory": f"{int(known.memory_gib * 0.75 * 1024)}Mi"}
        if known.gpus:
            asked["nvidia.com/gpu"] = str(known.gpus)
    kind = ml.InstanceTypeSchemaArgs(
        node_selector={"mlstack-pool": name},
        resources=ml.InstanceTypeSchemaResourcesArgs(requests=asked, limits=asked) if asked else None,
    )
    return machines, kind


def _extension(build: Build, where: Place, made: Any) -> Any:
    """Azure ML's own software in the cluster. Without a certificate its router speaks plain HTTP, so it gets
    an address within the network alone."""
    from pulumi_azure_native import kubernetesconfiguration as extensions

    return build.make(
        extensions.Extension,
        "extension",
        extension_name="azureml",
        cluster_name=made.name,
        cluster_resource_name="managedClusters",
        cluster_rp="Microsoft.ContainerService",
        resource_group_name=where.resource_group,
        extension_type="Microsoft.AzureML.Kubernetes",
        auto_upgrade_minor_version=True,
        release_train="stable",
        identity=extensions.IdentityArgs(type=extensions.ResourceIdentityType.SYSTEM_ASSIGNED),
        scope=extensions.ScopeArgs(cluster=extensions.ScopeClusterArgs(release_namespace="azureml")),
        configuration_settings={
            "enableTraining": "True",
            "enableInference": "True",
            "allowInsecureConnections": "True",
            "inferenceRouterServiceType": "LoadBalancer",
            "internalLoadBalancerProvider": "azure",
            "inferenceRouterHA": "False",
        },
    )


def _id(build: Build, where: Place, text: str) -> pulumi.Input[str]:
    if "/" in text:
        return text
    return pulumi.Output.concat(
        "/subscriptions/",
        account.subscription(build),
        "/resourceGroups/",
        where.resource_group,
        "/providers/Microsoft.ContainerService/managedClusters/",
        text,
    )


def _short(name: str) -> str:
    """A node pool's name: 12 small letters and digits at most."""
    plain = re.sub(r"[^a-z0-9]", "", name)
    return plain if plain == name and len(plain) <= 12 else f"{plain[:6]}{fingerprint(name)[:6]}"
