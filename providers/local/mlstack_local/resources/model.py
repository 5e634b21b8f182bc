"""``mlstack:local:Model``: files of a flavor, copied and hashed, a folder per version."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError

from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import models, remote, watching
from mlstack_local.layout import Layout
from mlstack_local.models import Registered


class ModelInputs(Inputs):
    """``source`` relative to the spec's folder, or a URI; ``flavor`` left out is found out from the files."""

    stack_uid: str
    name: str
    source: str
    version: str
    flavor: str | None = None
    lineage: dict[str, Any] = Field(default_factory=dict)
    keep: int = 0


class Model(Resource[ModelInputs]):
    """Outputs: ``uri``, ``flavor`` and ``digest`` (SHA-256 of the manifest). Versions stay until the model
    is deleted, since deployments may refer to older ones."""

    Inputs = ModelInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown = {"uri": UNKNOWN, "flavor": inputs.get("flavor") or UNKNOWN, "digest": UNKNOWN}
        try:
            known = ModelInputs.model_validate({**inputs, "lineage": {}})
        except ValidationError:
            return unknown
        layout = Layout(context.root, known.stack_uid)
        folder = layout.model(known.name, known.version)
        found = models.look(folder)
        if found is not None and known.flavor in (None, found.flavor):
            return _outputs(layout, found)
        return {**unknown, "uri": layout.relative(folder)}

    def create(self, context: Context, inputs: ModelInputs) -> State:
        layout = Layout(context.root, inputs.stack_uid)
        fetched = remote.is_remote(inputs.source)
        source = context.root / inputs.source
        if fetched:
            watch = watching.lines(context.log, "fetching")
            source = remote.ensure(inputs.source, inputs.version, watch, context.cancelled)
        try:
            made = models.register(
                layout,
                inputs.name,
                source,
                inputs.version,
                inputs.flavor,
                inputs.lineage,
                hashed=not fetched,
            )
        except FileNotFoundError as error:
            raise ResourceFailed(
                f"model {inputs.name!r}: {inputs.source} does not exist",
                remedy="put the files there, or run `mlstack up` again to make them again",
            ) from error
        except models.Changed as changed:
            raise ResourceFailed(
                f"model {inputs.name!r}: {inputs.source} is of version {changed}, no longer {inputs.version}",
                remedy="run the same command again",
                category="transient",
            ) from changed
        except models.NoFlavor as error:
            raise ResourceFailed(
                f"model {inputs.name!r}: the files in {inputs.source} do not tell its flavor",
                remedy=f"name the file as one of {models.expected()}; or say flavor: in the spec",
            ) from error
        return State(_id(inputs.model_dump()), inputs.model_dump(), _outputs(layout, made))

    def read(self, context: Context, state: State) -> State | None:
        return self.find(context, state.inputs) if state.inputs else None

    def delete(self, context: Context, state: State) -> None:
        models.remove(Layout(context.root, state.inputs["stack_uid"]), state.inputs["name"])

    def find(self, context: Context, inputs: Properties) -> State | None:
        layout = Layout(context.root, inputs["stack_uid"])
        found = models.look(layout.model(inputs["name"], inputs["version"]))
        return State(_id(inputs), inputs, _outputs(layout, found)) if found else None


def _id(inputs: Properties) -> str:
    return f"{inputs['stack_uid']}/model/{inputs['name']}"


def _outputs(layout: Layout, found: Registered) -> dict[str, Any]:
    return {"uri": layout.relative(found.folder), "flavor": found.flavor, "digest": found.digest}
