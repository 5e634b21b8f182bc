"""Drops, one by one, each property of what a case registers, and tells which drops the case does not notice.

A resource is made without the property, at the point where the case makes it; what the account would then
hold is judged as the case itself is. Then the account is put back, and the resource made as it should be. A
resource that the rehearsal refuses to make without the property is noticed, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack.testing import Registered
from tests.oracle.compare import ABSENT, Difference, Table, leaves
from tests.oracle.mutation import Line, Steps, lines, without

from .cases import Case
from .judge import changes, shows
from .read import READERS, named
from .stage import Ground, bring_up

#: Where what mlstack's own resources make is seen.
_SEEN: Mapping[str, tuple[str, ...]] = {
    "Upload": ("s3",),
    "Image": ("ecr",),
    "ModelPackage": ("sagemaker",),
    "Job": ("sagemaker",),
    "Switch": ("sagemaker",),
    "InferenceComponent": ("sagemaker",),
}


@dataclass
class Dropped:
    """What would be otherwise without a property; None: it could not have been made."""

    line: Line
    changed: list[tuple[str, Difference]] | None


@dataclass
class Dropper:
    """``done`` are lines that need no trial any more."""

    ground: Ground
    done: set[Line] = field(default_factory=set)
    found: list[Dropped] = field(default_factory=list)

    def before(self, type: str, name: str, inputs: Mapping[str, Any]) -> None:
        trials = list(self._trials(type, name, inputs))
        if not trials:
            return
        services = _services(type)
        kept = self.ground.copy()
        usual = self._try(type, name, inputs, services)
        assert usual is not None, f"{type} {name} is refused as it is"
        for line, mutated in trials:
            self.ground.put_back(kept)
            there = self._try(type, name, mutated, services)
            self.found.append(Dropped(line, None if there is None else list(changes(usual, there))))
        self.ground.put_back(kept)

    def _trials(
        self, type: str, name: str, inputs: Mapping[str, Any]
    ) -> Iterator[tuple[Line, dict[str, Any]]]:
        resource = Registered("", type, name, "", True, dict(inputs), {})
        for each, at in lines([resource]).items():
            line = Line(type, named(each.path))
            if line not in self.done:
                yield line, self._named(type, name, _without_all(inputs, at[0]))

    def _named(self, type: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """With the name that Pulumi makes up for what has none."""
        key = None if type.startswith("mlstack:") else self.ground.aws.name_property(type)
        return {**inputs, key: f"{name}-made-up"} if key and key not in inputs else inputs

    def _try(self, type: str, name: str, inputs: Mapping[str, Any], services: Iterable[str]) -> Any:
        try:
            self.ground.make(type, name, inputs)
        except Exception:
            return None
        return self.ground.held(*services)


def unnoticed(ground: Ground, case: Case, table: Table, done: set[Line]) -> tuple[set[Line], set[Line]]:
    """The lines that were dropped, and those of them that the case does not notice."""
    dropper = Dropper(ground, done)
    brought = bring_up(ground, case, dropper.before)
    tried = {each.line for each in dropper.found}
    noticed = {
        each.line
        for each in dropper.found
        if each.changed is None
        or any(_lasts(brought.after, at, one) and shows(case, table, at, one) for at, one in each.changed)
    }
    return tried, tried - noticed


def _lasts(after: Mapping[str, Any], at: str, found: Difference) -> bool:
    """Whether the account holds in the end what it did when the resource had been made: nothing that comes
    later has it otherwise."""
    return bool(leaves(after.get(at, {})).get(found.path, ABSENT) == found.theirs)


def _without_all(inputs: Mapping[str, Any], places: Iterable[Steps]) -> dict[str, Any]:
    held: Any = inputs
    for steps in places:
        held = without(held, steps)
    return dict(held)


def _services(type: str) -> tuple[str, ...]:
    words = type.split(":")
    if words[0] == "mlstack":
        return _SEEN[words[2]]
    service = words[1].split("/")[0]
    return (service if service in READERS else "",)
