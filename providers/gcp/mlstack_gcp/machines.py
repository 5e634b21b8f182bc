"""Machines as Vertex AI's interface has them: a type, and the accelerators on it.

A machine of the catalogue that brings its accelerators has its plain name (``g2-standard-4``); one that they
are attached to is written ``n1-standard-4+t4``, several ``n1-standard-16+t4:4``. The interface wants both
said, and counted, in either case. Source: Vertex AI reference, MachineSpec and AcceleratorType.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from mlstack.provider import Build, Instance

#: The spec's words for accelerators, in the interface's.
ACCELERATORS = {
    "t4": "NVIDIA_TESLA_T4",
    "v100": "NVIDIA_TESLA_V100",
    "p100": "NVIDIA_TESLA_P100",
    "p4": "NVIDIA_TESLA_P4",
    "l4": "NVIDIA_L4",
    "a100": "NVIDIA_TESLA_A100",
    "a100-40": "NVIDIA_TESLA_A100",
    "a100-80": "NVIDIA_A100_80GB",
    "h100": "NVIDIA_H100_80GB",
    "h100-mega": "NVIDIA_H100_MEGA_80GB",
    "h200": "NVIDIA_H200_141GB",
    "b200": "NVIDIA_B200",
}


def machine_spec(instance: str) -> dict[str, Any]:
    """The message MachineSpec, in snake_case, of a machine by its name in the catalogue or its own."""
    kind, _, attached = instance.partition("+")
    gpu, _, count = attached.partition(":")
    known = _catalogue().get(instance)
    if known is not None and known.gpu:
        gpu, count = known.gpu, str(known.gpus)
    if not gpu:
        return {"machine_type": kind}
    return {
        "machine_type": kind,
        "accelerator_type": ACCELERATORS.get(gpu, gpu),
        "accelerator_count": int(count or 1),
    }


#: Processors of the least machine that trains.
TRAINS_FROM = 4


def trains(instance: Instance) -> bool:
    """Whether Vertex AI runs jobs on it, and not deployments alone: no standard machine of two processors
    does (vertex-ai/docs/training/configure-compute; a review in googleapis/python-aiplatform#66:
    "n1-standard-4 is currently the lowest common denominator")."""
    return instance.cpus >= TRAINS_FROM


def for_jobs(build: Build) -> Build:
    """The build of something that runs jobs, which chooses among the machines that do."""
    held = build.capabilities
    sizes = {**held.sizes, "cpu-s": "e2-standard-4"}
    instances = tuple(each for each in held.instances if trains(each))
    return replace(build, capabilities=replace(held, sizes=sizes, instances=instances))


def problem(instance: str, *, jobs: bool) -> tuple[str, str] | None:
    """(message, remedy) for the name of a machine that Vertex AI cannot be asked for."""
    _, plus, attached = instance.partition("+")
    gpu, colon, count = attached.partition(":")
    if plus and (gpu not in ACCELERATORS or (colon and not count.isdigit())):
        words = ", ".join(ACCELERATORS)
        return (
            f"{attached!r} is no accelerator that can be attached to a machine",
            f"write it as t4, or t4:4 for several, with one of {words}",
        )
    known = _catalogue().get(instance)
    if jobs and known is not None and not trains(known):
        return (
            f"Vertex AI runs no jobs on {instance}, which has fewer than {TRAINS_FROM} processors",
            "write e2-standard-4 or n1-standard-4, or leave it out",
        )
    return None


@cache
def _catalogue() -> dict[str, Instance]:
    from mlstack_gcp.catalogue import CAPABILITIES

    return {each.name: each for each in CAPABILITIES.instances}
