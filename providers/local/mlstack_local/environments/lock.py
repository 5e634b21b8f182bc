"""From requirements to an exact lock: every package of the environment, with version and hashes."""

from __future__ import annotations

import platform
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack.content import fingerprint
from mlstack_local.environments import uv


@dataclass(frozen=True)
class Wanted:
    """What an environment is resolved from. ``serving`` is what the serving runtime needs."""

    python: str
    requirements: Sequence[str]
    serving: Sequence[str]


def resolve(
    name: str,
    wanted: Wanted,
    interpreter: Path,
    cwd: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
) -> str:
    """The lock's text. Raises ResourceFailed; a conflict with the serving runtime names both sides."""

    fixed = ("--generate-hashes", "--no-header", "--no-annotate", "--no-python-downloads")

    def compile_(lines: Sequence[str]) -> str:
        text = "\n".join(lines) + "\n"
        arguments = ["pip", "compile", "-", "--python", str(interpreter), *fixed]
        return uv.run(arguments, cwd=cwd, stdin=text, cancelled=cancelled)

    mine, others = len(wanted.requirements), len(wanted.serving)
    log(f"resolving {mine} package{'' if mine == 1 else 's'} and {others} of the serving runtime")
    try:
        return compile_([*wanted.requirements, *wanted.serving])
    except uv.UvFailed as failed:
        unsolvable = failed.as_failure(
            f"the packages of environment {name!r} cannot be resolved for Python {wanted.python}",
            "change the pins that exclude each other, or the Python version",
        )
        if unsolvable.category == "user" and _solves(compile_, wanted.requirements):
            raise failed.as_failure(
                f"the packages of environment {name!r} ({', '.join(wanted.requirements)}) conflict with what "
                f"mlstack's serving runtime needs ({', '.join(wanted.serving)})",
                "loosen the pins on the packages that both need: a model is served from its environment",
            ) from failed
        raise unsolvable from failed


def version(lock: str, python: str) -> str:
    """The version of an environment: of its exact packages, its Python, and this kind of machine."""
    return fingerprint(lock, python, sys.platform, platform.machine())


def packages(lock: str) -> int:
    """How many packages a lock holds."""
    return sum(1 for line in lock.splitlines() if line[:1] not in ("", " ", "#"))


def _solves(compile_: Callable[[Sequence[str]], str], lines: Sequence[str]) -> bool:
    try:
        compile_(lines)
    except uv.UvFailed:
        return False
    return True
