"""What an init container does to make an environment, run as it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mlstack_kubernetes.container import install

SCRIPT = Path(install.__file__)


def run(lock: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(lock), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


def test_the_second_finds_what_the_first_has_made(tmp_path: Path) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "environment"
    lock.write_text("")
    folder.mkdir()
    first = run(lock, folder)
    assert first.returncode == 0, first.stderr
    python = folder / "bin" / "python"
    shown = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
    assert Path(shown.stdout.strip()) == folder
    made = python.lstat().st_mtime_ns
    assert "is there" in run(lock, folder).stdout
    assert python.lstat().st_mtime_ns == made


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "environment"
    lock.write_text("nothing-of-this-name==1.0\n")  # no hash: pip refuses it
    folder.mkdir()
    (folder / "left").mkdir()
    failed = run(lock, folder)
    assert failed.returncode != 0
    assert not (folder / install.COMPLETE).exists()
    assert not (folder / "left").exists()
    lock.write_text("")
    assert run(lock, folder).returncode == 0
    assert (folder / install.COMPLETE).exists()
