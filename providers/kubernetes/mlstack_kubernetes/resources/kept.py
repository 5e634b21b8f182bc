"""``mlstack:kubernetes:Kept``: a value that stays as it was until its mark changes.

A Job's template cannot be changed: another one is another run. So what a run was begun with is kept, and a
change that makes no other run (a machine, a label, a secret's value) is for the next one.
"""

from __future__ import annotations

from typing import Any

from mlstack.plugin.wire import has_unknown
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State


class KeptInputs(Inputs):
    stack_uid: str
    name: str
    mark: str
    value: dict[str, Any]


class Kept(Resource[KeptInputs]):
    """Outputs: ``held``, the value that came with the present mark."""

    Inputs = KeptInputs
    replace_on = frozenset({"stack_uid", "name"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if inputs.get("mark") is not UNKNOWN and old is not None and old.inputs.get("mark") == inputs["mark"]:
            return dict(old.outputs)
        # what is known of it already: a program may look into it
        return {"held": UNKNOWN if has_unknown(inputs) else inputs["value"]}

    def create(self, context: Context, inputs: KeptInputs) -> State:
        held = {"held": inputs.value}
        return State(f"{inputs.stack_uid}/{inputs.name}", inputs.model_dump(), held)

    def read(self, context: Context, state: State) -> State | None:
        return state if "held" in state.outputs else None

    def update(self, context: Context, state: State, inputs: KeptInputs) -> Properties:
        same = state.inputs.get("mark") == inputs.mark
        return state.outputs if same else {"held": inputs.value}

    def delete(self, context: Context, state: State) -> None:
        """There is nothing beside the state."""

    def find(self, context: Context, inputs: Properties) -> State | None:
        return None
