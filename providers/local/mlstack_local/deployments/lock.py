"""One change of a deployment's workers at a time: a verb's, or a step of the controller."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mlstack.resource import ResourceFailed

_SECONDS = 300.0


def lock_file(endpoint: Path, deployment: str) -> Path:
    return endpoint / f".{deployment}.lock"


@contextmanager
def changing(endpoint: Path, deployment: str) -> Iterator[None]:
    """For verbs, which wait. ``endpoint`` is the endpoint's folder."""
    try:
        with FileLock(lock_file(endpoint, deployment), timeout=_SECONDS, mode=0o600):
            yield
    except Timeout as error:
        raise ResourceFailed(
            f"deployment {deployment!r} is being changed by somebody else",
            remedy="run `mlstack up` again when that has ended",
            category="conflict",
        ) from error


@contextmanager
def changing_if_free(endpoint: Path, deployment: str) -> Iterator[bool]:
    """For the controller, which comes again: False while a verb is at work."""
    lock = FileLock(lock_file(endpoint, deployment), mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
