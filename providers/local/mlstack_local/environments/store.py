"""Virtual environments in the cache, shared between stacks, one per lock.

    <cache>/environments/<version>/          the environment; `.complete` in it is written last
    <cache>/environments/refs/<version>/     a file per stack and name that uses it: the stack's folder
    <cache>/environments/locks/<version>     held while it is made or removed

What no living stack refers to is removed when a new one is made, a month after its last use.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from mlstack.paths import cache_dir
from mlstack.resource import ResourceFailed
from mlstack_local.environments import lock as locks
from mlstack_local.environments import uv
from mlstack_local.layout import Layout

_COMPLETE = ".complete"
_UNUSED_SECONDS = 30 * 86400


def folder(version: str) -> Path:
    """Where the environment of a version is, or would be."""
    return _home() / version


def is_complete(version: str) -> bool:
    """Whether it can be used: made to the end, and its interpreter still there."""
    return (folder(version) / _COMPLETE).is_file() and (folder(version) / "bin" / "python").exists()


def make(
    version: str,
    lock: str,
    interpreter: Callable[[], Path],
    cwd: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
) -> None:
    """Make the environment where it is not complete. Two who meet wait for each other."""
    with _held(version):
        if is_complete(version):
            return
        target = folder(version)
        shutil.rmtree(target, ignore_errors=True)
        count = locks.packages(lock)
        try:
            found = str(interpreter())
            uv.run(
                ["venv", str(target), "--python", found, "--no-project", "--no-python-downloads"],
                cwd=cwd,
                cancelled=cancelled,
            )
            if count:
                _install(target, lock, count, cwd, log, cancelled)
        except uv.UvFailed as failed:
            raise failed.as_failure(
                f"the {count} packages of an environment cannot be installed",
                "name a version of the package that can be installed on this machine",
            ) from failed
        (target / _COMPLETE).touch()
    collect()


def _install(
    target: Path,
    lock: str,
    count: int,
    cwd: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None,
) -> None:
    log(f"installing {count} packages")
    file = target / "lock.txt"
    file.write_text(lock)
    arguments = ["pip", "sync", str(file), "--require-hashes", "--python", str(target / "bin" / "python")]
    uv.run(arguments, cwd=cwd, cancelled=cancelled, log=log)


def refer(version: str, layout: Layout, name: str) -> None:
    """Say that a stack's environment ``name`` uses a version, and no other any more."""
    mark = f"{layout.stack_uid}.{name}"
    for old in (_home() / "refs").glob(f"*/{mark}"):
        if old.parent.name != version:
            _release(old)
    reference = _home() / "refs" / version / mark
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(str(layout.home))


def release(layout: Layout, name: str) -> None:
    """The stack's environment ``name`` is no more."""
    for reference in (_home() / "refs").glob(f"*/{layout.stack_uid}.{name}"):
        _release(reference)


def collect(unused_seconds: float = _UNUSED_SECONDS) -> list[str]:
    """Remove the environments that no living stack has used for so long; their versions."""
    removed = []
    for marker in _home().glob(f"*/{_COMPLETE}"):
        version = marker.parent.name
        if _is_used(version) or time.time() - marker.stat().st_mtime < unused_seconds:
            continue
        with _held(version):
            if not _is_used(version):
                marker.unlink(missing_ok=True)
                shutil.rmtree(marker.parent, ignore_errors=True)
                shutil.rmtree(_home() / "refs" / version, ignore_errors=True)
                removed.append(version)
    return removed


def _release(reference: Path) -> None:
    reference.unlink(missing_ok=True)
    marker = folder(reference.parent.name) / _COMPLETE
    if marker.exists():
        marker.touch()  # the time since when nothing uses it


def _is_used(version: str) -> bool:
    references = (_home() / "refs" / version).glob("*")
    return any(Path(reference.read_text()).is_dir() for reference in references)


def _held(version: str) -> FileLock:
    path = _home() / "locks" / version
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceFailed(
            f"the cache folder {_home()} cannot be written: {error.strerror}",
            remedy="make it writable, or name another folder in MLSTACK_CACHE",
            category="permission",
        ) from error
    return FileLock(path)


def _home() -> Path:
    return cache_dir() / "environments"
