"""Send a folder's files as blobs: block by block, resumable, in bounded memory."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from mlstack.errors import TargetError
from mlstack.lowering.progress import Progress
from mlstack_azure.arm.blobs import BLOCK, Store
from mlstack_azure.arm.client import Interrupted
from mlstack_azure.arm.failures import told

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

#: Blocks that are on their way at once; with `BLOCK`, what bounds the memory.
_STREAMS = 4
#: The platform's limit of blocks in one blob.
_MOST_BLOCKS = 50_000


def send(store: Store, files: Mapping[str, tuple[Path, str]], progress: Progress) -> None:
    """Blob name -> (file, its SHA-256 in hex). A blob appears whole, and only with just that content.

    What an interrupted transfer of the same content left is not sent again. Raises TargetError: a file is not
    what it was when it was hashed.
    """
    room = threading.BoundedSemaphore(_STREAMS)
    with told(f"PUT {store.address}"), ThreadPoolExecutor(_STREAMS) as pool:
        waiting: list[Future[object]] = []
        try:
            for name, (path, digest) in files.items():
                _send_file(store.client.get_blob_client(name), path, digest, progress, pool, room, waiting)
                waiting = _raise_ended(waiting)
            for future in waiting:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _send_file(
    blob: BlobClient,
    path: Path,
    digest: str,
    progress: Progress,
    pool: ThreadPoolExecutor,
    room: threading.BoundedSemaphore,
    waiting: list[Future[object]],
) -> None:
    block_size = max(BLOCK, -(-path.stat().st_size // _MOST_BLOCKS))
    whole = hashlib.sha256()
    blocks = _blocks(path, block_size, whole)
    first = next(blocks, b"")
    second = next(blocks, None)
    if second is None:
        _check(path, whole, digest)
        waiting.append(
            _soon(pool, room, lambda: blob.upload_blob(first, overwrite=True), progress, len(first))
        )
        return
    there = _staged(blob)
    ids: list[str] = []
    sent: list[Future[object]] = []
    for block in _chain(first, second, blocks):
        id = _block_id(len(ids), block)
        ids.append(id)
        if there.get(id) == len(block):
            progress.add(len(block))
            continue
        sent.append(_soon(pool, room, partial(blob.stage_block, id, block), progress, len(block)))
        sent = _raise_ended(sent)
    _check(path, whole, digest)
    for future in sent:
        future.result()
    from azure.storage.blob import BlobBlock

    blob.commit_block_list([BlobBlock(id) for id in ids])


def _soon(
    pool: ThreadPoolExecutor,
    room: threading.BoundedSemaphore,
    call: Callable[[], object],
    progress: Progress,
    count: int,
) -> Future[object]:
    """Run it on a thread once one is free; until then the reading of files waits, too."""
    room.acquire()

    def run() -> None:
        try:
            call()
            progress.add(count)
        finally:
            room.release()

    return pool.submit(run)


def _raise_ended(futures: list[Future[object]]) -> list[Future[object]]:
    """Those that still go; the error of one that failed is raised."""
    going = []
    for future in futures:
        if future.done():
            future.result()
        else:
            going.append(future)
    return going


def _blocks(path: Path, size: int, whole: hashlib._Hash) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(size):
            whole.update(block)
            yield block


def _chain(first: bytes, second: bytes, more: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from more


def _block_id(index: int, block: bytes) -> str:
    """Of a block's place and content: one that is there under this id need not be sent."""
    return base64.b64encode(f"{index:06d}-{hashlib.sha256(block).hexdigest()[:24]}".encode()).decode()


def _staged(blob: BlobClient) -> dict[str, int]:
    """Blocks that were sent and never put together: id -> size."""
    try:
        _, uncommitted = blob.get_block_list("uncommitted")
    except ResourceNotFoundError:
        return {}
    return {block.id: block.size for block in uncommitted}


def _check(path: Path, whole: hashlib._Hash, digest: str) -> None:
    if whole.hexdigest() != digest:
        raise TargetError(
            f"{path.name} changes while it is sent",
            code="content-changes",
            category="transient",
            where=str(path),
            remedy="wait until nobody writes to it, then run the same command again",
        )


def remove_all(store: Store, names: list[str]) -> None:
    """Remove blobs; those that are gone already are no error."""
    if not names:
        return
    with ThreadPoolExecutor(_STREAMS * 2) as pool:
        for number, _ in enumerate(pool.map(store.remove, names)):
            if number % 100 == 0 and store.arm.cancelled.is_set():
                pool.shutdown(wait=False, cancel_futures=True)
                raise Interrupted("stopped while blobs were removed", remedy="run the same command again")
