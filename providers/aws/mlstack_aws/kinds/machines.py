"""What a deployment runs on: instances, a part of instances that may all go, or no machine that one sees.

With ``replicas.min: 0`` a model on processors becomes serverless. One on accelerators, which serverless has
none of, becomes an inference component on instances that come and go with it. Which of the three it is cannot
be changed in place: it is another endpoint. Source: SageMaker's developer guide, "Deploy models with Amazon
SageMaker Serverless Inference" ("You cannot convert your instance-based, real-time endpoint").
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal

from mlstack.provider import Build
from mlstack.spec import Deployment

Way = Literal["instances", "serverless", "components"]

#: What serverless takes, in GiB, and how many requests at a time.
SERVERLESS_MEMORY, SERVERLESS_MOST = (1, 2, 3, 4, 5, 6), 200
_USUAL_MEMORY = 4
#: Families of instances that have accelerators.
_ACCELERATED = re.compile(r"ml\.(p\d|g\d|inf|trn)")


def way(spec: Deployment) -> Way:
    if spec.replicas.min > 0:
        return "instances"
    return "components" if accelerated(spec) else "serverless"


def accelerated(spec: Deployment) -> bool:
    if isinstance(spec.instance, str):
        return _ACCELERATED.match(spec.instance) is not None
    return spec.requirement.gpu is not None


def instance(build: Build, name: str, spec: Deployment) -> Any:
    return build.instance(spec, "deployments", name)


def serverless(spec: Deployment) -> dict[str, int]:
    """A copy of the spec's is a request that is worked on, or as many as its target says."""
    return {
        "memory_size_in_mb": 1024 * serverless_memory(spec),
        "max_concurrency": serverless_concurrency(spec),
    }


def serverless_memory(spec: Deployment) -> int:
    return math.ceil(spec.memory) if spec.memory is not None else _USUAL_MEMORY


def serverless_concurrency(spec: Deployment) -> int:
    each = spec.replicas.target.concurrency if spec.replicas.target else None
    return max(1, math.ceil(spec.replicas.max * (each or 1)))
