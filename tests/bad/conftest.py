"""Broken specs brought into an empty folder, and the real command line run there."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MLSTACK = Path(sys.executable).parent / "mlstack"
HEAD = "version: 1\nname: broken\n"


def encoding_latin_1() -> bytes:
    return (HEAD + "tags: {team: Größe}\n").encode("latin-1")


def encoding_utf_16() -> bytes:
    """As Windows editors write it: with a byte order mark, so that a YAML parser could read it."""
    return (HEAD + "tags: {team: vision}\n").encode("utf-16")


def nul_byte() -> bytes:
    return HEAD.encode() + b"tags: {team: vis\x00ion}\n"


def twenty_megabytes() -> bytes:
    """Sound but for its size: 800,000 tags of 27 bytes."""
    tags = "".join(f"  tag-{number:06}: value-{number:06}\n" for number in range(800_000))
    return (HEAD + "tags:\n" + tags).encode()


def nested_10000_deep() -> bytes:
    """Where any shape is allowed, so that nothing but the depth is wrong."""
    native = "{azure: {properties: " + "[" * 10_000 + "]" * 10_000 + "}}"
    data = f'data:\n  d: {{path: "s3://bucket/d/", type: folder, version: "1", native: {native}}}\n'
    return (HEAD + data).encode()


# What no editor would keep as it is, or is too big to be kept.
MADE: dict[str, Callable[[], bytes]] = {
    "encoding-latin-1": encoding_latin_1,
    "encoding-utf-16": encoding_utf_16,
    "nul-byte": nul_byte,
    "twenty-megabytes": twenty_megabytes,
    "nested-10000-deep": nested_10000_deep,
}


@dataclass(frozen=True)
class Ran:
    """One run of the command line: what it said, and the processor seconds that it used."""

    code: int
    stdout: str
    stderr: str
    cpu: float


@dataclass(frozen=True)
class Project:
    """A folder with a spec, in which mlstack is run from a home directory of its own."""

    folder: Path
    home: Path

    def put(self, case: str) -> None:
        """Write the broken spec (and what belongs to it) into the folder."""
        if case in MADE:
            (self.folder / "mlstack.yaml").write_bytes(MADE[case]())
        elif (HERE / "specs" / case).is_dir():
            shutil.copytree(HERE / "specs" / case, self.folder, dirs_exist_ok=True)
        else:
            shutil.copy(HERE / "specs" / f"{case}.yaml", self.folder / "mlstack.yaml")

    def listing(self) -> dict[str, bytes | None]:
        """Every path below the folder, with the content of the files."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in self.folder.rglob("*")
        }

    def run(self, *args: str) -> Ran:
        """``mlstack ARGS`` in the folder, with nobody at standard input."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "MLSTACK_"))
        }
        plain = {"HOME": str(self.home), "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "300"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [MLSTACK, *args],
            cwd=self.folder,
            env=kept | plain,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=20,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Ran(done.returncode, done.stdout, done.stderr, cpu)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    return Project(folder, home)
