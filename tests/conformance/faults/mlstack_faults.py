"""The example provider, with one thing wrong at a time: what the suite has to find."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from mlstack_folder import NOTHING_RUNS, ONE_VERSION, Copy, CopyInputs, Folder
from pydantic import BaseModel

from mlstack import content
from mlstack.provider import Build, Way
from mlstack.resource import Context, Properties, State


def make(build: Build, name: str = "", parent: bool = True, **inputs: Any) -> Mapping[str, Any]:
    """As the example does it, with some inputs, the name or the parent changed."""
    import pulumi

    from mlstack.gap import GapResource

    path = pulumi.Output.from_input(build.spec.path)
    given = {
        "name": build.name,
        "source": path,
        "version": path.apply(lambda path: content.version(build.root / path)),
        "folder": f"{build.settings.path}/{build.stack_uid}/{build.kind}",
        **inputs,
    }
    opts = build.opts() if parent else None
    copy = GapResource("mlstack:folder:Copy", name or build.child(), given, outputs=("uri",), opts=opts)
    return {"id": copy.id, "uri": copy.output("uri"), "version": copy.output("version")}


def orphaning(build: Build) -> Mapping[str, Any]:
    return make(build, parent=False)


def misnaming(build: Build) -> Mapping[str, Any]:
    return make(build, name=f"copy-of-{build.name}")


def silent(build: Build) -> Mapping[str, Any]:
    return make(build)


def restless(build: Build) -> Mapping[str, Any]:
    return make(build, version=uuid.uuid4().hex)


def rooted(build: Build) -> Mapping[str, Any]:
    return make(build, folder=str(build.root / "shared"))


def chatty(build: Build) -> Mapping[str, Any]:
    return make(build, colour="red")


def literal(build: Build) -> Mapping[str, Any]:
    return make(build, source=f"{type(build.spec.path).__name__}")


def leaky(build: Build) -> Mapping[str, Any]:
    from mlstack.gap import GapResource

    value = os.environ[build.spec.env]
    given = {"name": build.name, "source": value, "version": "1", "folder": "secrets"}
    return {"id": GapResource("mlstack:folder:Copy", build.child(), given, opts=build.opts()).id}


def wordy(build: Build) -> Mapping[str, Any]:
    """Warns of everything, always: that is no account of any field."""
    build.warn("columns", "perhaps it has no effect")
    return make(build)


def with_builder(kind: str, function: str) -> type[Folder]:
    unsupported = {
        path: reason for path, reason in Folder.unsupported.items() if path not in (kind, "data.keep")
    }
    tables = {
        "name": function,
        "builders": {**Folder.builders, kind: f"mlstack_faults:{function}"},
        # a default is never given, so the last of these refuses nothing
        "unsupported": {**unsupported, "data.keep=0": ONE_VERSION},
    }
    made: type[Folder] = type(function.title(), (Folder,), tables)
    return made


Orphaning = with_builder("data", "orphaning")
Misnaming = with_builder("data", "misnaming")
Silent = with_builder("data", "silent")
Restless = with_builder("data", "restless")
Rooted = with_builder("data", "rooted")
Chatty = with_builder("data", "chatty")
Literal = with_builder("data", "literal")
Leaky = with_builder("secrets", "leaky")
Wordy = with_builder("data", "wordy")


class Undecided(Folder):
    """Both builds and refuses one kind, forgets another, and names what is not there."""

    name = "undecided"
    unsupported: ClassVar = {
        **{path: reason for path, reason in Folder.unsupported.items() if path != "jobs"},
        "data": NOTHING_RUNS,
        "models.colour": NOTHING_RUNS,
        "models.flavor": "no",
    }
    no_input: ClassVar = {"data.shape": "there is no such field at all"}
    ways: ClassVar = {
        "models.colour": Way("in red"),
        "models.keep": Way("of a url"),
    }


class Adrift(Folder):
    """Its tables lead nowhere."""

    name = "adrift"
    builders: ClassVar = {"data": "mlstack_folder:nothing", "models": "mlstack_folder:NOTHING_RUNS"}
    resources: ClassVar = {
        "mlstack:folder:Copy": "mlstack_folder:Copy",
        "mlstack:adrift:None": "mlstack_nowhere:Copy",
        "mlstack:adrift:Function": "mlstack_folder:copied",
        "mlstack:adrift:Replaced": "mlstack_faults:Replaced",
    }


class LooseSettings(BaseModel):
    """Takes what it does not know."""

    path: str = "shared"


class Loose(Folder):
    name = "loose"
    Settings = LooseSettings


class Replaced(Copy):
    replace_on = frozenset({"colour"})


# Resources whose verbs are not what they promise.


class Doubling(Copy):
    def create(self, context: Context, inputs: CopyInputs) -> State:
        state = super().create(context, inputs)
        return State(f"{state.id}-{uuid.uuid4().hex}", state.inputs, {"uri": uuid.uuid4().hex})

    def read(self, context: Context, state: State) -> State | None:
        return None


class Losing(Copy):
    def find(self, context: Context, inputs: Properties) -> State | None:
        return None


class Clinging(Copy):
    def delete(self, context: Context, state: State) -> None:
        return


class Pinned(Copy):
    """Puts out where it is on this very machine, and a key that it never has."""

    secret_outputs = frozenset({"key"})

    def create(self, context: Context, inputs: CopyInputs) -> State:
        state = super().create(context, inputs)
        return State(state.id, state.inputs, {**state.outputs, "place": str(context.root / inputs.uri)})


class Stubborn(Copy):
    """Says that it was updated, and reads as before."""

    def update(self, context: Context, state: State, inputs: CopyInputs) -> Properties:
        return state.outputs

    def read(self, context: Context, state: State) -> State | None:
        found = super().read(context, state)
        return found and State(found.id, {**found.inputs, "version": "1"}, found.outputs)
