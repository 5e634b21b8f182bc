"""One run at a time; locks of the dead are freed, locks of the living are named."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlstack import owner
from mlstack.engine.lock import free_engine_locks, held
from mlstack.errors import LockedError

HOLDER = """
import sys, time
from pathlib import Path
from mlstack.engine.lock import held
with held(Path(sys.argv[1]), "dev", "up"):
    print("held", flush=True)
    time.sleep(60)
"""


STARTER = """
import os, subprocess, sys
from mlstack import owner
sleep = [sys.executable, "-c", "import time; time.sleep(2)"]
print(subprocess.Popen(sleep, env={**os.environ, **owner.mark()}, start_new_session=True, stdout=2).pid)
"""


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    process = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_is_told_who_holds_the_stack(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(LockedError) as error, held(tmp_path, "dev", "down"):
        pass
    assert f"pid {holder.pid}" in error.value.message
    assert "`up`" in error.value.message
    assert error.value.exit_code == 6


def test_another_stack_is_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with held(tmp_path, "prod", "up"):
        pass


def test_a_user_without_a_name_is_held_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987654321)
    with held(tmp_path, "dev", "up"):
        assert json.loads((tmp_path / "dev.json").read_text())["user"] == "987654321"


def test_a_killed_owner_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with held(tmp_path, "dev", "down"):
        owner = json.loads((tmp_path / "dev.json").read_text())
        assert owner["pid"] == os.getpid()
    assert not (tmp_path / "dev.json").exists()


def test_an_owner_is_known_by_its_time_too() -> None:
    assert not owner.is_orphan(owner.mark())
    assert owner.is_orphan({owner.VARIABLE: f"{os.getpid()}@1.0"})
    assert not owner.is_orphan({})


def engine_lock(folder: Path, pid: int, *, host: str | None = None, age: float = 0.0) -> Path:
    file = folder / "0123.json"
    timestamp = datetime.now(UTC) - timedelta(seconds=age)
    owner = {
        "pid": pid,
        "username": "ada",
        "hostname": host or socket.gethostname(),
        "timestamp": timestamp.isoformat(),
    }
    file.write_text(json.dumps(owner))
    return file


def test_an_engine_lock_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    file = engine_lock(tmp_path, process.pid)
    said: list[str] = []
    free_engine_locks(tmp_path, "dev", said.append)
    assert not file.exists()
    assert str(process.pid) in said[0]


def test_a_reused_process_number_is_not_the_owner(tmp_path: Path) -> None:
    file = engine_lock(tmp_path, os.getpid(), age=10 * 365 * 24 * 3600)
    free_engine_locks(tmp_path, "dev", lambda _line: None)
    assert not file.exists()


def test_an_engine_lock_of_a_living_run_is_respected_and_named(tmp_path: Path) -> None:
    file = engine_lock(tmp_path, os.getpid())
    with pytest.raises(LockedError, match=rf"ada@.*pid {os.getpid()}"):
        free_engine_locks(tmp_path, "dev", lambda _line: None)
    assert file.exists()


def test_a_lock_of_another_machine_is_never_removed(tmp_path: Path) -> None:
    file = engine_lock(tmp_path, 1, host="elsewhere")
    with pytest.raises(LockedError, match="elsewhere") as error:
        free_engine_locks(tmp_path, "dev", lambda _line: None)
    assert error.value.remedy
    assert "pulumi cancel" in error.value.remedy
    assert file.exists()


def test_an_orphaned_engine_is_waited_for(tmp_path: Path) -> None:
    """An engine whose command was killed ends by itself once it notices; until then it is working."""
    made = subprocess.run([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True, check=True)
    orphan = int(made.stdout)
    file = engine_lock(tmp_path, orphan)
    said: list[str] = []
    started = time.monotonic()
    try:
        free_engine_locks(tmp_path, "dev", said.append)
    finally:
        if time.monotonic() - started > 30:
            os.kill(orphan, signal.SIGKILL)
    assert not file.exists()
    assert any("still ending" in line for line in said)
