"""The smallest provider: a shared folder as a target. Data and models are copied into it by version."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from mlstack import content
from mlstack.errors import UsageError
from mlstack.provider import Build, Capabilities, Provider
from mlstack.provider import Settings as BaseSettings
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack.runtime import Record, Site, Status
from mlstack.spec import Stack

# A gap resource: what the engine asks our own Pulumi provider to make.


class CopyInputs(Inputs):
    name: str
    source: str
    version: str
    folder: str

    @property
    def home(self) -> str:
        """The folder of all versions: the physical id."""
        return f"{self.folder}/{self.name}"

    @property
    def uri(self) -> str:
        return f"{self.home}/{self.version}/{Path(self.source).name}"


class Copy(Resource[CopyInputs]):
    """A file or folder, copied to ``<folder>/<name>/<version>/``. Only the newest version is kept."""

    Inputs = CopyInputs
    replace_on = frozenset({"name", "folder"})

    def create(self, context: Context, inputs: CopyInputs) -> State:
        source, target = context.root / inputs.source, context.root / inputs.uri
        if not target.exists():
            if not source.exists():
                raise ResourceFailed(f"{inputs.source} is not there", remedy="restore it, or change the path")
            scratch = target.parent.with_suffix(".part")
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, scratch / source.name)
            scratch.rename(target.parent)  # complete, or not there
        for other in target.parent.parent.iterdir():
            if other != target.parent:
                shutil.rmtree(other)
        return State(inputs.home, inputs.model_dump(), {"uri": inputs.uri})

    def read(self, context: Context, state: State) -> State | None:
        uri = state.outputs.get("uri")
        return state if uri and (context.root / uri).exists() else None

    def delete(self, context: Context, state: State) -> None:
        shutil.rmtree(context.root / state.id, ignore_errors=True)

    def find(self, context: Context, inputs: Properties) -> State | None:
        wanted = CopyInputs.model_validate(inputs)
        return self.read(context, State(wanted.home, inputs, {"uri": wanted.uri}))


# A builder: what a kind of the spec becomes in the user's Pulumi program.


def copied(build: Build) -> Mapping[str, Any]:
    """Builder of data and of models."""
    import pulumi

    from mlstack.gap import GapResource

    path = pulumi.Output.from_input(build.spec.path)  # text, or an Output of another resource
    version = path.apply(lambda path: content.version(build.root / path))
    for field in ("columns", "flavor"):
        if getattr(build.spec, field, None):
            build.warn(field, "a folder keeps files, and not what they mean")
    copy = GapResource(
        "mlstack:folder:Copy",
        build.child(),
        {
            "name": build.name,
            "source": path,
            "version": version,
            "folder": f"{build.settings.path}/{build.stack_uid}/{build.kind}",
        },
        outputs=("uri",),
        opts=build.opts(),
    )
    return {"id": copy.id, "uri": copy.output("uri"), "version": version}


# The calls that are no resources.


class FolderRuntime:
    """A folder can only say what is in it."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def status(self, records: Sequence[Record]) -> list[Status]:
        states = {True: "ready", False: "absent"}
        return [
            Status(record.kind, record.name, states[self._there(record)], record.outputs["uri"])
            for record in records
        ]

    def _there(self, record: Record) -> bool:
        return (self.site.root / str(record.outputs["uri"])).exists()

    def check(self) -> Iterator[tuple[str, bool, str]]:
        folder = self.site.root / self.site.settings.path
        yield "the shared folder", not folder.exists() or folder.is_dir(), str(self.site.settings.path)

    def logs(self, record: Record, **_: Any) -> Iterator[str]:
        return iter(())

    def invoke(self, *_: Any, **__: Any) -> Any:
        raise UsageError(NOTHING_RUNS[0].upper() + NOTHING_RUNS[1:])

    def is_batch(self, record: Record) -> bool:
        return False

    run = score = cancel = measure = readings = invoke


# The provider: tables.

NOTHING_RUNS = "a folder runs nothing: use the local target, or a cloud"
NOT_THERE = "a folder has no such thing: copy what you need, and give its path"
NO_LABELS = "files carry no labels: leave them out"
ONE_VERSION = "only the newest version is kept: leave it out"


class Settings(BaseSettings):
    path: str = Field(default="shared", description="The folder, relative to the spec's.")


class Folder(Provider):
    name = "folder"
    Settings = Settings
    builders: ClassVar = {"data": "mlstack_folder:copied", "models": "mlstack_folder:copied"}
    resources: ClassVar = {"mlstack:folder:Copy": "mlstack_folder:Copy"}
    unsupported: ClassVar = {
        "workspace": NOTHING_RUNS,
        "secrets": NOTHING_RUNS,
        "compute": NOTHING_RUNS,
        "environments": NOTHING_RUNS,
        "jobs": NOTHING_RUNS,
        "endpoints": NOTHING_RUNS,
        "monitors": NOTHING_RUNS,
        "notifications": NOTHING_RUNS,
        "pipelines": NOTHING_RUNS,
        "schedules": NOTHING_RUNS,
        "budget": NOTHING_RUNS,
        "data.existing": NOT_THERE,
        "models.hub": NOT_THERE,
        "models.registry": NOT_THERE,
        "tags": NO_LABELS,
        "data.tags": NO_LABELS,
        "models.tags": NO_LABELS,
        "data.keep": ONE_VERSION,
        "models.keep": ONE_VERSION,
        "data.version": "the hash of the content is the version: leave it out",
        "region": "a folder is where it is: leave it out",
        "security=strict": "who may read a folder, its file system says",
        "policies": "nothing in a folder costs or exposes anything that a policy could forbid",
    }

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def runtime(self, site: Site) -> FolderRuntime:
        return FolderRuntime(site)

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        for name, data in stack.data.items():
            if isinstance(data.path, str):
                real = "folder" if (stack.root / data.path).is_dir() else "file"
                if data.type != real:
                    yield ("data", name, "type"), f"{data.path} is a {real}", f"write type: {real}"
