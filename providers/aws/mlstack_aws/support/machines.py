"""Machines with which SageMaker does not do what is asked: see `mlstack_aws.catalogue.uses`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.placement.machine import chosen
from mlstack.placement.solve import NoMachine
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.machine import Machine
from mlstack_aws.catalogue import CAPABILITIES
from mlstack_aws.catalogue.uses import Use, near, uses

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "endpoints.deployments.instance": Way("by SageMaker's name for it", value="ml.m5.2xlarge"),
}

_NAME = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
_WORDS: Mapping[Use, str] = {
    "serves": "answers no requests",
    "trains": "runs no jobs",
    "transforms": "runs no batch endpoint",
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for place, machine, use in _used(stack):
        name = machine.instance
        if name is None:
            yield from _of_choice(place, machine, use)
        elif not isinstance(name, str):
            continue  # it is known only when the program runs
        elif not _NAME.fullmatch(name):
            known = near(name if name.startswith("ml.") else f"ml.{name}", use)
            yield (
                (*place, "instance"),
                f"{name!r} is no machine of SageMaker: those are written ml.SERIES.SIZE",
                f"did you mean {known!r}?" if known else "write one such as ml.m5.xlarge, or a size: cpu-m",
            )
        elif use not in uses().get(name, (use,)):
            known = near(name, use)
            yield (
                (*place, "instance"),
                f"{name} {_WORDS[use]} on SageMaker",
                f"take {known}, or a size: cpu-m" if known else "take a size: cpu-m",
            )


def _of_choice(place: tuple[str, ...], machine: Machine, use: Use) -> Iterator[Refusal]:
    """What is chosen for a size or a requirement; that there is nothing to choose is told elsewhere."""
    try:
        name = chosen(CAPABILITIES, machine)[0].name
    except NoMachine:
        return
    if use not in uses().get(name, (use,)):
        given = machine.given(("size", "gpu", "cpus", "memory", "disk"))
        yield (
            (*place, *given[:1]),
            f"the machine for it is {name}, which {_WORDS[use]} on SageMaker",
            "ask for less, or take an accelerator of another type: t4, a10 or l4",
        )


def _used(stack: Stack) -> Iterator[tuple[tuple[str, ...], Machine, Use]]:
    """Each machine that is asked for, and what for; a pool for each of its uses."""
    pools: dict[str, dict[Use, None]] = {name: {} for name in stack.compute}
    for job in stack.jobs.values():
        if job.compute in pools:
            pools[job.compute]["trains"] = None
    for name, endpoint in stack.endpoints.items():
        for each, deployment in endpoint.deployments.items():
            if endpoint.type != "batch":
                yield ("endpoints", name, "deployments", each), deployment, "serves"
            elif deployment.compute in pools:
                pools[deployment.compute]["transforms"] = None
            else:
                yield ("endpoints", name, "deployments", each), deployment, "transforms"
    for name, found in pools.items():
        for use in found:
            yield ("compute", name), stack.compute[name], use
