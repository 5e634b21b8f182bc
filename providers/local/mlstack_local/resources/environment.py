"""``mlstack:local:Environment``: a real virtual environment from an exact lock."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from mlstack.lowering.locks import python as interpreters
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State
from mlstack_local import environments
from mlstack_local.environments import Record, Wanted
from mlstack_local.layout import Layout


class EnvironmentInputs(Inputs):
    stack_uid: str
    name: str
    python: str
    requirements: list[str] = Field(default_factory=list)
    serving: list[str] = Field(default_factory=list)
    constraints: list[str] = Field(default_factory=list)
    setup: list[str] = Field(default_factory=list)
    keep: int = 0


class Environment(Resource[EnvironmentInputs]):
    """Outputs: ``version`` and ``lock``. Requirements that stay the same keep their lock: what is newer
    in the index by now is not taken in silence."""

    Inputs = EnvironmentInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        wanted = _wanted(inputs)
        known = _from_state(old) if old else _from_disk(context, inputs)
        if known is None or wanted is None or not known.answers(wanted):
            return {"version": UNKNOWN, "lock": UNKNOWN}
        return {"version": known.version, "lock": known.lock}

    def create(self, context: Context, inputs: EnvironmentInputs) -> State:
        record = self._make(context, inputs, None)
        return State(f"{inputs.stack_uid}/environment/{inputs.name}", inputs.model_dump(), _outputs(record))

    def update(self, context: Context, state: State, inputs: EnvironmentInputs) -> Properties:
        return _outputs(self._make(context, inputs, _from_state(state)))

    def read(self, context: Context, state: State) -> State | None:
        version = state.outputs.get("version")
        return state if version and environments.is_complete(str(version)) else None

    def delete(self, context: Context, state: State) -> None:
        layout = Layout(context.root, state.inputs["stack_uid"])
        environments.release(layout, state.inputs["name"])
        environments.forget(layout, state.inputs["name"])

    def find(self, context: Context, inputs: Properties) -> State | None:
        wanted, record = _wanted(inputs), _from_disk(context, inputs)
        if wanted is None or record is None or not record.answers(wanted):
            return None
        if not environments.is_complete(record.version):
            return None
        return State(f"{inputs['stack_uid']}/environment/{inputs['name']}", inputs, _outputs(record))

    def _make(self, context: Context, inputs: EnvironmentInputs, old: Record | None) -> Record:
        layout = Layout(context.root, inputs.stack_uid)
        wanted = _of(inputs)
        # on disk: what a killed run resolved, or an environment that was lost
        candidates = (old, environments.load(layout, inputs.name))
        known = next((record for record in candidates if record and record.answers(wanted)), None)
        cwd, log, cancelled = context.root, context.log, context.cancelled

        def interpreter() -> Path:
            return interpreters.find(inputs.python, cwd, log, cancelled)

        if known is None:
            lock = environments.resolve(
                inputs.name, wanted, environments.here(interpreter()), cwd, log, cancelled
            )
            version = environments.version(lock, inputs.python, inputs.setup)
            known = _record(wanted, lock, version)
        environments.save(layout, inputs.name, known)
        environments.hold(known.version, layout, inputs.name)  # before it is there: nobody is to collect it
        recipe = environments.Recipe(known.version, known.lock, tuple(known.setup))
        environments.make(recipe, interpreter, cwd, log, cancelled)
        environments.refer(known.version, layout, inputs.name, inputs.keep)
        return known


def _outputs(record: Record) -> Properties:
    return {"version": record.version, "lock": record.lock}


def _wanted(inputs: Properties) -> Wanted | None:
    try:
        known = EnvironmentInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
    except ValueError:  # a value that only the apply will tell
        return None
    return _of(known)


def _of(inputs: EnvironmentInputs) -> Wanted:
    return Wanted(inputs.python, inputs.requirements, inputs.serving, inputs.constraints, inputs.setup)


def _record(wanted: Wanted, lock: str, version: str) -> Record:
    return Record(
        wanted.python,
        list(wanted.requirements),
        list(wanted.serving),
        lock,
        version,
        list(wanted.constraints),
        list(wanted.setup),
    )


def _from_disk(context: Context, inputs: Properties) -> Record | None:
    return environments.load(Layout(context.root, inputs["stack_uid"]), inputs["name"])


def _from_state(state: State) -> Record | None:
    wanted, outputs = _wanted(state.inputs), state.outputs
    if wanted is None or not outputs.get("lock"):
        return None
    return _record(wanted, outputs["lock"], outputs["version"])
