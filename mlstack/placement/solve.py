"""The cheapest machine that meets a requirement, or what is lacking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlstack.spec.machine import Requirement
from mlstack.spec.units import Money
from mlstack.suggest import hint

if TYPE_CHECKING:
    from mlstack.provider import Instance


class NoMachine(Exception):  # noqa: N818 - reads as what is the matter
    """No machine of the catalogue will do. ``remedy`` says what would."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def choose(instances: Iterable[Instance], wanted: Requirement, most: Money | None = None) -> Instance:
    """The cheapest that fits and costs no more than ``most``; one whose price is unknown after all others,
    the smaller first. NoMachine: there is none."""
    instances = list(instances)
    fitting = sorted((each for each in instances if fits(each, wanted)), key=_rank)
    if not fitting:
        raise _nothing(instances, wanted)
    cheap = [each for each in fitting if within(each, most)]
    if not cheap:
        raise _too_dear(fitting, most)
    return cheap[0]


def fits(instance: Instance, wanted: Requirement) -> bool:
    return not lacking(instance, wanted)


def within(instance: Instance, most: Money | None) -> bool:
    """Whether the machine is known to cost no more."""
    if most is None:
        return True
    known = instance.price is not None and instance.currency == most.currency
    return known and instance.price is not None and instance.price <= float(most.amount)


def lacking(instance: Instance, wanted: Requirement) -> list[str]:
    """What the machine has too little of, in words."""
    found = []
    if wanted.gpu is not None:
        if not _is_of(instance.gpu or "", wanted.gpu.type):
            found.append(f"it has {instance.gpu or 'no gpu'}, not {wanted.gpu.type}")
        elif instance.gpus < wanted.gpu.count:
            found.append(f"{instance.gpus} of {wanted.gpu.count} gpus")
    if wanted.cpus is not None and instance.cpus < wanted.cpus:
        found.append(f"{instance.cpus:g} of {wanted.cpus:g} cpus")
    if wanted.memory is not None and instance.memory_gib < wanted.memory:
        found.append(f"{instance.memory_gib:g} of {float(wanted.memory):g} GiB of memory")
    if wanted.disk is not None and (instance.disk_gib is None or instance.disk_gib < wanted.disk):
        has = "an unknown part" if instance.disk_gib is None else f"{instance.disk_gib:g}"
        found.append(f"{has} of {float(wanted.disk):g} GiB of disk")
    return found


def _is_of(kind: str, wanted: str) -> bool:
    """Whether an accelerator is of a type, which may leave its memory out."""
    return kind == wanted or kind.startswith(f"{wanted}-")


def asked(wanted: Requirement) -> str:
    """A requirement in words: "cpus 12, memory 128Gi, gpu a100-80:1"."""
    words = {"cpus": wanted.cpus, "memory": wanted.memory, "gpu": wanted.gpu, "disk": wanted.disk}
    return ", ".join(
        f"{name} {value:g}" if name == "cpus" else f"{name} {value}"
        for name, value in words.items()
        if value is not None
    )


def _rank(instance: Instance) -> tuple[bool, float, int, float, float, str]:
    known = instance.price is not None
    return (
        not known,
        instance.price or 0.0,
        instance.gpus,
        instance.cpus,
        instance.memory_gib,
        instance.name,
    )


def _nothing(instances: list[Instance], wanted: Requirement) -> NoMachine:
    def distance(each: Instance) -> tuple[int, int, float, str]:
        lacks = lacking(each, wanted)
        wrong_gpu = any(lack.startswith("it has") for lack in lacks)
        return wrong_gpu, len(lacks), -(each.gpus * 1e6 + each.memory_gib * 1e3 + each.cpus), each.name

    if not instances:
        return NoMachine("the target has no catalogue of machines", "name one with `instance`")
    kinds = sorted({each.gpu for each in instances if each.gpu is not None})
    if wanted.gpu is not None and kinds and not any(_is_of(kind, wanted.gpu.type) for kind in kinds):
        return NoMachine(
            f"no machine has an accelerator of type {wanted.gpu.type}: there are {', '.join(kinds)}",
            str(hint(wanted.gpu.type, kinds)),
        )
    near = min(instances, key=distance)
    return NoMachine(
        f"no machine has {asked(wanted)}; the nearest is {near.name}: {', '.join(lacking(near, wanted))}",
        "ask for less, or name a machine that the catalogue does not have with `instance`",
    )


def _too_dear(fitting: list[Instance], most: Money | None) -> NoMachine:
    near = fitting[0]
    if near.price is None or most is None or near.currency != most.currency:
        return NoMachine(
            f"whether {near.name} costs no more than {most} is not known: the catalogue has no such price "
            "for this region",
            "leave out `max_price`, or name the machine with `instance`",
        )
    return NoMachine(
        f"the cheapest machine that fits is {near.name} at {near.price:g} {near.currency} per hour, which is "
        f"more than {most}",
        "raise `max_price`, or ask for less",
    )
