"""From requirements to an exact lock: every package of the environment, with version and hashes."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack.content import fingerprint
from mlstack.lowering.locks import requirements, uv
from mlstack.resource import ResourceFailed

_HASH = re.compile(r"--hash=(\S+)")


@dataclass(frozen=True)
class Wanted:
    """What an environment is resolved from, and the commands before. ``serving`` is what the serving
    runtime needs; hashes that stand with a requirement are the only ones that are taken of it."""

    python: str
    requirements: Sequence[str]
    serving: Sequence[str]
    constraints: Sequence[str] = ()
    setup: Sequence[str] = ()


def here(interpreter: Path) -> tuple[str, ...]:
    """For `resolve`: packages for this machine and this interpreter."""
    return ("--python", str(interpreter))


def linux(python: str) -> tuple[str, ...]:
    """For `resolve`: packages for a Linux machine with that version of Python, whatever this machine is."""
    return ("--python-version", python, "--python-platform", "linux")


def resolve(
    name: str,
    wanted: Wanted,
    python: Sequence[str],
    cwd: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
) -> str:
    """The lock's text; ``python`` is what it is for (`here`, `linux`). Raises ResourceFailed; a conflict with
    the serving runtime names both sides."""

    fixed = ("--generate-hashes", "--no-header", "--no-annotate", "--no-python-downloads")

    def compile_(lines: Sequence[str]) -> str:
        text = "\n".join(map(requirements.without_hashes, lines)) + "\n"
        arguments = ["pip", "compile", "-", *python, *fixed]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
            constraints.write("\n".join(wanted.constraints))
            constraints.flush()
            if wanted.constraints:
                arguments += ["--constraints", constraints.name]
            return uv.run(arguments, cwd=cwd, stdin=text, cancelled=cancelled)

    mine, others = len(wanted.requirements), len(wanted.serving)
    log(f"resolving {mine} package{'' if mine == 1 else 's'} and {others} of the serving runtime")
    try:
        return _narrowed(name, compile_([*wanted.requirements, *wanted.serving]), wanted.requirements)
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


def version(lock: str, python: str, setup: Sequence[str] = ()) -> str:
    """The version of an environment: of its exact packages, its Python, the commands that were run for it,
    and this kind of machine."""
    return fingerprint(lock, python, sys.platform, platform.machine(), *setup)


def packages(lock: str) -> int:
    """How many packages a lock holds."""
    return sum(1 for line in lock.splitlines() if line[:1] not in ("", " ", "#"))


def _narrowed(name: str, lock: str, lines: Sequence[str]) -> str:
    """The lock with no other hashes of a package than those that were asked for by hash."""
    wanted = {key: hashes for line in lines if (hashes := requirements.hashes(line)) and (key := _key(line))}
    if not wanted:
        return lock
    kept: list[str] = []
    for block in re.split(r"(?m)^(?=\S)", lock):
        allowed = wanted.get(_key(block))
        if allowed is None:
            kept.append(block)
            continue
        hashes = [found for found in _HASH.findall(block) if found in allowed]
        if not hashes:
            raise ResourceFailed(
                f"environment {name!r}: no file of {block.split()[0]} in the package index has a hash "
                "that the requirements allow",
                remedy="correct the hashes, or take them out: the lock has hashes of its own",
            )
        head = block.partition(" \\")[0].strip()
        kept.append(" \\\n".join([head, *(f"    --hash={found}" for found in hashes)]) + "\n")
    return "".join(kept)


def _key(line: str) -> str:
    """A requirement's name as an index writes it."""
    match = re.match(r"[A-Za-z0-9._-]+", line)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _solves(compile_: Callable[[Sequence[str]], str], lines: Sequence[str]) -> bool:
    try:
        compile_(lines)
    except uv.UvFailed:
        return False
    return True
