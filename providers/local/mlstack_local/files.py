"""Files that only their owner may read, written so that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from pathlib import Path

#: What nothing refers to any more is removed when its last use is so long ago: it may be wanted again, and a
#: stack whose folder is gone may only be on a disk that is not mounted.
UNUSED_SECONDS = 30 * 86_400.0
#: Folders that somebody still writes to are tried again for so long.
_BUSY_SECONDS = 10.0
_BUSY = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.ENOENT})


def private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` at once; mode 0600."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def matching(folder: Path, pattern: str = "*") -> list[Path]:
    """What of a folder matches, in order, also while another verb removes some of it.

    `Path.glob` raises FileNotFoundError where a folder vanishes between being seen and being listed.
    """
    while True:
        try:
            return sorted(folder.glob(pattern))
        except FileNotFoundError:  # each time something else is gone: this ends
            continue


def modified(path: Path) -> float | None:
    """When it was changed last, in epoch seconds; None when it is not there (any more)."""
    try:
        return path.stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return None


def size_of(path: Path) -> int:
    """In bytes; 0 of what is not there (any more)."""
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def remove_tree(folder: Path) -> None:
    """Remove a folder that others may be writing to, or removing, at this very moment.

    A process that has been told to end, or one that it started, may add a file (a note, a ``.pyc``) between
    the listing of a folder and its removal.
    """
    deadline = time.monotonic() + _BUSY_SECONDS
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            if error.errno not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def prune(folder: Path, upto: Path) -> None:
    """Remove ``folder`` and its parents up to and with ``upto``, as long as they are empty."""
    while folder == upto or upto in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log; none when it is not there."""
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            size = min(end, 256 * max(count, 1))
            while True:
                stream.seek(end - size)
                lines = stream.read(size).splitlines()
                if len(lines) > count or size == end:
                    break
                size = min(end, size * 4)
    except FileNotFoundError:
        return []
    return [line.decode(errors="replace") for line in lines[len(lines) - min(count, len(lines)) :]]
