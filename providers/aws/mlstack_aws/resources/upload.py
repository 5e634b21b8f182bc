"""``mlstack:aws:Upload``: files in the stack's folder of a bucket, as they are or packed: those of this
machine, and what a job has left on S3."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import Field

from mlstack.content import file_digest, fingerprint
from mlstack.content import size as shown_size
from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack.lowering.tree import digest as digest_of
from mlstack.lowering.tree import version_of_texts
from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State
from mlstack_aws.cloud import AwsFailure
from mlstack_aws.cloud.objects import Store
from mlstack_aws.resources import archive, fetch
from mlstack_aws.tree import TREE

#: What a place that is there in part reads as: never the digest of anything.
INCOMPLETE = "incomplete"


#: What a manifest holds of the inputs, for who imports.
_KEPT = ("path", "beside", "source", "version", "plain", "packed", "key")


class UploadInputs(Inputs):
    """``path`` and those of ``beside`` (folder in the upload -> path) are relative to the spec's folder;
    ``texts`` (name -> content) are what a builder makes itself. ``source`` is a folder or an archive of S3
    that is packed, ``version`` says of which content. ``digest`` is that of `mlstack_aws.uploads`.

    ``home`` is the upload's own place within the stack's ("models/digits"). ``plain``: data, of which all
    files go, whatever an ignore file says. ``packed``: as one ``model.tar.gz``.
    """

    stack_uid: str
    home: str
    region: str
    bucket: str
    path: str = ""
    beside: dict[str, str] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)
    source: str = ""
    version: str = ""
    digest: str
    plain: bool = False
    packed: bool = False
    key: str | None = None


@dataclass(frozen=True)
class Home:
    """Where one upload keeps all its versions: ``mlstack/<stack>/<home>/`` in a bucket."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, inputs: UploadInputs) -> Home:
        place = inputs.home.strip("/").replace("/", ".")  # no home is within another's
        return cls(inputs.bucket, f"mlstack/{inputs.stack_uid}/{place}/")

    @classmethod
    def parse(cls, id: str) -> Home:
        """From a resource's id: ``s3://BUCKET/PREFIX/``."""
        bucket, _, prefix = id.removeprefix("s3://").partition("/")
        return cls(bucket, prefix)

    @property
    def id(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def manifest(self, digest: str) -> str:
        """The object that says what belongs to a version. It is written last: then the version is whole."""
        return f"{self.prefix}{digest}.json"

    def store(self, context: Context, region: str | None) -> Store:
        return Store(self.bucket, region, context.cancelled)


class Upload(Resource[UploadInputs]):
    """Outputs: ``uri`` (s3://…; of a folder with a slash at its end), ``files`` and ``bytes``.

    A version is named by the hash of its content, so what is there is not sent again, and a new one comes
    beside the old: models that name the old one go on. ``delete`` removes all of them.
    """

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "region", "bucket"})

    def check(self, context: Context, inputs: UploadInputs) -> None:
        if not (inputs.path or inputs.texts or inputs.beside or inputs.source):
            raise InputProblem("path", "a path, texts, a source, or something beside")
        if not inputs.packed and bool(inputs.path) == bool(inputs.texts):
            raise InputProblem("path", "either a path or texts, unless they are packed")
        for path in filter(None, (inputs.path, *inputs.beside.values())):
            if not (context.root / path).exists():
                raise InputProblem("path", f"there is no {path}")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        unknown = dict.fromkeys(("uri", "files", "bytes"), UNKNOWN)
        if any(inputs.get(key) is UNKNOWN for key in UploadInputs.model_fields):
            return unknown
        if any(value is UNKNOWN for value in (inputs.get("texts") or {}).values()):
            return unknown
        given = UploadInputs.model_validate(dict(inputs))
        return {**unknown, "uri": _uri(Home.of(given), given.digest, _file_of(context, given))}

    def create(self, context: Context, inputs: UploadInputs) -> State:
        home = Home.of(inputs)
        store = home.store(context, inputs.region)
        prefix = f"{home.prefix}{inputs.digest}/"
        with _gathered(context, inputs) as held:
            files = {f"{prefix}{name}": file for name, file in held.items()}
            sizes = {name: file.stat().st_size for name, (file, _) in files.items()}
            there = store.list(prefix)
            left = {name: file for name, file in files.items() if there.get(name) != sizes[name]}
            if left:
                total = sum(sizes[name] for name in left)
                context.log(f"sending {len(left)} files, {shown_size(total)}, to s3://{home.bucket}")
                store.send(left, Progress(total, context.log))
            manifest = {
                **inputs.model_dump(include=set(_KEPT)),
                "file": _file_of(context, inputs),
                "files": {name.removeprefix(prefix): size for name, size in sizes.items()},
            }
            store.write(home.manifest(inputs.digest), json.dumps(manifest, sort_keys=True).encode())
        return State(home.id, inputs.model_dump(), _outputs(home, inputs.digest, manifest))

    def read(self, context: Context, state: State) -> State | None:
        home = Home.parse(state.id)
        store = home.store(context, state.inputs.get("region"))
        digest = state.inputs.get("digest")
        try:
            if not digest or digest == INCOMPLETE:
                digest = _newest(store, home)
            return _seen(store, home, str(digest), state.inputs) if digest else None
        except AwsFailure as failure:
            if failure.gone:  # the bucket is
                return None
            raise

    def delete(self, context: Context, state: State) -> None:
        home = Home.parse(state.id)
        try:
            home.store(context, state.inputs.get("region")).remove(home.prefix)
        except AwsFailure as failure:
            if not failure.gone:
                raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = UploadInputs.model_validate(_given(inputs))
        return self.read(context, State(Home.of(given).id, _given(inputs), {}))


