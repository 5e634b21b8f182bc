"""Compute: the choice of a machine, which each job then takes for itself; a persistent resource where
machines are to be kept, or where one is there; a cluster of GKE.

Vertex AI has no pools that go down to nothing: a job names its machine, and pays for it while it runs. A
persistent resource keeps at least one. Source: Vertex AI, "Overview of persistent resources".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstack.lowering.price import hold_to_price
from mlstack.provider import Build
from mlstack_gcp.kinds import cluster
from mlstack_gcp.machines import for_jobs, machine_spec
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.values import join, lift

if TYPE_CHECKING:
    import pulumi

    from mlstack.spec import Compute


def build(build: Build) -> Mapping[str, Any]:
    spec: Compute = build.spec
    if spec.cluster is not None:
        return cluster.made(build)
    if spec.existing is not None and spec.existing != "auto":
        if spec.tags:
            build.warn("tags", "the persistent resource is there already, and stays as it is")
        return {"id": _id(build, spec.existing), "instance": None, "kubeconfig": None}
    instance = for_jobs(build).instance(spec)
    hold_to_price(build, instance)
    if is_pool(spec):
        return {"id": _pool(build, instance), "instance": instance, "kubeconfig": None}
    _without_pool(build, spec)
    return {"id": None, "instance": instance, "kubeconfig": None}


def is_pool(spec: Compute) -> bool:
    """Whether jobs run on a persistent resource, and not on machines of their own."""
    return spec.min > 0 or spec.existing not in (None, "auto")


def _without_pool(build: Build, spec: Compute) -> None:
    own = "each job takes machines of its own, and gives them back when it ends"
    if spec.existing is not None:
        build.warn("existing", f"{own}: there is no pool to look for")
    if "max" in spec.model_fields_set:
        build.warn("max", f"{own}: how many run at a time is not limited; with min: 1 a pool is kept")
    if spec.idle is not None:
        build.warn("idle", f"{own}: none is ever idle")
    if spec.tags:
        build.warn("tags", "there is nothing to put them on: the jobs that run on it have tags of their own")


def _pool(build: Build, instance: Any) -> pulumi.Output[str]:
    from pulumi_gcp import vertex

    spec, here = build.spec, place(build)
    if spec.idle is not None:
        build.warn("idle", "a persistent resource gives machines back by a rule of its own")
    disk = None
    if spec.disk is not None:
        disk = vertex.AiPersistentResourceResourcePoolDiskSpecArgs(
            boot_disk_size_gb=-(-int(spec.disk.bytes) // 2**30)
        )
    scaling = None
    if spec.max > spec.min:
        scaling = vertex.AiPersistentResourceResourcePoolAutoscalingSpecArgs(
            min_replica_count=str(spec.min), max_replica_count=str(spec.max)
        )
    key = here.key
    pool = build.make(
        vertex.AiPersistentResource,
        main=True,
        options={"depends_on": list(here.resources)},
        # another machine makes another pool: the name must be free for it
        name=lift(instance, lambda text: physical(build, longest=63, generation=f"{text} {spec.disk}")),
        display_name=build.name,
        project=here.project,
        location=here.region,
        network=here.network,
        encryption_spec=None
        if key is None
        else vertex.AiPersistentResourceEncryptionSpecArgs(kms_key_name=key),
        resource_pools=[
            vertex.AiPersistentResourceResourcePoolArgs(
                machine_spec=vertex.AiPersistentResourceResourcePoolMachineSpecArgs(
                    **machine_spec(str(instance))
                ),
                replica_count=str(spec.min),
                autoscaling_spec=scaling,
                disk_spec=disk,
            )
        ],
        labels=labels(build),
    )
    return pool.id


def _id(build: Build, existing: Any) -> Any:
    here = place(build)

    def whole(text: str) -> Any:
        if "/" in text:
            return text
        return join("projects/", here.project, f"/locations/{here.region}/persistentResources/{text}")

    return lift(existing, whole)
