"""Machines that are named by `instance`, and what does not go together in such a name.

Sources: "Configure compute resources" for inference and for training of Vertex AI's documentation (no
machines with shared cores), "GPU machine types" of Compute Engine's (which accelerators are attached to N1,
and how many; the other series have theirs built in).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.machine import Machine
from mlstack.suggest import hint
from mlstack_gcp.catalogue import CAPABILITIES

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "compute.instance": Way("by Google's name for it", value="n1-standard-16"),
    "endpoints.deployments.instance": Way("by Google's name for it", value="n1-standard-16"),
}

_NAME = re.compile(
    r"[a-z]\d[a-z]?-(standard|highmem|highcpu|ultramem|megamem|hypermem)-\d+(-lssd|-metal)?"
    r"|a\d-(high|mega|ultra)gpu-\d+g(-\w+)?|ct\w+-\w+-\d+t|tpu7x-\w+|cloud-tpu"
)
_ATTACHED: Mapping[str, tuple[int, ...]] = {
    "t4": (1, 2, 4),
    "p4": (1, 2, 4),
    "p100": (1, 2, 4),
    "v100": (1, 2, 4, 8),
}
_OTHERS = "sizes: cpu-s, cpu-m, cpu-l, gpu-t4, gpu-l4, gpu-a100, gpu-h100"


def refusals(stack: Stack) -> Iterator[Refusal]:
    for place, machine in _held(stack):
        if isinstance(machine.instance, str) and (told := _wrong(machine.instance)):
            yield (*place, "instance"), *told


def _held(stack: Stack) -> Iterator[tuple[tuple[str, ...], Machine]]:
    for name, pool in stack.compute.items():
        yield ("compute", name), pool
    for name, endpoint in stack.endpoints.items():
        for each, deployment in endpoint.deployments.items():
            yield ("endpoints", name, "deployments", each), deployment


def _wrong(instance: str) -> tuple[str, str] | None:
    """What is the matter with a machine's name, and what to write; None: nothing."""
    kind, attached, gpu = instance.partition("+")
    known = {each.name: each for each in CAPABILITIES.instances}
    if not _NAME.fullmatch(kind):
        series = [each for each in known if each.startswith(f"{kind.partition('-')[0]}-")]
        near = hint(instance, series, said="there are") or "write one such as n1-standard-4"
        return f"Vertex AI has no machine {kind!r}", f"{near}; or take one of the {_OTHERS}"
    if not attached:
        return None
    gpu, _, text = gpu.partition(":")
    count = int(text) if text.isdigit() else 1
    own = known.get(kind)
    if own is not None and own.gpu is not None:
        alike = [each for each in known.values() if each.gpu == own.gpu and "+" not in each.name]
        fitting = [each.name for each in alike if each.gpus == count]
        way_out = f"; with {count} there are {', '.join(fitting)}" if fitting else ""
        return f"{kind} has {own.gpus} {own.gpu} built in", f"write {kind} alone{way_out}"
    if gpu not in _ATTACHED:
        return (
            f"{gpu} is not attached to a machine: the series that has it brings it along",
            f'leave instance out, and write gpu: "{gpu}:{count}"',
        )
    if not kind.startswith("n1-"):
        size = "n1-" + kind.partition("-")[2]
        return f"accelerators are attached to N1 alone, and {kind} is none", f"write {size}+{gpu}"
    if count not in _ATTACHED[gpu]:
        allowed = ", ".join(str(each) for each in _ATTACHED[gpu])
        less = max((each for each in _ATTACHED[gpu] if each < count), default=1)
        return f"{gpu} comes {allowed} at a time, and not {count}", f"write {kind}+{gpu}:{less}"
    return None
