"""``mlstack:local:Data``: a user's own file or folder, known by its content. It is never changed.

What is at a URI is fetched to the cache.

Of a table a profile is kept: where a monitor compares with it, and where it is small.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pydantic import Field

from mlstack import content
from mlstack.errors import TargetError
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import remote, tables, watching
from mlstack_local.files import matching, modified, prune
from mlstack_local.layout import Layout

#: Bytes up to which a table is profiled though no monitor compares with it.
_SMALL = 50 << 20


class DataInputs(Inputs):
    """``path`` relative to the spec's folder, or a canonical URI; ``version`` as the program saw it;
    ``baseline`` whether a monitor compares with it."""

    stack_uid: str
    name: str
    path: str
    version: str
    type: str
    columns: dict[str, Any] = Field(default_factory=dict)
    baseline: bool = False
    keep: int = 0


class Data(Resource[DataInputs]):
    """Outputs: ``uri``, the path or URI; ``profile``, the file of the table's profile where there is one."""

    Inputs = DataInputs
    replace_on = frozenset({"stack_uid", "name"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"uri": inputs["path"]}

    def create(self, context: Context, inputs: DataInputs) -> State:
        outputs = _made(context, inputs, [inputs.version])
        return State(f"{inputs.stack_uid}/data/{inputs.name}", inputs.model_dump(), outputs)

    def update(self, context: Context, state: State, inputs: DataInputs) -> Properties:
        layout = Layout(context.root, inputs.stack_uid)
        path, version = str(state.inputs.get("path")), str(state.inputs.get("version"))
        # the version before stays: what reads it, or compares with it, is updated later
        outputs = _made(context, inputs, [inputs.version, version])
        if remote.is_remote(path) and path != inputs.path:
            remote.release(layout, inputs.name, path)
        folder = layout.profile(inputs.name, inputs.version).parent
        _prune(folder, {inputs.version, version}, inputs.keep)
        return outputs

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:
            return None
        try:
            version = _version_now(context, state.inputs["path"], state.inputs["version"])
        except FileNotFoundError:
            return None
        return State(state.id, {**state.inputs, "version": version}, state.outputs)

    def delete(self, context: Context, state: State) -> None:
        """Only what was made of them: the data are the user's."""
        layout = Layout(context.root, state.inputs["stack_uid"])
        if remote.is_remote(state.inputs["path"]):
            remote.release(layout, state.inputs["name"], state.inputs["path"])
        folder = layout.profile(state.inputs["name"], "any").parent
        shutil.rmtree(folder, ignore_errors=True)
        prune(folder.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        return None  # a profile that was left is found by ``create``


def _made(context: Context, inputs: DataInputs, needed: list[str]) -> dict[str, Any]:
    """The outputs, with the data here and the versions that are needed noted."""
    layout = Layout(context.root, inputs.stack_uid)
    if remote.is_remote(inputs.path):  # before it is there: nobody is to remove it
        remote.refer(layout, inputs.name, inputs.path, needed, inputs.keep)
    path = _present(context, inputs)
    outputs = {"uri": inputs.path}
    if (profile := _profiled(context, layout, inputs, path)) is not None:
        outputs["profile"] = layout.relative(profile)
    return outputs


def _present(context: Context, inputs: DataInputs) -> Path:
    """The data on this machine."""
    if remote.is_remote(inputs.path):
        watch = watching.lines(context.log, "fetching")
        return remote.ensure(inputs.path, inputs.version, watch, context.cancelled)
    path = context.root / inputs.path
    if not (path.is_dir() if inputs.type == "folder" else path.is_file()):
        raise ResourceFailed(
            f"data {inputs.name!r}: there is no {inputs.type} {inputs.path}",
            remedy=f"put the {inputs.type} there, or change the path or the type in the spec",
        )
    return path


def _version_now(context: Context, path: str, known: str) -> str:
    """The version of what is there now. Raises FileNotFoundError."""
    if not remote.is_remote(path):
        return content.version(context.root / path, watching.lines(context.log, "hashing"))
    try:
        return remote.version_of(path, known)
    except TargetError as error:
        if error.code == "remote-missing":
            raise FileNotFoundError(path) from error
        raise


def _profiled(context: Context, layout: Layout, inputs: DataInputs, path: Path) -> Path | None:
    """The file of the profile, made where it is not there; None where there is to be none."""
    if not tables.is_table(path) or not (inputs.baseline or _size(path) <= _SMALL):
        return None
    from mlstack_local import profiles

    file = layout.profile(inputs.name, inputs.version)
    try:
        profiles.keep(file, path, inputs.columns)
    except tables.Unparsable as error:
        if not inputs.baseline and not inputs.columns:  # nobody said that it is a table
            context.log(f"no profile: {error.shown(path, inputs.path)}")
            return None
        raise ResourceFailed(
            f"data {inputs.name!r}: {error.shown(path, inputs.path)}",
            remedy=error.remedy or "mend the file there; where it is no table, leave out columns",
        ) from error
    return file


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file, _ in tables.parts(path))


def _prune(folder: Path, needed: set[str], keep: int) -> None:
    """Remove profiles of old versions, but for the newest ``keep``."""
    old = [file for file in matching(folder, "*.json") if file.stem not in needed]
    for file in sorted(old, key=lambda file: modified(file) or 0.0, reverse=True)[keep:]:
        file.unlink(missing_ok=True)
        file.with_suffix(".parquet").unlink(missing_ok=True)
