"""A folder in the cache that is there whole or not at all, and that one process makes at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack.obtain.stream import Progress


@contextmanager
def alone(home: Path, what: str, progress: Progress) -> Iterator[None]:
    """Hold the lock beside ``home``, after a wait for another process that is obtaining ``what``."""
    from filelock import FileLock, Timeout  # a tenth of a second to import, and seldom needed

    home.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.parent / f"{home.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"another setup is obtaining {what}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def staged(home: Path) -> Iterator[Path]:
    """A folder beside ``home``, to become it by a rename; those that a killed run left are removed."""
    prefix = f".{home.name}-"
    for left in home.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    stage = Path(tempfile.mkdtemp(prefix=prefix, dir=home.parent))
    stage.chmod(0o755)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
