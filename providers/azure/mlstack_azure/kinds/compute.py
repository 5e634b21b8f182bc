"""Compute: a pool of machines that Azure ML scales, one that is there, or a Kubernetes cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.lowering.price import hold_to_price
from mlstack.provider import Build
from mlstack.spec import Compute
from mlstack_azure import account, identity, viable
from mlstack_azure.durations import iso
from mlstack_azure.kinds import cluster
from mlstack_azure.kinds.machine import machine
from mlstack_azure.names import physical, tags
from mlstack_azure.place import Place, place

#: Azure ML's pools, and how many characters their names have at most.
_LONGEST = 24


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    where = place(build)
    if spec.cluster is not None:
        return cluster.attached(build, where)
    existing = spec.existing
    if existing == "auto":
        return _viable(build, where)
    if existing is not None:
        if spec.tags:
            build.warn("tags", "the pool is there already, and stays as it is")
        return {
            "id": account.lift(existing, lambda text: _id(where, text)),
            "instance": None,
            "kubeconfig": None,
        }
    instance = machine(build, spec)
    return {"id": _pool(build, where, instance), "instance": instance, "kubeconfig": None}


def is_cluster(spec: Compute) -> bool:
    """Whether it is Kubernetes: deployments on it are of another kind."""
    return spec.cluster is not None


def _viable(build: Build, where: Place) -> Mapping[str, Any]:
    """A pool of an existing workspace that will do; else one is made, as in the stack's own."""
    instance = machine(build, build.spec)
    if not where.existing:
        return {"id": _pool(build, where, instance), "instance": instance, "kubeconfig": None}
    found = build.pinned(
        f"compute.{build.name}.existing", lambda: viable.compute(build, where, str(instance)) or ""
    )
    if found:
        return {"id": _id(where, found), "instance": instance, "kubeconfig": None}
    return {"id": _pool(build, where, instance), "instance": instance, "kubeconfig": None}


def _pool(build: Build, where: Place, instance: Any) -> pulumi.Output[str]:
    """A pool. Its machines and their price cannot be changed: others make another pool, with another name."""
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    hold_to_price(build, instance)
    if spec.disk is not None:
        build.warn("disk", "machines of a pool have the disk that belongs to them: choose one by instance")
    priority = "LowPriority" if spec.spot else "Dedicated"
    idle = None if spec.idle is None else iso(spec.idle)
    who = ml.ManagedServiceIdentityArgs(type="SystemAssigned")
    if where.identity_id is not None:
        who = ml.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=identity.alone(where.identity_id)
        )
    settled = f"{priority} {'private' if where.private else ''}"
    pool = build.make(
        ml.Compute,
        main=True,
        options={"depends_on": list(where.resources)},
        compute_name=account.lift(
            instance,
            lambda text: physical(build, longest=_LONGEST, generation=f"{text} {settled}"),
        ),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        identity=who,
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            disable_local_auth=True,
            properties=ml.AmlComputePropertiesArgs(
                os_type="Linux",
                vm_size=instance,
                vm_priority=priority,
                scale_settings=ml.ScaleSettingsArgs(
                    min_node_count=spec.min,
                    max_node_count=spec.max,
                    node_idle_time_before_scale_down=idle,
                ),
                enable_node_public_ip=not where.private,
                remote_login_port_public_access="Disabled",
            ),
        ),
        tags=tags(build),
    )
    return pool.id


def _id(where: Place, text: str) -> pulumi.Input[str]:
    return text if "/" in text else pulumi.Output.concat(where.workspace_id, "/computes/", text)
