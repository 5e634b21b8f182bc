"""Machines as Vertex AI's interface has them: a type, and the accelerators on it.

A machine of the catalogue that brings its accelerators has its plain name (``g2-standard-4``); one that they
are attached to is written ``n1-standard-4+t4``, several ``n1-standard-16+t4:4``. The interface wants both
said, and counted, in either case. Source: Vertex AI reference, MachineSpec and AcceleratorType.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mlstack.provider import Instance

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


@cache
def _catalogue() -> dict[str, Instance]:
    from mlstack_gcp.catalogue import CAPABILITIES

    return {each.name: each for each in CAPABILITIES.instances}
