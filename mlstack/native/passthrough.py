"""What one component's ``native`` block says, which of its children take what, and what is wrong with it.

A block's keys in the SDK's words go to the component's main resource. A key that begins with a capital is
a child's address: ``OnlineDeployment[blue]`` is the child of that type whose name is the component's, a dash
and "blue"; ``AutoscaleSetting`` alone the only one of its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from mlstack.errors import Problem
from mlstack.native.manifest import laid_over
from mlstack.native.merge import Merging
from mlstack.sdktypes import Mismatch, args_class, shape, wire_shape
from mlstack.suggest import suggest

Path = tuple[str | int, ...]
_ADDRESS = re.compile(r"([A-Z]\w*)(?:\[(.*)\])?")
_GAP = "mlstack:"


@dataclass(frozen=True)
class Child:
    """A child as an address names it: its type's own name, its name within the component."""

    type: str
    suffix: str
    main: bool = False

    def __str__(self) -> str:
        return f"{self.type}[{self.suffix}]" if self.suffix else self.type


@dataclass(frozen=True)
class Set:
    """The inputs of a child that were set natively: for the preview."""

    child: Child
    paths: tuple[str, ...]


@dataclass
class Passthrough:
    """The ``native`` block of one component for its target.

    ``place`` is the block's path in the spec; ``where`` tells file, line and column of a path in it.
    ``manifests``: its keys are those of an API (`mlstack.provider.Provider.manifests`), and not the SDK's.
    """

    cloud: str
    component: str
    place: Path
    block: Mapping[str, Any]
    where: Callable[[Path], tuple[str | None, int | None, int | None]] = lambda _path: (None, None, None)
    problems: list[Problem] = field(default_factory=list)
    sets: list[Set] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    manifests: bool = False
    _inputs: dict[Child, type] = field(default_factory=dict)
    _parent: pulumi.Resource | None = None
    _name: str = ""

    def below(self, parent: pulumi.Resource, name: str) -> None:
        """Said by the component: what it is, so that children that are not made by `merged` are seen."""
        self._parent, self._name = parent, name

    def merged(
        self, cls: type[pulumi.CustomResource], suffixes: tuple[str, ...], args: Mapping[str, Any], main: bool
    ) -> Mapping[str, Any]:
        """The arguments of a child with what the block says of it; unchanged where that is wrong."""
        child = Child(cls.__name__, "-".join(suffixes), main)
        self.children.append(child)
        kept = args
        inputs = args_class(cls)
        if inputs is not None:
            self._inputs[child] = inputs
        for path, block in self._for(child):
            if not isinstance(block, Mapping):
                self._wrong(path, f"{child} takes a mapping of inputs, not {block!r}", "write a mapping")
            elif inputs is not None or self.manifests:
                made, wrong, set_paths = self._laid_over(kept, block, inputs)
                self.problems += [self._told(path, each) for each in wrong]
                if not wrong:
                    kept = made
                    paths = tuple(".".join(str(step) for step in each) for each in set_paths)
                    self.sets.append(Set(child, paths))
        return kept

    def _laid_over(
        self, args: Mapping[str, Any], block: Mapping[str, Any], inputs: type | None
    ) -> tuple[Mapping[str, Any], list[Mismatch], list[Path]]:
        if self.manifests or inputs is None:
            return laid_over(args, block, inputs)
        merging = Merging()
        return merging.arguments(args, block, inputs), merging.mismatches, merging.paths

    def finish(self) -> None:
        """All children are made: what no child took, or more than one, is wrong."""
        self.problems = [self._aimed(each) for each in self.problems]
        if self._own() and not any(child.main for child in self.children):
            self._wrong(
                self.place, f"{self._said()} no resource of {self.cloud}'s own to take this", self._way_out()
            )
        for key in self.block:
            address = _ADDRESS.fullmatch(key)
            if address is None:
                continue
            taken = [child for child in self.children if _meant(address, child, self._name)]
            if not taken:
                self._untaken(key, address[1])
            elif len(taken) > 1:
                names = ", ".join(str(child) for child in taken)
                self._wrong(
                    (*self.place, key), f"{key!r} may be any of {names}", "name the one that is meant"
                )

    def _for(self, child: Child) -> Iterator[tuple[Path, Any]]:
        if child.main and (own := self._own()):
            yield self.place, own
        for key, block in self.block.items():
            address = _ADDRESS.fullmatch(key)
            if address and _meant(address, child, self._name):
                yield (*self.place, key), block

    def _own(self) -> dict[str, Any]:
        """What is for the main resource."""
        return {key: value for key, value in self.block.items() if not _ADDRESS.fullmatch(key)}

    def _untaken(self, key: str, type: str) -> None:
        ours = [str(child) for child in self._gap_children() if child.type == type]
        if ours:
            self._wrong(
                (*self.place, key),
                f"{ours[0]} is a resource of mlstack's own: nothing can be passed through to it",
                f"all that it takes is in the spec. {self._way_out()}",
            )
            return
        known = [str(child) for child in self.children]
        near = suggest(key, known) or next((each for each in known if each.startswith(f"{type}[")), None)
        hint = f"did you mean {near!r}? " if near else ""
        self._wrong((*self.place, key), f"{self.component} has no child {key!r}", hint + self._way_out())

    def _said(self) -> str:
        ours = sorted(str(child) for child in self._gap_children())
        return (
            f"{self.component} is made by mlstack itself ({', '.join(ours)}) and has"
            if ours
            else (f"{self.component} has")
        )

    def _way_out(self) -> str:
        known = sorted({str(child) for child in self.children})
        if not known:
            return "leave it out"
        return f"its children are {', '.join(known)}"

    def _gap_children(self) -> list[Child]:
        """The children that are resources of our own provider."""
        found = []
        for each in getattr(self._parent, "_childResources", ()):
            type, name = getattr(each, "_type", ""), getattr(each, "_name", "")
            if type.startswith(_GAP) and isinstance(each, pulumi.CustomResource):
                found.append(Child(type.rpartition(":")[2], name.removeprefix(self._name).removeprefix("-")))
        return found

    def _told(self, path: Path, mismatch: Mismatch) -> Problem:
        lacks = re.search(r"needs '(\w+)'", mismatch.message)
        usual = f"give {lacks[1]} a value" if lacks else "write what is expected"
        return self._problem((*path, *mismatch.path), mismatch.message, mismatch.remedy or usual)

    def _aimed(self, problem: Problem) -> Problem:
        """A key that the main resource does not have, and another child has, is meant for that one."""
        main = ".".join(str(step) for step in self.place)
        above, _, key = problem.path.rpartition(".")
        if above != main or " has no " not in problem.message:
            return problem
        shaped = wire_shape if self.manifests else shape
        having = [str(child) for child, cls in self._inputs.items() if not child.main and key in shaped(cls)]
        if not having:
            return problem
        told = " and ".join(having) + (" has" if len(having) == 1 else " have")
        return replace(problem, remedy=f"{told} it: write {having[0]}: {{{key}: …}}")

    def _wrong(self, path: Path, message: str, remedy: str | None = None) -> None:
        self.problems.append(self._problem(path, message, remedy))

    def _problem(self, path: Path, message: str, remedy: str | None) -> Problem:
        file, line, column = self.where(path)
        return Problem("bad-native", message, ".".join(str(key) for key in path), file, line, column, remedy)


def _meant(address: re.Match[str], child: Child, component: str) -> bool:
    if address[1] != child.type:
        return False
    whole = f"{component}-{child.suffix}" if child.suffix else component
    return address[2] is None or address[2] in (child.suffix, whole)
