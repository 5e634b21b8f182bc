"""``mlstack:azure:Upload``: a local file or folder as blobs in a workspace's datastore."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import Field

from mlstack.content import size as shown_size
from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack.lowering.tree import digest
from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State
from mlstack_azure.arm import Arm, Workspace, present
from mlstack_azure.arm.blobs import Store, open_store
from mlstack_azure.arm.failures import HttpFailure
from mlstack_azure.arm.transfer import remove_all, send
from mlstack_azure.tree import TREE

#: What a place that is there in part reads as: never the digest of anything.
INCOMPLETE = "incomplete"


class UploadInputs(Inputs):
    """``path`` is relative to the spec's folder, ``digest`` what `mlstack_azure.tree.version` says of it.

    ``texts`` (name -> content) stand in the place of a path, for what a builder makes itself; their digest is
    `mlstack_azure.tree.version_of_texts`. ``home`` is the upload's own place within the stack's
    ("jobs/train"). ``plain``: data, of which all files go, whatever an ignore file says.
    """

    stack_uid: str
    home: str
    workspace_id: str
    path: str = ""
    texts: dict[str, str] = Field(default_factory=dict)
    digest: str
    datastore: str = "workspaceblobstore"
    plain: bool = False


@dataclass(frozen=True)
class Home:
    """Where one upload keeps all its versions: ``mlstack/<stack>/<home>/`` in a datastore."""

    workspace: Workspace
    datastore: str
    prefix: str

    @classmethod
    def of(cls, inputs: UploadInputs) -> Home:
        place = inputs.home.strip("/").replace("/", ".")  # no home is within another's
        return cls(
            Workspace.of(inputs.workspace_id), inputs.datastore, f"mlstack/{inputs.stack_uid}/{place}/"
        )

    @classmethod
    def parse(cls, id: str) -> Home:
        """From a resource's id: the datastore's ARM id, then the prefix."""
        workspace = Workspace.of(id)
        datastore, _, prefix = id[len(workspace.id) :].removeprefix("/datastores/").partition("/")
        return cls(workspace, datastore, prefix)

    @property
    def id(self) -> str:
        return f"{self.workspace.id}/datastores/{self.datastore}/{self.prefix}"

    def manifest(self, digest: str) -> str:
        """The blob that says what belongs to a version. It is written last: with it the version is whole."""
        return f"{self.prefix}{digest}.json"

    def uri(self, digest: str, file: str | None) -> str:
        return self.workspace.datastore_uri(self.datastore, f"{self.prefix}{digest}/{file or ''}")

    def store(self, arm: Arm, context: Context) -> Store:
        return open_store(arm, self.workspace, self.datastore, context.log)


class Upload(Resource[UploadInputs]):
    """Outputs: ``uri`` (azureml://…), ``url`` (https://…), ``prefix``, ``account``, ``container``, ``files``
    and ``bytes``.

    A version is named by the hash of its content, so what is there is not sent again, and a new one comes
    beside the old: asset versions that name the old one go on. ``delete`` removes all of them.
    """

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "workspace_id", "datastore"})

    def check(self, context: Context, inputs: UploadInputs) -> None:
        if bool(inputs.path) == bool(inputs.texts):
            raise InputProblem("path", "either a path or texts")
        if not (context.root / inputs.path).exists():
            raise InputProblem("path", f"there is no {inputs.path}")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown = dict.fromkeys(("uri", "url", "prefix", "account", "container", "files", "bytes"), UNKNOWN)
        if any(inputs.get(key) is UNKNOWN for key in ("workspace_id", "digest", "path", "stack_uid", "home")):
            return unknown
        given = UploadInputs.model_validate(dict(inputs))
        home = Home.of(given)
        return {
            **unknown,
            "uri": home.uri(given.digest, None if given.texts else _file_of(context.root / given.path)),
            "prefix": f"{home.prefix}{given.digest}",
        }

    def create(self, context: Context, inputs: UploadInputs) -> State:
        if not inputs.texts:
            return self._upload(context, inputs, context.root / inputs.path)
        with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
            for name, text in inputs.texts.items():
                file = Path(folder, PurePosixPath(name))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode())
            return self._upload(context, inputs, Path(folder))

    def _upload(self, context: Context, inputs: UploadInputs, path: Path) -> State:
        home = Home.of(inputs)
        held = TREE.files(path, plain=inputs.plain or bool(inputs.texts))
        if digest(path, held)[:12] != inputs.digest:
            raise TargetError(
                f"{inputs.path or inputs.home} was written to after it was looked at",
                code="content-changes",
                category="transient",
                remedy="run the same command again when nobody writes to it",
            )
        with present(context.cancelled) as arm:
            store = home.store(arm, context)
            prefix = f"{home.prefix}{inputs.digest}/"
            files = {f"{prefix}{name}": _file(path, name, digest) for name, digest in held.items()}
            sizes = {name: file.stat().st_size for name, (file, _) in files.items()}
            there = store.list(prefix)
            left = {name: file for name, file in files.items() if there.get(name) != sizes[name]}
            if left:
                total = sum(sizes[name] for name in left)
                context.log(
                    f"sending {len(left)} files, {shown_size(total)}, to {store.account}/{store.container}"
                )
                send(store, left, Progress(total, context.log))
            manifest = {
                "path": inputs.path,
                "plain": inputs.plain,
                "file": _file_of(path),
                "files": {name.removeprefix(prefix): size for name, size in sizes.items()},
            }
            store.write(home.manifest(inputs.digest), json.dumps(manifest, sort_keys=True).encode())
            return State(home.id, inputs.model_dump(), _outputs(home, store, inputs.digest, manifest))

    def read(self, context: Context, state: State) -> State | None:
        home = Home.parse(state.id)
        digest = state.inputs.get("digest")
        with present(context.cancelled) as arm:
            try:
                store = home.store(arm, context)
                if not digest or digest == INCOMPLETE:
                    digest = _newest(store, home)
                return _seen(store, home, str(digest), state.inputs) if digest else None
            except HttpFailure as failure:
                if failure.status == 404:  # the workspace, its datastore or the container is gone
                    return None
                raise

    def delete(self, context: Context, state: State) -> None:
        home = Home.parse(state.id)
        with present(context.cancelled) as arm:
            try:
                store = home.store(arm, context)
                remove_all(store, list(store.list(home.prefix)))
            except HttpFailure as failure:
                if failure.status != 404:
                    raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = UploadInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        return self.read(context, State(Home.of(given).id, given.model_dump(), {}))


def _seen(store: Store, home: Home, digest: str, inputs: Properties) -> State | None:
    """A version as it is there: whole, in part (its digest is not what it should be), or not at all."""
    there = store.list(f"{home.prefix}{digest}/")
    content = store.read(home.manifest(digest))
    if content is None and not there:
        return None
    manifest: dict[str, Any] = json.loads(content) if content else {"files": {}}
    missing = [
        name for name, size in manifest["files"].items() if there.get(f"{home.prefix}{digest}/{name}") != size
    ]
    real = INCOMPLETE if missing or content is None else digest
    if inputs:
        found = {**inputs, "digest": real}
    else:
        _, uid, place, *_ = home.prefix.split("/")
        found = {
            "stack_uid": uid,
            "home": place.replace(".", "/"),
            "workspace_id": home.workspace.id,
            "datastore": home.datastore,
            "path": manifest.get("path", ""),
            "texts": {},
            "plain": manifest.get("plain", False),
            "digest": real,
        }
    return State(home.id, found, _outputs(home, store, digest, manifest))


def _newest(store: Store, home: Home) -> str | None:
    """The digest of the version that was completed last."""
    blobs = [
        blob
        for blob in store.client.list_blobs(name_starts_with=home.prefix)
        if "/" not in blob.name.removeprefix(home.prefix) and blob.name.endswith(".json")
    ]
    newest = max(blobs, key=lambda blob: blob.last_modified, default=None)
    return None if newest is None else newest.name.removeprefix(home.prefix).removesuffix(".json")


def _outputs(home: Home, store: Store, digest: str, manifest: dict[str, Any]) -> dict[str, Any]:
    file = manifest.get("file")
    prefix = f"{home.prefix}{digest}"
    return {
        "uri": home.uri(digest, file),
        "url": f"{store.url}/{prefix}" + (f"/{file}" if file else ""),
        "prefix": prefix,
        "account": store.account,
        "container": store.container,
        "files": len(manifest["files"]),
        "bytes": sum(manifest["files"].values()),
    }


def _file(path: Path, name: str, digest: str) -> tuple[Path, str]:
    return (path / name if path.is_dir() else path), digest


def _file_of(path: Path) -> str | None:
    """The name of the one file that is uploaded; None for a folder."""
    return None if path.is_dir() else path.name
