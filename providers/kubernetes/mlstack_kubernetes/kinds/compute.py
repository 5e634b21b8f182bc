"""Compute: nodes that a cluster has already. Jobs and deployments that run on it ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack.spec import Compute

_CLUSTER = "the cluster's autoscaler says how many nodes there are, and when one goes"


def build(build: Build) -> Mapping[str, Any]:
    spec: Compute = build.spec
    for field, message in (
        ("min", _CLUSTER),
        ("max", _CLUSTER),
        ("idle", _CLUSTER),
        ("max_price", "a cluster has no list prices: it is not held to one"),
        ("tags", "nothing is made: the jobs and deployments that run on it have tags of their own"),
    ):
        if field in spec.model_fields_set and getattr(spec, field):
            build.warn(field, message)
    if spec.existing == "auto":
        build.warn("existing", "every node that fits is viable: there is no pool to look for")
    chosen = spec.instance or spec.size or (None if spec.existing not in (None, "auto") else "cpu-s")
    return {"id": spec.existing, "instance": chosen, "kubeconfig": None}
