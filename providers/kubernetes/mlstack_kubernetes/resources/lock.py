"""``mlstack:kubernetes:Lock``: the exact packages of an environment, resolved here for a cluster's nodes."""

from __future__ import annotations

from pydantic import Field

from mlstack.content import fingerprint
from mlstack.lowering import locks
from mlstack.lowering.locks import Wanted
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State


class LockInputs(Inputs):
    stack_uid: str
    name: str
    python: str
    requirements: list[str] = Field(default_factory=list)
    serving: list[str] = Field(default_factory=list)
    constraints: list[str] = Field(default_factory=list)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.python, self.requirements, self.serving, self.constraints)


class Lock(Resource[LockInputs]):
    """Outputs: ``lock``, a requirements file with versions and hashes, and ``version``, its hash. The same
    requirements keep their lock: what is newer in the index by now is not taken in silence."""

    Inputs = LockInputs
    replace_on = frozenset({"stack_uid", "name"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if old is not None and _asked(old.inputs) == _asked(inputs):
            return dict(old.outputs)
        return {"lock": UNKNOWN, "version": UNKNOWN}

    def create(self, context: Context, inputs: LockInputs) -> State:
        lock = locks.resolve(
            inputs.name,
            inputs.wanted,
            locks.linux(inputs.python),
            context.root,
            context.log,
            context.cancelled,
        )
        outputs = {"lock": lock, "version": fingerprint(lock, inputs.python)}
        return State(f"{inputs.stack_uid}/lock/{inputs.name}", inputs.model_dump(), outputs)

    def update(self, context: Context, state: State, inputs: LockInputs) -> Properties:
        if _asked(state.inputs) == _asked(inputs.model_dump()):
            return state.outputs
        return self.create(context, inputs).outputs

    def read(self, context: Context, state: State) -> State | None:
        return state if state.outputs.get("lock") else None

    def delete(self, context: Context, state: State) -> None:
        """There is nothing beside the state."""

    def find(self, context: Context, inputs: Properties) -> State | None:
        return None


def _asked(inputs: Properties) -> Properties:
    """What is resolved, without what was left out."""
    return {key: value for key, value in inputs.items() if value}
