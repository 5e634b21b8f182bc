"""``mlstack:local:Data``: a user's own file or folder, known by its content. It is never changed."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlstack import content
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State


class DataInputs(Inputs):
    """``path`` relative to the spec's folder; ``version`` as the program saw it."""

    stack_uid: str
    name: str
    path: str
    version: str
    type: str
    columns: dict[str, Any] = Field(default_factory=dict)


class Data(Resource[DataInputs]):
    """Output: ``uri``, the path."""

    Inputs = DataInputs
    replace_on = frozenset({"stack_uid", "name"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"uri": inputs["path"]}

    def create(self, context: Context, inputs: DataInputs) -> State:
        path = context.root / inputs.path
        if not (path.is_dir() if inputs.type == "folder" else path.is_file()):
            raise ResourceFailed(
                f"data {inputs.name!r}: there is no {inputs.type} {inputs.path}",
                remedy=f"put the {inputs.type} there, or change the path or the type in the spec",
            )
        return State(f"{inputs.stack_uid}/data/{inputs.name}", inputs.model_dump(), {"uri": inputs.path})

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:
            return None
        try:
            version = content.version(context.root / state.inputs["path"])
        except FileNotFoundError:
            return None
        return State(state.id, {**state.inputs, "version": version}, {"uri": state.inputs["path"]})

    def delete(self, context: Context, state: State) -> None:
        """Nothing: the data are the user's."""

    def find(self, context: Context, inputs: Properties) -> State | None:
        return None  # nothing is made, so nothing can be left behind
