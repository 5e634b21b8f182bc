"""``mlstack:gcp:Upload``: a local file or folder, or texts, as objects in the stack's bucket."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import Field

from mlstack.content import digest as digest_of
from mlstack.content import size as shown_size
from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack.lowering.tree import digest
from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State
from mlstack_gcp.cloud import CloudFailure, bucket, present
from mlstack_gcp.cloud.transfer import archive, listed, remove_all, send, text, write
from mlstack_gcp.tree import TREE

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

#: What a place that is there in part reads as: never the digest of anything.
INCOMPLETE = "incomplete"
#: The file that a packed upload is.
ARCHIVE = "context.tar.gz"


class UploadInputs(Inputs):
    """``path`` is relative to the spec's folder, ``digest`` what `mlstack_gcp.tree` says of it.

    ``texts`` (name -> content) stand in the place of a path, for what a builder makes itself. ``home`` is the
    upload's own place within the stack's ("jobs/train"). ``plain``: data, of which all files go, whatever an
    ignore file says. ``pack``: all of it as one archive. ``labels`` are kept with it.
    """

    stack_uid: str
    home: str
    project: str = ""
    bucket: str
    path: str = ""
    texts: dict[str, str] = Field(default_factory=dict)
    digest: str
    plain: bool = False
    pack: bool = False
    labels: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Home:
    """Where one upload keeps all its versions: ``gs://BUCKET/mlstack/<stack>/<home>/``."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, inputs: UploadInputs) -> Home:
        place = inputs.home.strip("/").replace("/", ".")  # no home is within another's
        return cls(inputs.bucket, f"mlstack/{inputs.stack_uid}/{place}/")

    @classmethod
    def parse(cls, id: str) -> Home:
        name, _, prefix = id.removeprefix("gs://").partition("/")
        return cls(name, prefix)

    @property
    def id(self) -> str:
        return f"gs://{self.bucket}/{self.prefix}"

    def manifest(self, digest: str) -> str:
        """What belongs to a version. It is written last: with it the version is whole."""
        return f"{self.prefix}{digest}.json"

    def uri(self, digest: str, file: str | None) -> str:
        return f"{self.id}{digest}/{file or ''}"


