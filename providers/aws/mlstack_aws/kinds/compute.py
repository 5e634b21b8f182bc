"""Compute: SageMaker has no pools. A compute is the machine that its jobs ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.lowering.price import hold_to_price
from mlstack.provider import Build
from mlstack_aws.work import machine


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    instance = build.instance(spec)
    build.shared[machine(build.name)] = instance
    hold_to_price(build, instance)
    if spec.existing == "auto":
        build.note(
            "existing", "SageMaker has no pools that could be there: each job takes machines of its own"
        )
    if spec.min:
        build.warn("min", "SageMaker keeps no machines for jobs: each takes its own, and gives them back")
    if spec.max > 1:
        build.warn(
            "max",
            "SageMaker starts every job at once, on machines of its own: how many there are at most is the "
            "account's quota (Service Quotas, Amazon SageMaker)",
        )
    if spec.idle is not None:
        build.warn("idle", "SageMaker gives a machine back as soon as its job has ended")
    if spec.tags:
        build.note("tags", "a compute is nothing on AWS that could carry tags: its jobs carry their own")
    return {"id": None, "instance": instance, "kubeconfig": None}
