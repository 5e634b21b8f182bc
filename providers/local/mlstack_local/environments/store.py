"""Virtual environments in the cache, shared between stacks, one per lock.

    <cache>/environments/<version>/          the environment; `.complete` in it is written last
    <cache>/environments/refs/<version>/     a file per stack and name that uses it: the stack's folder;
                                             "~" and a time after the name: an older version that is kept
    <cache>/environments/locks/<version>     held while it is made or removed

What no living stack refers to is removed when a new one is made, a month after its last use.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from mlstack.lowering.locks import lock as locks
from mlstack.lowering.locks import uv
from mlstack.paths import cache_dir
from mlstack.resource import ResourceFailed
from mlstack_local.environments import setup
from mlstack_local.files import UNUSED_SECONDS, matching, modified, write_private
from mlstack_local.layout import Layout

_COMPLETE = ".complete"


def folder(version: str) -> Path:
    """Where the environment of a version is, or would be."""
    return _home() / version


def is_complete(version: str) -> bool:
    """Whether it can be used: made to the end, and its interpreter still there."""
    return (folder(version) / _COMPLETE).is_file() and (folder(version) / "bin" / "python").exists()


@dataclass(frozen=True)
class Recipe:
    """What an environment is made from. ``setup``: shell commands that are run before the packages come."""

    version: str
    lock: str
    setup: tuple[str, ...] = ()


def make(
    recipe: Recipe,
    interpreter: Callable[[], Path],
    cwd: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
) -> None:
    """Make the environment where it is not complete. Two who meet wait for each other."""
    with _held(recipe.version):
        if is_complete(recipe.version):
            return
        target = folder(recipe.version)
        shutil.rmtree(target, ignore_errors=True)
        count = locks.packages(recipe.lock)
        try:
            found = str(interpreter())
            uv.run(
                ["venv", str(target), "--python", found, "--no-project", "--no-python-downloads"],
                cwd=cwd,
                cancelled=cancelled,
            )
            if recipe.setup:
                setup.run(recipe.setup, target, log, cancelled)
            if count:
                _install(target, recipe.lock, count, cwd, log, cancelled)
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
    """From uv's cache alone where that has everything: then no network is needed, and none is waited for."""
    log(f"installing {count} packages")
    file = target / "lock.txt"
    file.write_text(lock)
    # what a setup command has installed into it stays, which `pip sync` would take out
    arguments = ["pip", "install", "--requirements", str(file), "--no-deps", "--require-hashes"]
    arguments += ["--python", str(target / "bin" / "python")]
    try:
        uv.run([*arguments, "--offline"], cwd=cwd, cancelled=cancelled, log=log)
    except uv.UvFailed:
        uv.run(arguments, cwd=cwd, cancelled=cancelled, log=log)


def hold(version: str, layout: Layout, name: str) -> None:
    """Say that a stack's environment ``name`` uses a version, beside what it used before."""
    reference = _home() / "refs" / version / f"{layout.stack_uid}.{name}"
    with _held(version):  # who removes it looks for references first
        write_private(_folder(reference.parent) / reference.name, str(layout.home))


def refer(version: str, layout: Layout, name: str, keep: int = 0) -> None:
    """Say that a stack's environment ``name`` uses a version, and of others no more than ``keep``, the
    newest of those that it used before."""
    hold(version, layout, name)
    mark = f"{layout.stack_uid}.{name}"
    refs = _home() / "refs"
    for old in matching(refs, f"*/{mark}"):
        if old.parent.name != version:
            with contextlib.suppress(FileNotFoundError):  # it was collected just now
                old.rename(old.with_name(f"{mark}~{time.time_ns()}"))
    kept = [old for old in matching(refs, f"*/{mark}~*") if old.parent.name != version]
    kept.sort(key=lambda old: int(old.name.rpartition("~")[2]), reverse=True)
    for old in [*kept[keep:], *matching(refs / version, f"{mark}~*")]:
        _release(old)


def release(layout: Layout, name: str) -> None:
    """The stack's environment ``name`` is no more."""
    for mark in (f"{layout.stack_uid}.{name}", f"{layout.stack_uid}.{name}~*"):
        for reference in matching(_home() / "refs", f"*/{mark}"):
            _release(reference)


def unused() -> list[tuple[str, float]]:
    """Versions that no living stack refers to, and since when; also what was never made to the end. A link
    is somebody else's."""
    folders = [path for path in matching(_home()) if path.is_dir() and not path.is_symlink()]
    found = [path for path in folders if path.name not in ("refs", "locks")]
    times = [(path.name, _used(path)) for path in found if not _is_used(path.name)]
    return [(version, since) for version, since in times if since is not None]


def remove(version: str) -> bool:
    """Remove an environment, unless a stack has come to refer to it; whether it is gone."""
    with _held(version):
        if _is_used(version):
            return False
        (folder(version) / _COMPLETE).unlink(missing_ok=True)
        shutil.rmtree(folder(version), ignore_errors=True)
        shutil.rmtree(_home() / "refs" / version, ignore_errors=True)
        return True


def collect(unused_seconds: float = UNUSED_SECONDS) -> list[str]:
    """Remove the environments that no living stack has used for so long; their versions."""
    old = [version for version, since in unused() if time.time() - since >= unused_seconds]
    return [version for version in old if remove(version)]


def _release(reference: Path) -> None:
    reference.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.utime(folder(reference.parent.name) / _COMPLETE)  # the time since when nothing uses it


def _used(environment: Path) -> float | None:
    """None: somebody else has removed it just now."""
    complete = modified(environment / _COMPLETE)
    return modified(environment) if complete is None else complete


def _is_used(version: str) -> bool:
    return any(home.is_dir() for home in _referring(matching(_home() / "refs" / version)))


def homes() -> list[Path]:
    """The folders of all stacks that refer to an environment."""
    return sorted(set(_referring(matching(_home() / "refs", "*/*"))))


def _referring(references: Iterable[Path]) -> Iterator[Path]:
    """The stacks' folders of them, but for one that is just being written or released."""
    for reference in references:
        with contextlib.suppress(FileNotFoundError):
            if not reference.name.startswith("."):
                yield Path(reference.read_text())


def _held(version: str) -> FileLock:
    return FileLock(_folder(_home() / "locks") / version)


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceFailed(
            f"the cache folder {_home()} cannot be written: {error.strerror}",
            remedy="make it writable, or name another folder in MLSTACK_CACHE",
            category="permission",
        ) from error
    return path


def _home() -> Path:
    return cache_dir() / "environments"
