"""``mlstack:local:Model``: files of a flavor, copied and hashed, a folder per version.

A model of the Hugging Face hub is pinned when it is made to the commit that its revision means then; it stays
there until the spec names another model or revision.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import models, remote, watching
from mlstack_local.layout import Layout
from mlstack_local.models import Registered


class ModelInputs(Inputs):
    """``source`` relative to the spec's folder, or a URI; one without a ``version`` is of the hub, and is
    pinned. ``flavor`` left out is found out from the files.
    """

    stack_uid: str
    name: str
    source: str
    version: str | None = None
    flavor: str | None = None
    lineage: dict[str, Any] = Field(default_factory=dict)
    keep: int = 0


class Model(Resource[ModelInputs]):
    """Outputs: ``uri``, ``version``, ``flavor``, ``digest`` (SHA-256 of the manifest), and of one that was
    pinned ``pinned``, the URI of its commit. Versions stay until the model is deleted, since deployments may
    refer to older ones."""

    Inputs = ModelInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown: dict[str, Any] = dict.fromkeys(("uri", "version", "flavor", "digest"), UNKNOWN)
        try:
            known = ModelInputs.model_validate({**inputs, "lineage": {}})
        except ValidationError:
            return unknown | _given(inputs)
        pinned = _pinned(old, known)
        version = str(old.outputs["version"]) if old and pinned else known.version
        if version is None:
            return {**unknown, **_given(inputs), "pinned": UNKNOWN}
        layout = Layout(context.root, known.stack_uid)
        folder = layout.model(known.name, version)
        found = models.look(folder)
        if found is not None and known.flavor in (None, found.flavor):
            return _outputs(layout, found, pinned)
        certain = {"uri": layout.relative(folder), "version": version}
        return {**unknown, **_given(inputs), **certain, **({"pinned": pinned} if pinned else {})}

    def create(self, context: Context, inputs: ModelInputs) -> State:
        return self._made(context, inputs, None)

    def update(self, context: Context, state: State, inputs: ModelInputs) -> Properties:
        made = self._made(context, inputs, _pinned(state, inputs))
        before = context.root / str(state.outputs.get("uri"))
        if before.is_dir():
            os.utime(before)  # until now it was used, `mlstack gc` is to know
        return made.outputs

    def _made(self, context: Context, inputs: ModelInputs, pinned: str | None) -> State:
        layout = Layout(context.root, inputs.stack_uid)
        if inputs.version is None:
            pinned = pinned or remote.pinned(inputs.source)
        uri = pinned or inputs.source
        version = inputs.version or remote.version_of(uri, None)
        lineage = {**inputs.lineage, "asked": inputs.source, "pinned": pinned} if pinned else inputs.lineage
        try:
            with _present(context, layout, inputs.name, uri, version) as source:
                made = models.register(
                    layout,
                    inputs.name,
                    source,
                    version,
                    inputs.flavor,
                    lineage,
                    hashed=not remote.is_remote(uri),
                )
        except FileNotFoundError as error:
            raise ResourceFailed(
                f"model {inputs.name!r}: {uri} does not exist",
                remedy="put the files there, or run `mlstack up` again to make them again",
            ) from error
        except models.Changed as changed:
            raise ResourceFailed(
                f"model {inputs.name!r}: {uri} is of version {changed}, no longer {version}",
                remedy="run the same command again",
                category="transient",
            ) from changed
        except models.NoFlavor as error:
            raise ResourceFailed(
                f"model {inputs.name!r}: the files in {uri} do not tell its flavor",
                remedy=f"name the file as one of {models.expected()}; or say flavor: in the spec",
            ) from error
        return State(_id(inputs.model_dump()), inputs.model_dump(), _outputs(layout, made, pinned))

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:
            return None
        version = state.inputs.get("version") or state.outputs.get("version")
        return _found(context, state.inputs, str(version), state.outputs.get("pinned"))

    def delete(self, context: Context, state: State) -> None:
        models.remove(Layout(context.root, state.inputs["stack_uid"]), state.inputs["name"])

    def find(self, context: Context, inputs: Properties) -> State | None:
        if inputs.get("version"):
            return _found(context, inputs, str(inputs["version"]), None)
        layout = Layout(context.root, inputs["stack_uid"])
        for version, lineage in models.versions(layout, inputs["name"]):
            if lineage.get("asked") == inputs["source"]:
                return _found(context, inputs, version, str(lineage["pinned"]))
        return None


@contextlib.contextmanager
def _present(context: Context, layout: Layout, name: str, uri: str, version: str) -> Iterator[Path]:
    """The files on this machine, for as long as they are copied."""
    if not remote.is_remote(uri):
        yield context.root / uri
        return
    reader = f"models.{name}"  # a dot is in no name of data
    remote.refer(layout, reader, uri, [version])
    try:
        yield remote.ensure(uri, version, watching.lines(context.log, "fetching"), context.cancelled)
    finally:
        remote.release(layout, reader, uri)


def _pinned(old: State | None, inputs: ModelInputs) -> str | None:
    """The commit that the model has been pinned to, where the spec asks for the same model and revision."""
    if old is None or inputs.version is not None or old.inputs.get("source") != inputs.source:
        return None
    return old.outputs.get("pinned")


def _given(inputs: Properties) -> dict[str, Any]:
    """Outputs that are inputs too, as far as they are given."""
    return {key: inputs[key] for key in ("version", "flavor") if inputs.get(key)}


def _found(context: Context, inputs: Properties, version: str, pinned: str | None) -> State | None:
    layout = Layout(context.root, inputs["stack_uid"])
    found = models.look(layout.model(inputs["name"], version))
    return State(_id(inputs), inputs, _outputs(layout, found, pinned)) if found else None


def _id(inputs: Properties) -> str:
    return f"{inputs['stack_uid']}/model/{inputs['name']}"


def _outputs(layout: Layout, found: Registered, pinned: str | None) -> dict[str, Any]:
    made = {"uri": layout.relative(found.folder), "version": found.folder.name}
    made |= {"flavor": found.flavor, "digest": found.digest}
    return {**made, "pinned": pinned} if pinned else made
