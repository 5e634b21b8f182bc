"""``mlstack:aws:Upload``: files in the stack's folder of a bucket, as they are or packed: those of this
machine, and what a job has left on S3."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from mlstack.content import file_digest, fingerprint
from mlstack.errors import TargetError
from mlstack.lowering import archive, stores, upload
from mlstack.lowering.stores import Files
from mlstack.lowering.tree import digest as digest_of
from mlstack.lowering.tree import version_of_texts
from mlstack.lowering.upload import placed, write_texts
from mlstack.resource import Context, InputProblem, Properties
from mlstack_aws.cloud import AwsFailure
from mlstack_aws.cloud.objects import Store
from mlstack_aws.resources import fetch
from mlstack_aws.tree import TREE

#: The file that a packed upload is.
ARCHIVE = "model.tar.gz"


class UploadInputs(upload.UploadInputs):
    """``packed``: as one ``model.tar.gz``, together with what is ``beside`` (folder in the upload -> path
    relative to the spec's folder) and of ``source``, a folder or an archive of S3; ``version`` says of which
    content. ``digest`` is that of `mlstack_aws.uploads`.
    """

    region: str
    bucket: str
    beside: dict[str, str] = Field(default_factory=dict)
    source: str = ""
    version: str = ""
    packed: bool = False
    key: str | None = None


class Upload(upload.Upload[UploadInputs]):
    """Ids are ``s3://BUCKET/mlstack/STACK/HOME/``."""

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "region", "bucket"})
    tree = TREE
    kept = frozenset({"path", "beside", "source", "version", "plain", "packed", "key"})

    def store_of(self, inputs: UploadInputs) -> str:
        return f"s3://{inputs.bucket}"

    @contextmanager
    def open(self, context: Context, store: str, inputs: Properties) -> Iterator[Store]:
        yield Store(_bucket(store), inputs.get("region"), context.cancelled)

    def located(self, store: str, opened: stores.Store) -> dict[str, Any]:
        assert isinstance(opened, Store)
        return {"region": opened.home(), "bucket": _bucket(store)}

    def is_gone(self, error: TargetError) -> bool:
        return isinstance(error, AwsFailure) and error.gone

    def single(self, context: Context, inputs: UploadInputs) -> str | None:
        return ARCHIVE if inputs.packed else super().single(context, inputs)

    def check(self, context: Context, inputs: UploadInputs) -> None:
        if not inputs.packed:
            super().check(context, inputs)
        elif not (inputs.path or inputs.texts or inputs.beside or inputs.source):
            raise InputProblem("path", "a path, texts, a source, or something beside")
        upload.check_paths(context, *filter(None, (inputs.path, *inputs.beside.values())))

    @contextmanager
    def gathered(self, context: Context, inputs: UploadInputs) -> Iterator[Files]:
        if not inputs.packed:
            with super().gathered(context, inputs) as held:
                yield held
            return
        with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
            parts, found = self._parts(context, inputs, Path(folder))
            upload.unchanged(inputs, fingerprint("tar.gz", *parts))
            packed = Path(folder, ARCHIVE)
            archive.write(packed, found)
            yield {ARCHIVE: (packed, file_digest(packed))}

    def _parts(
        self, context: Context, inputs: UploadInputs, folder: Path
    ) -> tuple[list[str], dict[str, Path]]:
        """The versions of the parts of a pack, and name -> file of what is in it."""
        parts: list[str] = []
        found: dict[str, Path] = {}

        def take(path: Path, plain: bool, name: str = "") -> None:
            held = self.tree.files(path, plain=plain)
            parts.append(f"{name}={digest_of(path, held)[:12]}" if name else digest_of(path, held)[:12])
            for file, (there, _) in placed(path, held).items():
                found[f"{name}/{file}" if name else file] = there

        for name, path in sorted(inputs.beside.items()):
            take(context.root / path, False, name)
        if inputs.path:
            take(context.root / inputs.path, inputs.plain)
        if inputs.source:
            parts.append(inputs.version)
            found |= fetch.files(context, inputs.source, inputs.region, folder / "source")
        if inputs.texts:
            parts.append(version_of_texts(inputs.texts))
            write_texts(folder / "texts", inputs.texts)
            found |= {name: folder / "texts" / name for name in inputs.texts}
        return parts, found


def _bucket(store: str) -> str:
    return store.removeprefix("s3://")
