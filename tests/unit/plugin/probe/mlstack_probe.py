"""A provider for tests: one resource that is a real file, and fails in the ways that a file can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from mlstack.provider import Capabilities, Provider
from mlstack.resource import (
    UNKNOWN,
    Context,
    InputProblem,
    Inputs,
    Properties,
    Resource,
    ResourceFailed,
    State,
)
from mlstack.runtime import Site


class NoteInputs(Inputs):
    path: str
    text: str = ""
    password: str | None = None
    lines: list[int] = Field(default_factory=list)
    labels: dict[str, str] = Field(default_factory=dict)


class Note(Resource[NoteInputs]):
    """A text file. Its folder has to be there; a file that is too short exists in part."""

    Inputs = NoteInputs
    replace_on = frozenset({"path"})
    delete_before_replace = True
    secret_outputs = frozenset({"key"})
    read_always = True

    def check(self, context: Context, inputs: NoteInputs) -> None:
        if inputs.text.startswith("#"):
            raise InputProblem("text", "begins with a comment")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if old is None:
            return {"size": UNKNOWN, "place": {"path": inputs["path"], "inode": UNKNOWN}}
        return {"size": old.outputs["size"], "key": "the-key"}

    def create(self, context: Context, inputs: NoteInputs) -> State:
        file = context.root / inputs.path
        context.log(f"writing {inputs.path}")
        file.write_text(inputs.text)
        state = State(inputs.path, inputs.model_dump(), {"size": len(inputs.text), "key": "the-key"})
        if len(inputs.text) < 3:
            raise ResourceFailed("the text is too short", remedy="write more", category="user", partial=state)
        return state

    def read(self, context: Context, state: State) -> State | None:
        file = context.root / state.id
        if not file.exists():
            return None
        text = file.read_text()
        return State(state.id, {**state.inputs, "path": state.id, "text": text}, {"size": len(text)})

    def delete(self, context: Context, state: State) -> None:
        if context.cancelled.is_set():
            raise ResourceFailed("stopped before anything was deleted", category="transient")
        (context.root / state.id).unlink(missing_ok=True)

    def find(self, context: Context, inputs: Properties) -> State | None:
        return self.read(context, State(inputs["path"], inputs, {}))


class Probe(Provider):
    name = "probe"
    builders: ClassVar[Mapping[str, str]] = {}
    unsupported: ClassVar[Mapping[str, str]] = {}
    resources: ClassVar = {"mlstack:probe:Note": "mlstack_probe:Note"}

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def runtime(self, site: Site) -> Any:
        raise AssertionError("never asked")
