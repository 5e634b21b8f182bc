"""What the emulated cloud holds once the stack of a spec is made there, in this process, without an engine.

Builders run as in a program; each resource that they register is made by the door that the engine would use:
pulumi-gcp's by the emulation itself, mlstack's own by their verbs, over HTTP.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.settings import Settings

from mlstack import door
from mlstack.cli.rehearse import named
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving
from mlstack.resource import Context
from mlstack.support import gaps
from mlstack.testing import Answers, Recording, Registered, record
from mlstack.testing.cases import stack_in_program, stack_of
from mlstack.tokens import token
from mlstack.variables import variables

Documents = dict[str, tuple[str, dict[str, Any]]]
"""By id: kind and body."""
Blobs = dict[str, tuple[bytes, dict[str, Any]]]
"""By path: content and headers."""


class Wrong(Exception):  # noqa: N818 - reads as what happened
    """The stack cannot be made."""


@dataclass(frozen=True)
class Step:
    """The making of one resource: what was there before and after, the id and the outputs it was given.
    ``more`` are the objects that it wrote, with their headers."""

    before: Documents
    after: Documents
    blobs: Blobs
    more: Mapping[str, Mapping[str, Any]]
    id: str
    outputs: Mapping[str, Any]

    @property
    def new(self) -> Documents:
        """What came to be, or changed; not the emulation's own notes."""
        return {
            id: one for id, one in self.after.items() if one != self.before.get(id) and not id.startswith("~")
        }


class Made(Answers):
    """Answers as the emulated cloud does. ``steps``: by the resource's type and name."""

    def __init__(self, emulation: GcpEmulation, root: Path) -> None:
        self.emulation = emulation
        self.root = root
        self.steps: dict[tuple[str, str], Step] = {}
        self._one_by_one = threading.Lock()

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        with self._one_by_one:
            step = self.steps[type, name] = made(self.emulation, self.root, type, name, inputs)
            return step.id, step.outputs

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.emulation.invoke(function, arguments)


def made(emulation: GcpEmulation, root: Path, type: str, name: str, inputs: Mapping[str, Any]) -> Step:
    """Make one resource. Raises what refuses it."""
    before, blobs = documents(emulation), _blobs(emulation)
    id, outputs = make(emulation, root, type, name, inputs)
    more = {path: headers for path, (_, headers) in _blobs(emulation).items() if path not in blobs}
    return Step(before, documents(emulation), blobs, more, id, outputs)


def make(
    emulation: GcpEmulation, root: Path, type: str, name: str, inputs: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Make one resource: its id and outputs. Raises what refuses it."""
    if type.startswith("gcp:"):
        given = dict(inputs)
        if (named_by := emulation.name_property(type)) and named_by not in given:
            given[named_by] = f"{name}-0000000"  # as the engine names what the builder does not
        if refused := list(emulation.check(type, given, known=True)):
            raise Wrong(f"{type} {name}: {refused}")
        made = emulation.create(type, given)
        return made.id, made.outputs
    resource = provider("gcp").resource(type)
    typed = resource.Inputs.model_validate(dict(inputs))
    context = Context(root, f"urn:pulumi:test::oracle::{type}::{name}", name)
    resource.check(context, typed)
    state = resource.create(context, typed)
    return state.id, state.outputs


def documents(emulation: GcpEmulation) -> Documents:
    """All that is there, the emulation's own notes as well."""
    return {id: (kind, body) for id, kind, body in emulation.world.under()}


def _blobs(emulation: GcpEmulation) -> Blobs:
    found = {path: emulation.world.get_blob(path) for path in emulation.world.blobs()}
    return {path: one for path, one in found.items() if one is not None}


def restored(emulation: GcpEmulation, step: Step) -> None:
    """The cloud as it was before a step."""
    world = emulation.world
    with world.transaction():
        for id, one in documents(emulation).items():
            if id not in step.before:
                world.remove(id)
            elif one != step.before[id]:
                world.put(id, *step.before[id])
        for id in step.before.keys() - documents(emulation).keys():
            world.put(id, *step.before[id])
        for path in set(world.blobs()) - step.blobs.keys():
            world.remove_blob(path)
        for path in step.blobs.keys() - set(world.blobs()):
            world.put_blob(path, *step.blobs[path])


@dataclass(frozen=True)
class Held:
    """One stack that is there, and how each of its resources came to be."""

    emulation: GcpEmulation
    root: Path
    recording: Recording
    steps: Mapping[tuple[str, str], Step]
    environment: Mapping[str, str]

    def again(self, resource: Registered, inputs: Mapping[str, Any], region: str) -> Step:
        """Make a resource anew, on the cloud as it was before it, of other inputs. ``region``: the one that
        the cloud takes for left out."""
        cloud = self.emulation.cloud
        restored(self.emulation, self.steps[resource.type, resource.name])
        usual, cloud.region = cloud.region, region
        try:
            with variables(self.environment):
                return made(self.emulation, self.root, resource.type, resource.name, inputs)
        finally:
            cloud.region = usual

    def resource(self, word: str, of: str) -> Registered:
        """The resource of a type's last word below a component: "endpoints.chat", and what its name ends with
        where there are several ("endpoints.chat.blue")."""
        kind, name, *rest = of.split(".")
        owner = self.recording.component(token(kind), name)
        found = [each for each in self.recording.below(owner) if each.type.rpartition(":")[2] == word]
        if rest:
            found = [each for each in found if each.name.endswith(f"-{rest[0]}")]
        elif len(found) > 1:
            found = [each for each in found if each.name == owner.name]
        if len(found) != 1:
            there = sorted((each.type, each.name) for each in self.recording.below(owner))
            raise LookupError(f"{of} has {len(found)} resources of type {word}: {there}")
        return found[0]


@contextmanager
def brought_up(spec: Mapping[str, Any], files: Path, root: Path, given: Mapping[str, str]) -> Iterator[Held]:
    """The stack of the spec on a cloud of its own, in a folder that gets the files; the door stays open in
    the block. ``given`` are variables of the environment."""
    shutil.copytree(files, root, dirs_exist_ok=True)
    gcp, data = provider("gcp"), dict(spec)
    stack = stack_of(data, root)
    settings = Settings.model_validate(data.get("settings", {}).get("gcp", {}))
    emulation = GcpEmulation(World(root / "world.db"), settings, data["region"])
    emulation.seed(named(stack))
    answers = Made(emulation, root)
    if problems := gaps(gcp, stack):
        raise Wrong("; ".join(f"{each.path}: {each.message}" for each in problems))
    with serving(emulation, Faults(Plan(), emulation.world), root) as url:
        environment = {**emulation.environment(), **given, door.VARIABLE: url}
        with variables(environment):
            recording = record(gcp, lambda: deploy(stack_in_program(data, root)), root, answers)
        yield Held(emulation, root, recording, answers.steps, environment)
