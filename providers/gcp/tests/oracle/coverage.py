"""Which fields of the spec the cases give, of those that the target builds."""

from __future__ import annotations

from mlstack.registry import provider
from mlstack.support import places
from mlstack.testing import all_fields
from mlstack.testing.cases import stack_of

from .cases import FILES, stacks

#: Field that is built -> why no case has it.
OUTSIDE: dict[str, str] = {
    "monitors.features": "of data drift, which this table does not judge",
    **{
        f"compute.cluster.{each}": "the reference here is of Vertex AI: see kinds/test_clusters.py"
        for each in (
            *("type", "name"),
            *(
                f"node_pools.{one}"
                for one in (*("size", "instance", "cpus", "memory", "gpu", "disk", "min", "max", "spot"),)
            ),
        )
    },
    "budget.per": "a month is all that is taken",
    "endpoints.deployments.timeout": "it is set with the traffic (resources/test_traffic.py)",
}


def covered() -> set[str]:
    made = [stack_of(dict(stack.spec), FILES) for stack in stacks()]
    return {
        str(field)
        for field in all_fields(provider("gcp"))
        if any(True for stack in made for _ in places(stack, list(field.path)))
    }