@contextmanager
def _gathered(context: Context, inputs: UploadInputs) -> Iterator[dict[str, tuple[Path, str]]]:
    """Name in the upload -> (file, SHA-256 of it), whose content is what ``digest`` says."""
    with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
        beside = {name: (context.root / path, False) for name, path in sorted(inputs.beside.items())}
        found: dict[str, tuple[Path, str]] = {}
        parts = []
        for name, (path, plain) in beside.items():
            held = TREE.files(path, plain=plain)
            parts.append(f"{name}={digest_of(path, held)[:12]}")
            found |= {f"{name}/{file}": _held(path, file, value) for file, value in held.items()}
        if inputs.path:
            path = context.root / inputs.path
            held = TREE.files(path, plain=inputs.plain)
            parts.append(digest_of(path, held)[:12])
            found |= {file: _held(path, file, value) for file, value in held.items()}
        if inputs.source:
            parts.append(inputs.version)
            fetched = fetch.files(context, inputs.source, inputs.region, Path(folder, "source"))
            found |= {name: (file, file_digest(file)) for name, file in fetched.items()}
        if inputs.texts:
            parts.append(version_of_texts(inputs.texts))
            for name, text in inputs.texts.items():
                file = Path(folder, "texts", PurePosixPath(name))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode())
                found[name] = (file, hashlib.sha256(text.encode()).hexdigest())
        whole = fingerprint("tar.gz", *parts) if inputs.packed else parts[0]
        if whole != inputs.digest:
            raise TargetError(
                f"{inputs.path or inputs.home} was written to after it was looked at",
                code="content-changes",
                category="transient",
                remedy="run the same command again when nobody writes to it",
            )
        if inputs.packed:
            packed = Path(folder, archive.NAME)
            archive.write(packed, {name: file for name, (file, _) in found.items()})
            found = {archive.NAME: (packed, file_digest(packed))}
        yield found


def _held(path: Path, name: str, digest: str) -> tuple[Path, str]:
    return (path / name if path.is_dir() else path), digest


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
            "region": store.home(),
            "bucket": home.bucket,
            **{
                name: manifest.get(
                    name, UploadInputs.model_fields[name].get_default(call_default_factory=True)
                )
                for name in _KEPT
            },
            "texts": {},
            "digest": real,
        }
    return State(home.id, found, _outputs(home, digest, manifest))


def _newest(store: Store, home: Home) -> str | None:
    """The digest of the version that was completed last."""
    manifests = [
        each
        for each in store.listed(home.prefix)
        if "/" not in each["Key"].removeprefix(home.prefix) and each["Key"].endswith(".json")
    ]
    newest = max(manifests, key=lambda each: each["LastModified"], default=None)
    return None if newest is None else newest["Key"].removeprefix(home.prefix).removesuffix(".json")


def _outputs(home: Home, digest: str, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "uri": _uri(home, digest, manifest.get("file")),
        "files": len(manifest["files"]),
        "bytes": sum(manifest["files"].values()),
    }


def _uri(home: Home, digest: str, file: str | None) -> str:
    return f"s3://{home.bucket}/{home.prefix}{digest}/{file or ''}"


def _file_of(context: Context, inputs: UploadInputs) -> str | None:
    """The name of the one file that is uploaded; None for a folder."""
    if inputs.packed:
        return archive.NAME
    path = context.root / inputs.path
    return None if inputs.texts or path.is_dir() else path.name


def _given(inputs: Properties) -> dict[str, Any]:
    """Without defaults, which the program leaves out too: one that appears would be a change."""
    return {key: value for key, value in inputs.items() if value is not None}
