"""Which engine is here already: judged by what executables say, never by what they are called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.engine.install import VERSION, find_engine
from mlstack.engine.install.found import engine_home, executable, in_cache, is_new_enough, on_path, record
from mlstack.paths import cache_dir


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, beside an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "cache"))
    return folder


def test_a_new_enough_pulumi_on_path_is_taken(bin_dir: Path) -> None:
    path = script(bin_dir / "pulumi", "echo v3.300.1")
    engine = find_engine()
    assert engine is not None
    assert (engine.path, engine.version, engine.origin) == (path, "3.300.1", "path")


@pytest.mark.parametrize(
    "body",
    [
        "echo v3.204.9",
        "echo v4.0.0",
        "echo v2.999.0",
        "echo something else",
        "echo v3.300.0; exit 1",
        "kill -9 $$",
        "exit 0",
    ],
)
def test_any_other_pulumi_on_path_is_not(bin_dir: Path, body: str) -> None:
    script(bin_dir / "pulumi", body)
    assert on_path() is None
    assert find_engine() is None


def test_a_file_that_cannot_be_run_is_no_engine(bin_dir: Path) -> None:
    (bin_dir / "pulumi").write_text("echo v3.300.0", encoding="utf-8")
    assert find_engine() is None
    (bin_dir / "pulumi").chmod(0o755)
    (bin_dir / "pulumi").write_bytes(b"\x7fELF and no more")
    assert find_engine() is None


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("3.205.0", True),
        ("3.205.0-alpha.1+dirty", True),
        ("3.204.99", False),
        ("3.1000.0", True),
        ("4.0.0", False),
        ("2.300.0", False),
    ],
)
def test_new_enough(version: str, enough: bool) -> None:
    assert is_new_enough(version) is enough


def test_the_cache_is_the_second_choice(bin_dir: Path) -> None:
    cached = script(executable(engine_home()), f"echo v{VERSION}")
    script(bin_dir / "pulumi", "echo v3.100.0")
    engine = find_engine()
    assert engine is not None
    assert (engine.path, engine.version, engine.origin) == (cached, VERSION, "cache")
    script(bin_dir / "pulumi", "echo v3.205.0")
    engine = find_engine()
    assert engine is not None
    assert engine.origin == "path"


def test_an_engine_on_record_is_not_run_again_until_it_changes(bin_dir: Path, tmp_path: Path) -> None:
    log = tmp_path / "runs"
    cached = script(executable(engine_home()), f"echo run >> {log}; echo v{VERSION}")
    record(engine_home(), VERSION)
    assert in_cache() is not None
    assert not log.exists()
    with cached.open("a", encoding="utf-8") as file:
        file.write("# longer now\n")
    assert in_cache() is not None
    assert log.read_text(encoding="utf-8") == "run\n"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1, "size": "?"}'])
def test_a_spoilt_record_is_no_record(bin_dir: Path, text: str) -> None:
    script(executable(engine_home()), "echo broken")
    (engine_home() / "engine.json").write_text(text, encoding="utf-8")
    assert in_cache() is None


@pytest.mark.engine
def test_the_real_engine_cut_short_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = find_engine()
    if real is None:
        pytest.skip("no engine here: `make setup` obtains one")
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path))
    copy = executable(engine_home())
    copy.parent.mkdir(parents=True)
    copy.symlink_to(real.path)
    seen = in_cache()
    assert seen is not None
    assert (seen.path, seen.version, seen.origin) == (copy, real.version, "cache")
    record(engine_home(), real.version)

    copy.unlink()
    with real.path.open("rb") as source:
        copy.write_bytes(source.read(1 << 20))
    copy.chmod(0o755)
    assert in_cache() is None


def test_the_cache_has_a_place_of_its_own_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "here"))
    assert cache_dir() == tmp_path / "here"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLSTACK_CACHE", "relative")
    assert cache_dir() == tmp_path / "relative"
    monkeypatch.delenv("MLSTACK_CACHE")
    assert cache_dir().name == "mlstack"
    assert cache_dir().is_absolute()


def test_looking_for_an_engine_does_not_import_pulumi(bin_dir: Path) -> None:
    code = (
        "import sys; from mlstack.engine.install import find_engine; find_engine(); "
        "sys.exit([name for name in ('pulumi', 'grpc', 'filelock', 'asyncio') if name in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
