"""``mlstack:kubernetes:Key``: a random key, made once and kept in the stack's state."""

from __future__ import annotations

import secrets

from mlstack.resource import Context, Inputs, Properties, Resource, State

_BYTES = 32


class KeyInputs(Inputs):
    stack_uid: str
    name: str


class Key(Resource[KeyInputs]):
    """Output: ``key``. It is nowhere but in the state: a create whose answer was lost has left nothing, and
    the next one makes another key."""

    Inputs = KeyInputs
    replace_on = frozenset({"stack_uid", "name"})
    secret_outputs = frozenset({"key"})

    def create(self, context: Context, inputs: KeyInputs) -> State:
        key = secrets.token_urlsafe(_BYTES)
        return State(f"{inputs.stack_uid}/{inputs.name}", inputs.model_dump(), {"key": key})

    def read(self, context: Context, state: State) -> State | None:
        return state if state.outputs.get("key") else None

    def update(self, context: Context, state: State, inputs: KeyInputs) -> Properties:
        return state.outputs

    def delete(self, context: Context, state: State) -> None:
        """There is nothing beside the state."""

    def find(self, context: Context, inputs: Properties) -> State | None:
        return None