class Upload(Resource[UploadInputs]):
    """Outputs: ``uri`` (gs://…), ``prefix``, ``files`` and ``bytes``.

    A version is named by the hash of its content, so what is there is not sent again, and a new one comes
    beside the old: what names the old one goes on. ``delete`` removes all of them.
    """

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "bucket"})

    def check(self, context: Context, inputs: UploadInputs) -> None:
        if bool(inputs.path) == bool(inputs.texts):
            raise InputProblem("path", "either a path or texts")
        if not (context.root / inputs.path).exists():
            raise InputProblem("path", f"there is no {inputs.path}")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown = dict.fromkeys(("uri", "prefix", "files", "bytes"), UNKNOWN)
        if any(inputs.get(key) is UNKNOWN for key in ("bucket", "digest", "path", "stack_uid", "home")):
            return unknown
        texts = inputs.get("texts") or {}
        given = UploadInputs.model_validate(
            {key: value for key, value in inputs.items() if key not in ("texts", "labels", "project")}
            | {"texts": dict.fromkeys(texts, "") if isinstance(texts, dict) else {"?": ""}}
        )
        home = Home.of(given)
        uri = home.uri(given.digest, _file_of(given, context.root / given.path))
        return {**unknown, "uri": uri, "prefix": f"{home.prefix}{given.digest}"}

    def create(self, context: Context, inputs: UploadInputs) -> State:
        if not inputs.texts:
            return self._upload(context, inputs, context.root / inputs.path)
        with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
            for name, content in inputs.texts.items():
                file = Path(folder, PurePosixPath(name))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.encode())
            return self._upload(context, inputs, Path(folder))

    def _upload(self, context: Context, inputs: UploadInputs, path: Path) -> State:
        held = TREE.files(path, plain=inputs.plain or bool(inputs.texts))
        if digest(path, held)[:12] != inputs.digest:
            raise TargetError(
                f"{inputs.path or inputs.home} was written to after it was looked at",
                code="content-changes",
                category="transient",
                remedy="run the same command again when nobody writes to it",
            )
        files = {name: (path / name if path.is_dir() else path) for name in held}
        if not inputs.pack:
            return self._send(context, inputs, path, {name: (files[name], held[name]) for name in held})
        with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
            packed = Path(folder, ARCHIVE)
            archive(packed, files)
            return self._send(context, inputs, path, {ARCHIVE: (packed, digest_of(packed))})

    def _send(
        self, context: Context, inputs: UploadInputs, path: Path, given: dict[str, tuple[Path, str]]
    ) -> State:
        home = Home.of(inputs)
        prefix = f"{home.prefix}{inputs.digest}/"
        with present():
            store = bucket(inputs.project, home.bucket)
            sizes = {name: file.stat().st_size for name, (file, _) in given.items()}
            there = listed(store, prefix)
            left = {
                f"{prefix}{name}": file
                for name, file in given.items()
                if there.get(f"{prefix}{name}") != sizes[name]
            }
            if left:
                total = sum(sizes[name.removeprefix(prefix)] for name in left)
                context.log(f"sending {len(left)} files, {shown_size(total)}, to {home.id}")
                send(store, left, Progress(total, context.log), context.cancelled)
            manifest = {
                "path": inputs.path,
                "plain": inputs.plain,
                "pack": inputs.pack,
                "file": _file_of(inputs, path),
                "files": sizes,
                "labels": inputs.labels,
            }
            content = json.dumps(manifest, sort_keys=True)
            write(store, home.manifest(inputs.digest), content, inputs.labels)
        return State(home.id, inputs.model_dump(), _outputs(home, inputs.digest, manifest))

    def read(self, context: Context, state: State) -> State | None:
        home = Home.parse(state.id)
        digest = state.inputs.get("digest")
        with present():
            store = bucket(str(state.inputs.get("project") or ""), home.bucket)
            try:
                if not digest or digest == INCOMPLETE:
                    digest = _newest(store, home)
                return _seen(store, home, str(digest), state.inputs) if digest else None
            except CloudFailure as failure:
                if failure.status == 404:  # the bucket is gone
                    return None
                raise

    def delete(self, context: Context, state: State) -> None:
        home = Home.parse(state.id)
        with present():
            store = bucket(str(state.inputs.get("project") or ""), home.bucket)
            try:
                remove_all(store, listed(store, home.prefix), context.cancelled)
            except CloudFailure as failure:
                if failure.status != 404:
                    raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = UploadInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        return self.read(context, State(Home.of(given).id, given.model_dump(), {}))


def _seen(store: Bucket, home: Home, digest: str, inputs: Properties) -> State | None:
    """A version as it is there: whole, in part (its digest is not what it should be), or not at all."""
    there = listed(store, f"{home.prefix}{digest}/")
    content = text(store, home.manifest(digest))
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
        found = UploadInputs(
            stack_uid=uid,
            home=place.replace(".", "/"),
            bucket=home.bucket,
            digest=real,
            **{key: manifest[key] for key in ("path", "plain", "pack", "labels") if key in manifest},
        ).model_dump()
    return State(home.id, found, _outputs(home, digest, manifest))


def _newest(store: Bucket, home: Home) -> str | None:
    """The digest of the version that was completed last."""
    blobs = [
        blob
        for blob in store.list_blobs(prefix=home.prefix)
        if "/" not in blob.name.removeprefix(home.prefix) and blob.name.endswith(".json")
    ]
    newest = max(blobs, key=lambda blob: blob.updated, default=None)
    return None if newest is None else newest.name.removeprefix(home.prefix).removesuffix(".json")


def _outputs(home: Home, digest: str, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "uri": home.uri(digest, manifest.get("file")),
        "prefix": f"{home.prefix}{digest}",
        "files": len(manifest["files"]),
        "bytes": sum(manifest["files"].values()),
    }


def _file_of(inputs: UploadInputs, path: Path) -> str | None:
    """The name of the one file that is there; None for a folder."""
    if inputs.pack:
        return ARCHIVE
    return None if inputs.texts or path.is_dir() else path.name
