"""The smallest provider: a shared folder as a target. Data and models are copied into it by version."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from mlstack import content
from mlstack.provider import Build, Capabilities, Provider, Record, Site, Status
from mlstack.provider import Settings as BaseSettings
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State


class Settings(BaseSettings):
    path: str = Field(default="shared", description="The folder, relative to the spec's.")


class CopyInputs(Inputs):
    name: str
    source: str
    version: str
    folder: str


class Copy(Resource[CopyInputs]):
    """A file or folder, copied to ``<folder>/<name>/<version>/``."""

    Inputs = CopyInputs
    replace_on = frozenset({"name", "folder"})

    def create(self, context: Context, inputs: CopyInputs) -> State:
        source = context.root / inputs.source
        if not source.exists():
            raise ResourceFailed(f"{inputs.source} is not there", remedy="restore it, or change the path")
        target = Path(inputs.folder, inputs.name, inputs.version)
        if not (context.root / target / source.name).exists():
            scratch = context.root / f"{target}.part"
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, scratch / source.name)
            scratch.rename(context.root / target)  # complete, or not there
        uri = (target / source.name).as_posix()
        return State(f"{inputs.folder}/{inputs.name}", inputs.model_dump(), {"uri": uri})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {}

    def read(self, context: Context, state: State) -> State | None:
        return state if (context.root / state.outputs.get("uri", "")).exists() else None

    def delete(self, context: Context, state: State) -> None:
        shutil.rmtree(context.root / state.id, ignore_errors=True)

    def find(self, context: Context, inputs: Properties) -> State | None:
        known = CopyInputs.model_validate(inputs)
        target = Path(known.folder, known.name, known.version, Path(known.source).name)
        if not (context.root / target).exists():
            return None
        return State(f"{known.folder}/{known.name}", inputs, {"uri": target.as_posix()})


def copied(build: Build) -> Mapping[str, Any]:
    """Builder of data and models alike."""
    from mlstack.gap import GapResource

    version = content.version(build.root / build.spec.path)
    copy = GapResource(
        "mlstack:folder:Copy",
        build.child(),
        {
            "name": build.name,
            "source": build.spec.path,
            "version": version,
            "folder": f"{build.settings.path}/{build.stack_uid}/{build.kind}",
        },
        outputs=("uri",),
        opts=build.opts(),
    )
    return {"id": copy.id, "uri": copy.output("uri"), "version": version}


class FolderRuntime:
    """The calls that are no resources: a folder can only say what is in it."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def status(self, records: Sequence[Record]) -> list[Status]:
        return [
            Status(record.kind, record.name, "ready" if self._there(record) else "absent", record.outputs["uri"])
            for record in records
        ]

    def _there(self, record: Record) -> bool:
        return (self.site.root / str(record.outputs["uri"])).exists()

    def logs(self, record: Record, **_: Any) -> Any:
        return iter(())

    def invoke(self, record: Record, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("a folder answers no requests")

    run = cancel = invoke

    def check(self) -> Any:
        return iter(())


NOTHING_RUNS = "a folder runs nothing: use the local target, or a cloud"


class Folder(Provider):
    name = "folder"
    Settings = Settings
    builders: ClassVar = {"data": "mlstack_folder:copied", "models": "mlstack_folder:copied"}
    resources: ClassVar = {"mlstack:folder:Copy": "mlstack_folder:Copy"}
    unsupported: ClassVar = {
        **dict.fromkeys(
            (
                "workspace secrets compute environments jobs endpoints monitors notifications pipelines "
                "schedules budget"
            ).split(),
            NOTHING_RUNS,
        ),
    }

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def runtime(self, site: Site) -> FolderRuntime:
        return FolderRuntime(site)
