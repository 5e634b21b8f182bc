"""An inference component: a model on accelerators whose copies, and with them the instances, may all go.

Source: SageMaker's developer guide, "Deploy models for real-time inference" (inference components) and "Scale
an endpoint to zero instances".
"""

from __future__ import annotations

from typing import Any

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_aws.kinds import autoscale, variants
from mlstack_aws.kinds.served import Served
from mlstack_aws.names import LONGEST, physical, tags
from mlstack_aws.place import place

#: What a copy is given where the spec does not say: SageMaker wants to be told.
_USUAL_MEMORY_MB = 8192


def component(
    build: Build,
    name: str,
    spec: Deployment,
    model: Any,
    variant: Any,
    endpoint: Any,
    switch: Any,
    served: Served,
) -> Any:
    where = place(build)
    physical_name = physical(build, name, longest=LONGEST)
    asked = spec.requirement
    memory = round(asked.memory * 1024 / 2) if asked.memory is not None else _USUAL_MEMORY_MB
    made = GapResource(
        "mlstack:aws:InferenceComponent",
        build.child(name, "component"),
        {
            "region": where.region,
            "name": physical_name,
            "endpoint": endpoint.name,
            "variant": variant,
            "model": model.name,
            "accelerators": asked.gpu.count if asked.gpu is not None else 1,
            "memory_mb": memory,
            "startup_seconds": variants.startup(spec),
            "copies": 1,
            "tags": tags(build),
        },
        ("arn",),
        build.opts(depends_on=[switch, model]),
    )
    served.components[name] = physical_name
    autoscale.of_component(build, name, spec.replicas, physical_name, made)
    return made
