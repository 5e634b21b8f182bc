"""The files of a folder of captures: their names, their age, which of them are too many."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mlstack_local.files import matching

#: The last is how mlstack's own server writes what nothing before it captures (`mlstack_serving.capturing`).
PARQUET, STREAM, LINES = ".parquet", ".arrows", ".jsonl"
#: All captures of one deployment; the oldest files go first.
CAP_BYTES = 1 << 30
_STEM = "%Y%m%dT%H%M%S.%f"


def stem(time: float) -> str:
    """The name of a file whose first row is of that time (epoch seconds), without its ending."""
    return datetime.fromtimestamp(time, UTC).strftime(_STEM)


def first_time(path: Path) -> float:
    """The time in a file's name, in epoch seconds. Raises ValueError when it is no name of ours."""
    name = path.name.removeprefix("_").removesuffix(PARQUET).removesuffix(STREAM).partition("-")[0]
    return datetime.strptime(name, _STEM).replace(tzinfo=UTC).timestamp()


def stream(folder: Path, name: str) -> Path:
    return folder / f"_{name}{STREAM}"


def parquet(folder: Path, name: str) -> Path:
    return folder / f"{name}{PARQUET}"


def streams(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(_ours(folder, f"_*{STREAM}"))


def parquets(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(_ours(folder, f"[!._]*{PARQUET}"))


def lines(folder: Path) -> list[Path]:
    """Oldest first; several servers may write at a time."""
    return sorted(_ours(folder, f"[!._]*{LINES}"))


def _ours(folder: Path, pattern: str) -> Iterator[Path]:
    for path in matching(folder, pattern):
        try:
            first_time(path)
        except ValueError:
            continue
        yield path


def prune(folder: Path, keep: float | None, now: float, cap: int = CAP_BYTES) -> list[Path]:
    """Remove parquet files whose last row is older than ``keep`` seconds, then the oldest over ``cap`` bytes.

    A file's time of change is that of its last row.
    """
    known = _stats(parquets(folder))
    total = sum(stat.st_size for _, stat in [*known, *_stats(streams(folder))])
    removed = []
    for path, stat in known:
        if total <= cap and (keep is None or stat.st_mtime >= now - keep):
            continue
        path.unlink(missing_ok=True)
        total -= stat.st_size
        removed.append(path)
    return removed


def _stats(paths: list[Path]) -> list[tuple[Path, os.stat_result]]:
    """Without those that somebody else has removed meanwhile."""
    found = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            found.append((path, path.stat()))
    return found
