"""Files that only their owner may read, written so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

#: What nothing refers to any more is removed when its last use is so long ago: it may be wanted again, and a
#: stack whose folder is gone may only be on a disk that is not mounted.
UNUSED_SECONDS = 30 * 86_400.0


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
