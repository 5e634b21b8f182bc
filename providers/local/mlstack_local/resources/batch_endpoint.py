"""``mlstack:local:BatchEndpoint``: what is asked to score data. Nothing runs until it is."""

from __future__ import annotations

import json
from pathlib import Path

from mlstack import content
from mlstack.resource import Context, Properties, Resource, State
from mlstack_local import batch
from mlstack_local.batch import BatchInputs
from mlstack_local.deployments.code import copy_code
from mlstack_local.files import private_folder, prune, remove_tree, write_private
from mlstack_local.jobs import control
from mlstack_local.layout import Layout

_NOTE = "batch.json"


class BatchEndpoint(Resource[BatchInputs]):
    """Output: ``default``, the deployment that is asked where none is named.

    A run that is going is not touched by an update: it has copies of all it needs. ``delete`` ends runs, and
    removes their folders.
    """

    Inputs = BatchInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"default": inputs["default"]}

    def create(self, context: Context, inputs: BatchInputs) -> State:
        folder = private_folder(inputs.layout(context.root).endpoint(inputs.name))
        (folder / _NOTE).unlink(missing_ok=True)
        for path in folder.iterdir():
            if path.name not in inputs.deployments:
                remove_tree(path)
        for name, deployment in inputs.deployments.items():
            if deployment.code is None:
                remove_tree(folder / name)
            else:
                copy_code(context.root, deployment.code, inputs.code(context.root, name))
        write_private(folder / _NOTE, inputs.model_dump_json(exclude_none=True, indent=1))
        return _state(inputs)

    def read(self, context: Context, state: State) -> State | None:
        stack_uid, _, name = state.id.split("/")
        return _seen(context, Layout(context.root, stack_uid).endpoint(name) / _NOTE)

    def delete(self, context: Context, state: State) -> None:
        stack_uid, _, name = state.id.split("/")
        layout = Layout(context.root, stack_uid)
        for run in batch.runs_of(layout, name):
            control.stop(run)
        for folder in (layout.home / "batch" / name, layout.endpoint(name)):
            remove_tree(folder)
            prune(folder.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        return _seen(context, Layout(context.root, inputs["stack_uid"]).endpoint(inputs["name"]) / _NOTE)


def _seen(context: Context, note: Path) -> State | None:
    try:
        inputs = BatchInputs.model_validate(json.loads(note.read_text()))
    except FileNotFoundError:
        return None
    for name, deployment in inputs.deployments.items():
        code = inputs.code(context.root, name)
        if deployment.code and not (code.is_dir() and content.version(code) == deployment.code.digest):
            return None
    return _state(inputs)


def _state(inputs: BatchInputs) -> State:
    given = inputs.model_dump(exclude_none=True)
    return State(f"{inputs.stack_uid}/batch/{inputs.name}", given, {"default": inputs.default})
