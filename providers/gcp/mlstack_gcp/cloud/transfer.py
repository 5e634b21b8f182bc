"""Files to and from a bucket: several at once, each in chunks, so that the memory is bounded."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack_gcp.cloud.failures import told
from mlstack_gcp.cloud.waiting import Cancelled

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

#: A chunk of one file; with the number of files that are on their way at once it bounds the memory.
CHUNK = 8 * 2**20
_STREAMS = 4
_AGAIN = "run the same command again: what has arrived is not sent again"


def send(
    bucket: Bucket,
    files: Mapping[str, tuple[Path, str]],
    progress: Progress,
    cancelled: threading.Event,
) -> None:
    """Object -> (file, its SHA-256 in hex). An object appears whole, and only with just that content.

    Raises TargetError: a file is not what it was when it was hashed; Cancelled.
    """
    stop = threading.Event()

    def one(item: tuple[str, tuple[Path, str]]) -> None:
        name, (path, digest) = item
        with path.open("rb") as file:
            stream = _Watched(file, progress, cancelled, stop)
            blob = bucket.blob(name, chunk_size=CHUNK)
            blob.upload_from_file(
                stream, size=path.stat().st_size, content_type="application/octet-stream", checksum="crc32c"
            )
        if stream.digest != digest:
            blob.delete()
            raise TargetError(
                f"{path.name} changes while it is sent",
                code="content-changes",
                category="transient",
                where=str(path),
                remedy="wait until nobody writes to it, then run the same command again",
            )

    with told(f"gs://{bucket.name}"), ThreadPoolExecutor(_STREAMS) as pool:
        try:
            for _ in pool.map(one, files.items()):
                pass
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Watched:
    """A file that is read from its beginning: counted, hashed, and stopped when the run is cancelled."""

    def __init__(
        self, file: IO[bytes], progress: Progress, cancelled: threading.Event, stop: threading.Event
    ) -> None:
        self._file = file
        self._progress = progress
        self._ends = (cancelled, stop)
        self._whole = hashlib.sha256()
        self._hashed = 0

    @property
    def digest(self) -> str:
        return self._whole.hexdigest()

    def read(self, size: int = -1) -> bytes:
        if any(end.is_set() for end in self._ends):
            raise Cancelled("cancelled while files were sent", category="transient", remedy=_AGAIN)
        at = self._file.tell()
        data = self._file.read(size)
        if at == self._hashed:  # a chunk that is sent again is read again
            self._whole.update(data)
            self._hashed += len(data)
            self._progress.add(len(data))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def listed(bucket: Bucket, prefix: str) -> dict[str, int]:
    """The objects below a prefix -> their sizes."""
    with told(f"gs://{bucket.name}/{prefix}"):
        return {blob.name: int(blob.size or 0) for blob in bucket.list_blobs(prefix=prefix)}


def newest(bucket: Bucket, prefix: str) -> str | None:
    """The name of the ``.json`` object right below a prefix that was written last."""
    with told(f"gs://{bucket.name}/{prefix}"):
        blobs = [
            blob
            for blob in bucket.list_blobs(prefix=prefix)
            if "/" not in blob.name.removeprefix(prefix) and blob.name.endswith(".json")
        ]
    found = max(blobs, key=lambda blob: blob.updated, default=None)
    return None if found is None else str(found.name)


def text(bucket: Bucket, name: str) -> str | None:
    """The text of an object; None where there is none."""
    from google.api_core.exceptions import NotFound

    with told(f"gs://{bucket.name}/{name}"):
        try:
            return str(bucket.blob(name).download_as_text())
        except NotFound:
            return None


def write(bucket: Bucket, name: str, content: str, labels: Mapping[str, str]) -> None:
    with told(f"gs://{bucket.name}/{name}"):
        blob = bucket.blob(name)
        blob.metadata = dict(labels) or None
        blob.upload_from_string(content, content_type="application/json")


def remove_all(bucket: Bucket, names: Iterable[str], cancelled: threading.Event) -> None:
    """Remove objects; those that are gone already are no error."""
    from google.api_core.exceptions import NotFound

    def one(name: str) -> None:
        if cancelled.is_set():
            raise Cancelled("cancelled while files were removed", category="transient", remedy=_AGAIN)
        try:
            bucket.blob(name).delete()
        except NotFound:
            return

    with told(f"gs://{bucket.name}"), ThreadPoolExecutor(2 * _STREAMS) as pool:
        for _ in pool.map(one, list(names)):
            pass
