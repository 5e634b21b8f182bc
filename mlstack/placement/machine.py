"""The machine for a piece of the spec, kept by the stack, with the reason shown in previews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlstack.errors import UsageError
from mlstack.placement.solve import NoMachine, asked, choose, fits, within
from mlstack.spec.machine import Machine

if TYPE_CHECKING:
    from mlstack.provider import Build, Capabilities, Instance

DEFAULT = "cpu-s"


def place(build: Build, machine: Machine, where: tuple[str, ...]) -> Any:
    """The target's own name of the machine; one that is known only later is as it was given. UsageError:
    there is none that would do."""
    if machine.instance is not None:
        return machine.instance
    machine = _judged(build.capabilities, machine)
    field = ".".join((*where, "instance"))
    key = ".".join((build.kind, build.name, field))
    wanted = request(machine)
    try:
        found, why = _kept(build, machine, key, wanted) or chosen(build.capabilities, machine)
    except NoMachine as error:
        raise UsageError(f"{key.removesuffix('.instance')}: {error.message}", remedy=error.remedy) from None
    held = build.choices.get(key)
    if held is not None and held != found.name:
        why += f", in place of {held}, which does not do"
    build.choices.put(key, found.name)
    build.choices.put(f"{key}.for", wanted)
    build.note(field, f"{found.name}: {why}; {price(found, build.capabilities.region)}")
    return found.name


def accelerated(capabilities: Capabilities, machine: Machine) -> bool | None:
    """Whether the machine that is asked for has an accelerator; None: the catalogue does not know it."""
    if machine.instance is not None:
        named = [each for each in capabilities.instances if each.name == machine.instance]
        return named[0].gpu is not None if named else None
    try:
        return chosen(capabilities, machine)[0].gpu is not None
    except NoMachine:
        return None


def chosen(capabilities: Capabilities, machine: Machine) -> tuple[Instance, str]:
    """The machine that is chosen anew, and why. NoMachine: there is none."""
    from mlstack.provider import Instance

    machine = _judged(capabilities, machine)
    if machine.size is None and machine.requirement == Machine().requirement:
        size = DEFAULT
    elif machine.size is not None:
        size = machine.size
    else:
        most = getattr(machine, "max_price", None)
        count = sum(fits(each, machine.requirement) for each in capabilities.instances)
        found = choose(capabilities.instances, machine.requirement, most)
        best = "the cheapest" if found.price is not None else "the smallest"
        return found, f"{best} of {count} with {asked(machine.requirement)}"
    if size not in capabilities.sizes:
        raise NoMachine(
            f"there is no machine of the size {size}",
            capabilities.no_size.get(size, f"there are {', '.join(capabilities.sizes)}"),
        )
    name = capabilities.sizes[size]
    known = {each.name: each for each in capabilities.instances}
    return known.get(name, Instance(name, 0, 0)), f"size {size}"


def _judged(capabilities: Capabilities, machine: Machine) -> Machine:
    """What of it chooses a machine on this target."""
    return machine.model_copy(update={"disk": None}) if capabilities.volumes else machine


def request(machine: Machine) -> str:
    """What is asked for, in words."""
    if machine.size is None and machine.requirement != Machine().requirement:
        return asked(machine.requirement)
    return f"size {machine.size or DEFAULT}"


def price(instance: Instance, region: str | None) -> str:
    if instance.price is None:
        return f"price unknown{f' in {region}' if region else ' without a region'}"
    told = ", ".join(part for part in (instance.source, instance.as_of) if part)
    return f"{instance.price:g} {instance.currency} per hour{f' ({told})' if told else ''}"


def _kept(build: Build, machine: Machine, key: str, wanted: str) -> tuple[Instance, str] | None:
    """The machine that the stack has kept, unless it no longer does what is asked."""
    from mlstack.provider import Instance

    name, before = build.choices.get(key), build.choices.get(f"{key}.for")
    if name is None:
        return None
    known = {each.name: each for each in build.capabilities.instances}
    sized = wanted.startswith("size ") or str(before).startswith("size ")
    if sized and before != wanted:
        return None
    if name not in known:  # the catalogue has forgotten it; the machine is there all the same
        return Instance(name, 0, 0), f"kept for {before}"
    found = known[name]
    if not sized and not fits(found, machine.requirement):
        return None
    most = getattr(machine, "max_price", None)
    if not sized and not within(found, most):
        told = f"{name} is kept, and not known to cost no more than {most}: --replan chooses anew"
        build.warn("max_price", told)
    return found, f"kept for {wanted}"
