"""An online deployment: a registered model on machines of its own, or on a pool that deployments share.

Vertex AI changes the number of replicas in place. Everything else is another deployed model, which is up
before the traffic moves to it (`resources.deployment`).
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_gcp.kinds import answering, autoscale
from mlstack_gcp.kinds.served import NEW_FIRST, Served
from mlstack_gcp.machines import machine_spec
from mlstack_gcp.names import physical
from mlstack_gcp.place import place
from mlstack_gcp.values import lift

TOKEN = "mlstack:gcp:Deployment"  # noqa: S105  a type


def build_deployment(build: Build, name: str, spec: Deployment, endpoint: Any, served: Served) -> GapResource:
    """One deployment; its id is noted in ``served``."""
    where = place(build)
    registered = answering.of(build, name, spec)
    inputs: dict[str, Any] = {
        "endpoint": endpoint.id,
        "seed": f"{build.stack_uid}/{build.name}/{name}",
        "display_name": physical(build, name, longest=128),
        "model": registered.id,
        "service_account": where.role,
        "access_log": build.settings.access_log,
    }
    if spec.compute is not None:
        inputs["pool"] = _pool(build, spec.compute).id
        _warn(build, name, spec)
    else:
        inputs |= {
            "machine": lift_machine(build.instance(spec, "deployments", name)),
            "min_replicas": spec.replicas.min,
            "max_replicas": spec.replicas.max,
            "metrics": autoscale.metrics(spec.replicas),
        }
    made = GapResource(
        TOKEN,
        build.child(name),
        inputs,
        ("deployed_model_id",),
        build.opts(depends_on=[*where.resources, endpoint, *filter(None, (registered.resource,))]),
    )
    served.ids[name] = made.output("deployed_model_id")
    return made


def lift_machine(instance: Any) -> Any:
    """A machine of the catalogue as a MachineSpec."""
    return lift(instance, machine_spec)


def _pool(build: Build, compute: str) -> Any:
    """The pool of machines that the deployments of this endpoint share, sized as the compute is."""
    import pulumi_gcp.vertex as vertex

    made: dict[str, Any] = build.shared.setdefault(f"gcp.pools.{build.name}", {})
    if compute in made:
        return made[compute]
    where, spec = place(build), build.spec_of("compute", compute)
    instance = build.outputs("compute", compute)["instance"]
    least, most = max(1, spec.min), max(1, spec.max)
    machine = pulumi.Output.from_input(lift_machine(instance)).apply(
        lambda found: vertex.AiDeploymentResourcePoolDedicatedResourcesMachineSpecArgs(**found)
    )

    def name(text: str) -> str:
        # nothing of it can be changed: another one needs a name of its own
        return physical(build, compute, longest=63, generation=f"{text} {least} {most}")

    made[compute] = build.make(
        vertex.AiDeploymentResourcePool,
        compute,
        "pool",
        options={**NEW_FIRST, "depends_on": list(where.resources)},
        name=lift(instance, name),
        project=where.project,
        region=where.region,
        dedicated_resources=vertex.AiDeploymentResourcePoolDedicatedResourcesArgs(
            machine_spec=machine, min_replica_count=least, max_replica_count=most
        ),
    )
    chosen = spec.instance or build.choices.get(f"compute.{compute}.instance") or compute
    build.uses(str(chosen), f"deployments.compute.{compute}", (least, most))
    if spec.min == 0:
        build.note("deployments.compute", f"one machine of compute {compute!r} is kept, as long as it serves")
    return made[compute]


def _warn(build: Build, name: str, spec: Deployment) -> None:
    for field in ("min", "max", "target"):
        if field in spec.replicas.model_fields_set:
            build.warn(
                f"deployments.{name}.replicas.{field}",
                f"has no effect: the deployment runs on the machines of compute {spec.compute!r}",
            )
