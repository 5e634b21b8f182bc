"""A real supervisord that keeps real processes."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program, Supervisor
from mlstack_local.supervisor.orphans import SUPERVISORD, noted

from mlstack.resource import ResourceFailed

SLEEP = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture(params=["plain", "odd [x] 100% ;#'"])
def layout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Layout]:
    root = tmp_path / request.param
    root.mkdir()
    layout = Layout(root, "u1")
    yield layout
    Supervisor(layout).stop_all()


@pytest.fixture
def supervisor(layout: Layout) -> Supervisor:
    return Supervisor(layout)


def program(layout: Layout, name: str, code: str = SLEEP, **fields: object) -> Program:
    return Program(name, (sys.executable, "-c", code), str(layout.root), meta={"port": 1}, **fields)  # type: ignore[arg-type]


def until(holds: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def running(supervisor: Supervisor, name: str) -> int:
    """The pid of a program once it has said that it is up."""
    until(lambda: supervisor.log_tail(name) and supervisor.status()[name].pid)
    return supervisor.status()[name].pid


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_program_runs_with_its_variables_secrets_and_folder(
    layout: Layout, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary-passphrase")
    secret = layout.root / "secret"
    secret.write_text("canary-value")
    code = (
        "import os, time; print(os.environ['A'], os.environ['S'], os.getcwd(), "
        "'PULUMI_CONFIG_PASSPHRASE' in os.environ, any(k.startswith('SUPERVISOR') for k in os.environ), "
        "flush=True); time.sleep(600)"
    )
    supervisor.apply([program(layout, "a", code, env={"A": "50% #1"}, secrets={"S": str(secret)})])
    running(supervisor, "a")
    assert supervisor.log_tail("a") == [f"50% #1 canary-value {layout.root} False False"]
    files = [file for file in layout.supervisor.rglob("*") if file.is_file() and "log" not in file.parts]
    assert files
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert "canary" not in file.read_text()
    assert stat.S_IMODE(layout.socket.stat().st_mode) == 0o600


def test_what_runs_as_declared_is_left_alone_and_a_change_restarts_it(
    layout: Layout, supervisor: Supervisor
) -> None:
    supervisor.apply([program(layout, "a"), program(layout, "b")])
    first = running(supervisor, "a"), running(supervisor, "b")
    supervisor.apply([program(layout, "a"), program(layout, "b")])
    assert (supervisor.status()["a"].pid, supervisor.status()["b"].pid) == first
    supervisor.apply([program(layout, "a", env={"NEW": "1"})])
    until(lambda: supervisor.status()["a"].pid not in (0, first[0]))
    assert supervisor.status()["b"].pid == first[1]
    assert not alive(first[0])


def test_a_killed_program_is_back_by_itself(layout: Layout, supervisor: Supervisor) -> None:
    supervisor.apply([program(layout, "a")])
    pid = running(supervisor, "a")
    until(lambda: supervisor.status()["a"].state == "RUNNING")
    os.kill(pid, signal.SIGKILL)
    until(lambda: supervisor.status()["a"].pid not in (0, pid))


def test_a_program_that_is_ended_while_it_starts_does_not_outstay(
    layout: Layout, supervisor: Supervisor
) -> None:
    supervisor.apply([program(layout, "kept")])
    for _ in range(5):
        supervisor.apply([program(layout, "brief")])
        supervisor.apply(remove=["brief"])
    said = (layout.supervisor / "log" / "supervisord.log").read_text()
    assert said.count("stopped: brief (terminated by SIGTERM)") == 5
    assert "SIGKILL" not in said, "a signal was lost, and 35 s of patience spent"


def test_it_ends_with_its_last_program_and_leaves_nothing(layout: Layout, supervisor: Supervisor) -> None:
    supervisor.apply([program(layout, "a"), program(layout, "b")])
    pids = [running(supervisor, "a"), running(supervisor, "b")]
    process = noted(layout.supervisor / "run" / SUPERVISORD)
    assert process
    supervisor.apply(remove=["a"])
    assert set(supervisor.status()) == {"b"}
    assert not alive(pids[0])
    assert [file.name for file in layout.supervisor.glob("*/a.*")] == []
    supervisor.apply(remove=["b"])
    assert not alive(pids[1])
    assert not alive(process.pid)
    assert not layout.supervisor.exists()
    assert not layout.socket.exists()
    assert not layout.socket.with_suffix(".lock").exists()
    assert supervisor.status() == {}


def test_a_killed_supervisord_is_replaced_and_its_programs_are_not_doubled(
    layout: Layout, supervisor: Supervisor
) -> None:
    supervisor.apply([program(layout, "a"), program(layout, "b")])
    pids = {running(supervisor, "a"), running(supervisor, "b")}
    process = noted(layout.supervisor / "run" / SUPERVISORD)
    assert process
    process.kill()
    until(lambda: not alive(process.pid))
    assert all(alive(pid) for pid in pids), "they outlive it"
    assert supervisor.status() == {}
    supervisor.ensure()
    assert not any(alive(pid) for pid in pids)
    assert running(supervisor, "a") not in pids
    assert running(supervisor, "b") not in pids


def test_a_supervisord_whose_folder_was_taken_away_is_ended(layout: Layout, supervisor: Supervisor) -> None:
    supervisor.apply([program(layout, "a")])
    pid = running(supervisor, "a")
    process = noted(layout.supervisor / "run" / SUPERVISORD)
    assert process
    layout.supervisor.rename(layout.root / "elsewhere")
    supervisor.apply([program(layout, "b")])
    assert not alive(pid)
    assert not alive(process.pid)
    assert set(supervisor.status()) == {"b"}


def test_a_runtime_folder_that_moved_does_not_hide_it(
    layout: Layout, supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.apply([program(layout, "a")])
    pid = running(supervisor, "a")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    supervisor.apply([program(layout, "b")])
    assert supervisor.status()["a"].pid == pid
    monkeypatch.undo()


def test_a_program_that_cannot_start_is_told(layout: Layout, supervisor: Supervisor) -> None:
    mended = layout.root / "mended"
    code = (
        "import pathlib, time; print('no luck', flush=True)\n"
        f"if not pathlib.Path({str(mended)!r}).exists(): raise SystemExit(3)\ntime.sleep(600)"
    )
    bad = program(layout, "bad", code)
    supervisor.apply([bad])
    until(lambda: supervisor.status()["bad"].state == "BACKOFF")
    assert supervisor.status()["bad"].kept
    assert supervisor.log_tail("bad", 1) == ["no luck"]
    # Asked for again, it is not left waiting for its next try.
    mended.touch()
    supervisor.apply([bad])
    assert supervisor.status()["bad"].state in {"STARTING", "RUNNING"}


def test_two_who_declare_at_once_both_get_their_way(layout: Layout) -> None:
    threads = [
        threading.Thread(target=Supervisor(layout).apply, args=([program(layout, f"p{number}")],))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Supervisor(layout).status()) == {f"p{number}" for number in range(6)}
    # A child of it looks the same until it has become its program.
    until(lambda: len([p for p in psutil.process_iter(["cmdline", "cwd"]) if _is_daemon(p, layout)]) == 1)


def _is_daemon(process: psutil.Process, layout: Layout) -> bool:
    cmdline = process.info["cmdline"] or []
    return "mlstack_local.supervisor.daemon" in cmdline and process.info["cwd"] == str(layout.supervisor)


def test_a_socket_that_cannot_be_made_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    layout = Layout(tmp_path, "u1")
    try:
        with pytest.raises(ResourceFailed, match="did not start"):
            Supervisor(layout).apply([program(layout, "a")])
    finally:
        Supervisor(layout).stop_all()
    assert not layout.supervisor.exists()
