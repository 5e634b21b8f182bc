"""Large data: hashed in little memory, and not read again by the next `up`."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.project import MLSTACK, mlstack

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux's count of bytes read"),
]

SPEC = "version: 1\nname: large\ndata:\n  big: {path: ./big.bin}\n"
MEMORY_MB = 150


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    yield tmp_path
    mlstack(tmp_path, "down", "--yes")


class Seen:
    """Of each Python process of a command: the most memory it ever had (MB), and the bytes it read."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.peaks: dict[str, float] = {}
        self.read: dict[str, int] = {}
        environment = {**os.environ, "MLSTACK_CACHE": str(root / "cache")}
        with subprocess.Popen(
            [MLSTACK, *arguments],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            command = psutil.Process(process.pid)
            while process.poll() is None:
                self._look(command, "builder")
                for child in command.children(recursive=True):
                    self._look(child, "plugin")
                time.sleep(0.05)
            assert process.stdout is not None
            assert process.stderr is not None
            self.output, self.said = process.stdout.read(), process.stderr.read()
        assert process.returncode == 0, self.output + self.said

    def _look(self, process: psutil.Process, part: str) -> None:
        folder = Path("/proc", str(process.pid))
        try:
            line = (folder / "cmdline").read_text()
            if part == "plugin" and "pulumi-resource-mlstack" not in line:
                return
            status = dict(
                line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
            )
            io = dict(line.split(": ") for line in (folder / "io").read_text().splitlines())
        except (OSError, ValueError):  # it has ended
            return
        if "VmHWM" in status:
            self.peaks[part] = max(self.peaks.get(part, 0), int(status["VmHWM"].split()[0]) / 1000)
            self.read[part] = max(self.read.get(part, 0), int(io["rchar"]))


@pytest.mark.parametrize("size", [pytest.param(2 << 30, marks=pytest.mark.soak), 300 << 20])
def test_a_large_file_is_hashed_once_in_little_memory(project: Path, size: int) -> None:
    big = project / "big.bin"
    with big.open("wb") as stream:
        stream.truncate(size)
    with big.open("rb") as stream:
        version = hashlib.file_digest(stream, "sha256").hexdigest()[:12]

    first = Seen(project, "up", "--yes", "--json")
    assert json.loads(first.output)["outputs"]["data"]["big"]["version"] == version
    assert {"builder", "plugin"} <= first.peaks.keys()
    assert max(first.peaks.values()) < MEMORY_MB, first.peaks
    assert first.read["builder"] >= size
    assert f"hashing   big.bin ({size / 1e9:.1f} GB)" in first.said or size < 10**9
    assert "hashed    big.bin" in first.said

    second = Seen(project, "up", "--yes", "--json")
    assert json.loads(second.output)["summary"]["same"] == 2
    assert max(second.read.values()) < size / 4, second.read

    verified = Seen(project, "preview", "--verify", "--json")
    assert json.loads(verified.output)["summary"]["same"] == 2
    assert verified.read["builder"] >= size

    with big.open("r+b") as stream:
        stream.seek(size // 2)
        stream.write(b"x")
    changed = Seen(project, "preview", "--json")
    assert json.loads(changed.output)["summary"]["update"] == 1
    print({part: round(peak) for part, peak in first.peaks.items()})
