"""Compute: a pool of machines."""

from __future__ import annotations

from typing import Self

from pydantic import Field, StrictBool, model_validator

from mlstack.spec.base import Resource, Spec
from mlstack.spec.faults import fault
from mlstack.spec.machine import Machine, Scaling
from mlstack.spec.text import Name, Text
from mlstack.spec.units import Money, Period


class NodePool(Machine, Scaling):
    """Machines of one sort in a cluster."""

    spot: StrictBool = Field(
        default=False,
        description="Whether to take spare machines that are cheaper and may be taken away. Left out: false.",
    )


class Cluster(Spec):
    """A Kubernetes cluster as a compute: the one of that name is created, or attached with `existing`."""

    type: Name = Field(description="What runs the cluster, such as aks, eks, gke or kubernetes. Required.")
    name: Text | None = Field(
        default=None, description="The cluster's own name. Left out: made from the stack's and the compute's."
    )
    existing: StrictBool = Field(
        default=False,
        description="Whether the cluster is there already and is only attached, never changed or deleted. "
        "Left out: false, it is created.",
    )
    namespace: Name | None = Field(
        default=None, description="Namespace that work is put into. Left out: the target's default."
    )
    node_pools: dict[Name, NodePool] = Field(
        default_factory=dict,
        description="Machines of the cluster, by the name of the pool. Left out: what the target creates a "
        "cluster with, or what an existing one has.",
    )


class Compute(Resource, Machine, Scaling):
    """A pool of machines for jobs and batch deployments, or an attached cluster."""

    existing: Text | None = Field(
        default=None,
        description="Name of a pool that is there: it is used, never created, changed or deleted. `auto`: a "
        "viable one if there is one, else it is created. Left out: created.",
    )
    cluster: Cluster | None = Field(
        default=None, description="The pool is a cluster, created or attached. Left out: a pool of machines."
    )
    spot: StrictBool = Field(
        default=False,
        description="Whether to take spare machines that are cheaper and may be taken away. Left out: false.",
    )
    idle: Period | None = Field(
        default=None,
        description="How long a machine may have nothing to do before it is given back. Left out: what the "
        "target does by itself.",
    )
    max_price: Money | None = Field(
        default=None,
        description="The most that one machine may cost per hour, such as 5 USD. Left out: no limit.",
    )

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        machine = ("size", "instance", "cpus", "memory", "gpu", "disk")
        fields = type(self).model_fields
        scaling = [
            name
            for name in ("min", "max", "spot", "idle", "max_price")
            if getattr(self, name) != fields[name].default
        ]
        if self.existing is not None and self.existing != "auto":
            rest, why = [*self.given(("cluster", *machine)), *scaling], "existing"
        elif self.cluster is not None:
            rest, why = [*self.given(("existing", *machine)), *scaling], "cluster"
        else:
            return self
        if rest:
            remedy = (
                "leave them out, or write existing: auto to have a pool created where none is viable"
                if why == "existing"
                else "write them at a pool below cluster.node_pools"
            )
            raise fault(
                f"{why}-excludes", f"a compute with {why} takes no {', '.join(rest)} of its own", remedy
            )
        return self
