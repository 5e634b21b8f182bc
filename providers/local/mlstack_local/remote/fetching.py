"""Fetching: whole or not there, each file at once, what was fetched before an interruption is kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from filelock import FileLock

from mlstack.content.progress import Meter, size
from mlstack.errors import TargetError
from mlstack_local.files import write_private
from mlstack_local.remote import filesystem
from mlstack_local.remote.failures import attempt
from mlstack_local.remote.listing import Entry, Listing, listing
from mlstack_local.remote.places import folder_of, local_path, manifest_of, version_folder
from mlstack_local.remote.uris import redacted
from mlstack_local.remote.versions import check

_THREADS = 8
#: Free bytes that a download leaves on the disk.
_SPARE = 200 << 20

Watch = Callable[[Path, int, int], None]


def ensure(
    uri: str, version: str, watch: Watch | None = None, cancelled: threading.Event | None = None
) -> Path:
    """The local path of a version of a canonical URI, fetched where it is not there whole.

    ``watch`` is told the bytes that have come, and all. Raises TargetError: also where the version is not, or
    no longer, what is there.
    """
    check(uri)
    folder = folder_of(uri)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not _is_whole(uri, version):
            (folder / "uri").write_text(f"{redacted(uri)}\n")
            _fetch(uri, version, watch or (lambda *_: None), cancelled or threading.Event())
        os.utime(manifest_of(uri, version))  # when it was last used
    return local_path(uri, version)


def _is_whole(uri: str, version: str) -> bool:
    folder = version_folder(uri, version)
    try:
        files: dict[str, int] = json.loads(manifest_of(uri, version).read_bytes())["files"]
        return all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _fetch(uri: str, version: str, watch: Watch, cancelled: threading.Event) -> None:
    there = listing(uri)
    if there.version not in (None, version) and not _is_declared(version):
        raise TargetError(
            f"{redacted(uri)} is of version {there.version}, no longer {version}",
            code="remote-changed",
            category="transient",
            remedy="run the same command again",
        )
    folder = version_folder(uri, version)
    fresh = folder.with_name(f".new-{folder.name}")
    for left in folder.parent.glob(".new-*"):  # of a version that is gone; we hold the lock
        if left != fresh:
            shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(mode=0o700, exist_ok=True)
    missing = [entry for entry in there.entries if not _is_there(fresh / entry.name, entry)]
    _make_room(there, missing, fresh)
    meter = Meter(Path(redacted(uri)), there.size, watch)
    meter.add(there.size - sum(entry.size or 0 for entry in missing))
    fs, _ = attempt(uri, lambda: filesystem.opened(uri))
    with ThreadPoolExecutor(min(_THREADS, max(1, len(missing)))) as pool:
        try:
            for _ in pool.map(lambda entry: _fetch_file(fs, uri, entry, fresh, meter, cancelled), missing):
                pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    meter.finish()
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    files = {entry.name: (folder / entry.name).stat().st_size for entry in there.entries}
    write_private(manifest_of(uri, version), json.dumps({"uri": redacted(uri), "files": files}))


def _is_declared(version: str) -> bool:
    """Whether the spec gave the version: a listing's is 12 hex digits."""
    return len(version) != 12 or not set(version) <= set("0123456789abcdef")


def _is_there(file: Path, entry: Entry) -> bool:
    """Whether an interrupted run has fetched it: what has its name is whole."""
    return file.is_file() and entry.size in (None, file.stat().st_size)


def _make_room(there: Listing, missing: list[Entry], folder: Path) -> None:
    needed = sum(entry.size or 0 for entry in missing)
    free = shutil.disk_usage(folder).free
    if needed + _SPARE > free:
        raise TargetError(
            f"{redacted(there.uri)} has {size(needed)} to fetch, and the disk of {folder} has room for "
            f"{size(free)}",
            code="disk-full",
            category="quota",
            remedy="make room there (`mlstack gc --all`), or set MLSTACK_CACHE to a folder on another disk",
        )


def _fetch_file(
    fs: Any, uri: str, entry: Entry, folder: Path, meter: Meter, cancelled: threading.Event
) -> None:
    target = folder / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{hashlib.sha256(entry.name.encode()).hexdigest()[:16]}")
    seen: set[str] = set()
    while True:
        attempt(uri, lambda: _transfer(fs, uri, entry, part, cancelled))
        if entry.md5 is None:
            break
        got = _md5(part)
        # An ETag may look like an MD5 and be none (of encrypted objects): two transfers that agree are right
        if got == entry.md5 or got in seen:
            break
        if len(seen) == 2:
            raise TargetError(
                f"{redacted(uri)}: {entry.name} comes with another content each time",
                code="remote-changed",
                category="transient",
                remedy="run the same command again",
            )
        seen.add(got)
    part.replace(target)
    meter.add(entry.size or 0)


def _transfer(fs: Any, uri: str, entry: Entry, part: Path, cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise TargetError(
            f"fetching {redacted(uri)} was stopped",
            code="interrupted",
            category="user",
            remedy="the same command goes on from there",
        )
    fs.get_file(entry.path, str(part))
    came = part.stat().st_size
    if entry.size is not None and came != entry.size:
        raise ConnectionError(f"{entry.name} came with {came} bytes of {entry.size}")


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
