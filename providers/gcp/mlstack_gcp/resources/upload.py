"""``mlstack:gcp:Upload``: a local file or folder, or texts, as objects in the stack's bucket."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from mlstack.content import digest as digest_of
from mlstack.errors import TargetError
from mlstack.lowering import archive, stores, upload
from mlstack.lowering.progress import Progress
from mlstack.lowering.stores import Files
from mlstack.resource import Context, Properties
from mlstack_gcp.cloud import CloudFailure, bucket, present
from mlstack_gcp.cloud.transfer import listed, newest, remove_all, send, text, write
from mlstack_gcp.tree import TREE

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

#: The file that a packed upload is.
ARCHIVE = "context.tar.gz"


class UploadInputs(upload.UploadInputs):
    """``pack``: all of it as one archive. ``labels`` are kept with it."""

    project: str = ""
    bucket: str
    pack: bool = False
    labels: dict[str, str] = Field(default_factory=dict)


class Upload(upload.Upload[UploadInputs]):
    """Ids are ``gs://BUCKET/mlstack/STACK/HOME/``."""

    Inputs = UploadInputs
    replace_on = frozenset({"stack_uid", "home", "bucket"})
    tree = TREE
    kept = frozenset({"path", "plain", "pack", "labels"})

    def store_of(self, inputs: UploadInputs) -> str:
        return f"gs://{inputs.bucket}"

    @contextmanager
    def open(self, context: Context, store: str, inputs: Properties) -> Iterator[Store]:
        with present():
            held = bucket(str(inputs.get("project") or ""), _bucket(store))
            yield Store(held, inputs.get("labels") or {}, context.cancelled)

    def located(self, store: str, opened: stores.Store) -> dict[str, Any]:
        return {"bucket": _bucket(store)}

    def is_gone(self, error: TargetError) -> bool:
        return isinstance(error, CloudFailure) and error.status == 404

    def single(self, context: Context, inputs: UploadInputs) -> str | None:
        return ARCHIVE if inputs.pack else super().single(context, inputs)

    @contextmanager
    def gathered(self, context: Context, inputs: UploadInputs) -> Iterator[Files]:
        with super().gathered(context, inputs) as held:
            if not inputs.pack:
                yield held
                return
            with tempfile.TemporaryDirectory(prefix="mlstack-") as folder:
                packed = Path(folder, ARCHIVE)
                archive.write(packed, {name: file for name, (file, _) in held.items()})
                yield {ARCHIVE: (packed, digest_of(packed))}


@dataclass(frozen=True)
class Store:
    """A bucket; ``labels`` are put on the manifests."""

    bucket: Bucket
    labels: Mapping[str, str]
    cancelled: threading.Event

    def list(self, prefix: str) -> dict[str, int]:
        return listed(self.bucket, prefix)

    def newest(self, prefix: str) -> str | None:
        return newest(self.bucket, prefix)

    def read(self, name: str) -> bytes | None:
        held = text(self.bucket, name)
        return None if held is None else held.encode()

    def write(self, name: str, content: bytes) -> None:
        write(self.bucket, name, content.decode(), self.labels)

    def send(self, files: Files, progress: Progress) -> None:
        send(self.bucket, files, progress, self.cancelled)

    def remove(self, prefix: str) -> None:
        remove_all(self.bucket, listed(self.bucket, prefix), self.cancelled)


def _bucket(store: str) -> str:
    return store.removeprefix("gs://")
