"""``mlstack:local:Secret``: a value from the environment, in a file that only its owner may read."""

from __future__ import annotations

import os

from mlstack.lowering.values import salted
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import secrets
from mlstack_local.layout import Layout


class SecretInputs(Inputs):
    stack_uid: str
    name: str
    env: str
    hash: str


class Secret(Resource[SecretInputs]):
    """The value is in no input and no output: this process reads the same variable as the program."""

    Inputs = SecretInputs
    replace_on = frozenset({"stack_uid", "name"})

    def create(self, context: Context, inputs: SecretInputs) -> State:
        value = os.environ.get(inputs.env)
        if value is None or salted(inputs.stack_uid, inputs.name, value) != inputs.hash:
            raise ResourceFailed(
                f"secret {inputs.name!r}: the variable {inputs.env} is not what it was when this run began",
                remedy=f"export {inputs.env}=…, then run the same command again",
            )
        secrets.write(Layout(context.root, inputs.stack_uid), inputs.name, value)
        return State(f"{inputs.stack_uid}/secret/{inputs.name}", inputs.model_dump(), {})

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:  # an import: the value of a variable cannot be told from an id
            return None
        uid, name = state.inputs["stack_uid"], state.inputs["name"]
        value = secrets.read(Layout(context.root, uid), name)
        if value is None:
            return None
        inputs = {**state.inputs, "hash": salted(uid, name, value)}
        return State(state.id, inputs, {})

    def delete(self, context: Context, state: State) -> None:
        secrets.remove(Layout(context.root, state.inputs["stack_uid"]), state.inputs["name"])

    def find(self, context: Context, inputs: Properties) -> State | None:
        return self.read(context, State(f"{inputs['stack_uid']}/secret/{inputs['name']}", inputs, {}))
