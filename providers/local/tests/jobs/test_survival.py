"""Kills at every place: of whoever started the run, of the runner, of nobody who is missed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from mlstack_local import jobs
from mlstack_local.jobs import JobInputs, Record, RunFolder, control, groups
from mlstack_local.jobs.record import Process
from mlstack_local.resources.job import Job

from mlstack.resource import Context, ResourceFailed

Make = Callable[..., JobInputs]

STARTER = """
import sys
from dataclasses import replace
from pathlib import Path
from mlstack.resource import Context
from mlstack_local.jobs import JobInputs
from mlstack_local.resources.job import Job
inputs = JobInputs.model_validate_json(sys.argv[2])
Job().create(Context(root=Path(sys.argv[1]), urn="", name=""), inputs)
"""


def starter(context: Context, wanted: JobInputs) -> subprocess.Popen[bytes]:
    """Another process that creates the job, as the plugin does."""
    arguments = [sys.executable, "-c", STARTER, str(context.root), wanted.model_dump_json()]
    return subprocess.Popen(arguments)


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def record_of(context: Context, job: JobInputs) -> Record:
    record = jobs.folder_of(job, context.root).read()
    assert record is not None
    return record


def gated(job: Make, source: Path, **changes: object) -> JobInputs:
    """A job that counts how often it was started, then waits for the file "go"."""
    command = "echo start >> starts; until test -e go; do sleep 0.05; done; echo done"
    return job(command, code={"path": source.name, "digest": "d"}, **changes)


def starts(source: Path) -> int:
    try:
        return (source / "starts").read_text().count("start")
    except FileNotFoundError:
        return 0


def test_the_run_survives_its_starter_and_is_attached_to(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source)
    plugin = starter(context, wanted)
    until(lambda: starts(source) == 1)
    plugin.kill()
    plugin.wait()
    assert control.is_live(record_of(context, wanted))

    found = Job().find(context, wanted.model_dump())
    assert found is not None
    assert found.inputs["wait"] is False  # nobody waited for it: an update is due
    assert found.outputs["status"] == "running"
    (source / "go").touch()
    outputs = Job().update(context, found, wanted)
    assert outputs["status"] == "succeeded"
    assert starts(source) == 1


@pytest.mark.parametrize("after", [0.0, 0.15, 0.3, 0.45, 0.6])
def test_a_starter_killed_at_any_time_doubles_nothing(
    context: Context, job: Make, source: Path, after: float
) -> None:
    wanted = gated(job, source)
    plugin = starter(context, wanted)
    time.sleep(after)
    plugin.kill()
    plugin.wait()
    (source / "go").touch()
    assert Job().create(context, wanted).outputs["status"] == "succeeded"
    assert starts(source) == 1


def test_two_who_meet_share_one_run(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source)
    with ThreadPoolExecutor(3) as pool:
        both = [pool.submit(Job().create, context, wanted) for _ in range(2)]
        until(lambda: starts(source) >= 1)
        (source / "go").touch()
        one, two = (future.result() for future in both)
    assert one == two
    assert starts(source) == 1


def test_a_killed_runner_leaves_nothing_that_runs_and_is_started_again(
    context: Context, job: Make, source: Path
) -> None:
    wanted = gated(job, source, wait=False)
    made = Job().create(context, wanted)
    assert made.outputs["status"] == "running"
    until(lambda: starts(source) == 1)
    before = record_of(context, wanted)
    assert before.runner is not None
    os.kill(before.runner.pid, signal.SIGKILL)
    until(lambda: control.is_lost(record_of(context, wanted)))
    assert jobs.status(wanted.layout(context.root), "train", wanted.fingerprint())[0] == "failed"

    seen = Job().read(context, made)
    assert seen is not None
    assert seen.inputs["nonce"] == "lost"  # a difference, so that the next `up` comes here again
    assert groups.find(before.groups[0]) is not None  # looking ends nothing

    again = Job().create(context, wanted)
    assert groups.find(before.groups[0]) is None
    until(lambda: starts(source) == 2)
    (source / "go").touch()
    until(lambda: record_of(context, wanted).status == "succeeded")
    assert again.outputs["fingerprint"] == made.outputs["fingerprint"]


def test_a_runner_killed_while_somebody_waits(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Job().create, context, wanted)
        until(lambda: starts(source) == 1)
        runner = record_of(context, wanted).runner
        assert runner is not None
        os.kill(runner.pid, signal.SIGKILL)
        with pytest.raises(ResourceFailed, match="its runner was killed") as caught:
            waiting.result(timeout=120)
    assert caught.value.category == "transient"
    (source / "go").touch()
    assert Job().create(context, wanted).outputs["status"] == "succeeded"


def test_a_command_whose_start_was_not_noted_never_begins(context: Context, job: Make, source: Path) -> None:
    """The gate: the shell goes on only after the runner has written down its number."""
    from mlstack_local.jobs.runner import _GATE

    shell = subprocess.Popen(["/bin/sh", "-c", _GATE, "sh", f"touch {source}/begun"], stdin=subprocess.PIPE)
    assert shell.stdin is not None
    shell.stdin.close()  # what the runner's death does
    assert shell.wait(timeout=120) == 1
    assert not (source / "begun").exists()


def test_not_waited_for_and_later_needed(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source, wait=False)
    made = Job().create(context, wanted)
    assert Job().read(context, made) is not None
    (source / "go").touch()
    until(lambda: record_of(context, wanted).status == "succeeded")
    seen = Job().read(context, made)
    assert seen is not None
    assert seen.inputs == made.inputs
    assert seen.outputs["status"] == "succeeded"
    needed = wanted.model_copy(update={"wait": True})
    assert Job().update(context, seen, needed)["status"] == "succeeded"
    assert starts(source) == 1


def test_one_that_nobody_waits_for_and_that_fails_reads_as_gone(context: Context, job: Make) -> None:
    wanted = job("sleep 0.3; exit 4", wait=False)
    made = Job().create(context, wanted)
    until(lambda: record_of(context, wanted).status == "failed")
    assert Job().read(context, made) is None


def test_delete_stops_what_runs(context: Context, job: Make, source: Path) -> None:
    made = Job().create(context, gated(job, source, wait=False))
    until(lambda: starts(source) == 1)
    record = record_of(context, JobInputs.model_validate(made.inputs))
    Job().delete(context, made)
    assert groups.find(record.runner) is None
    assert groups.find(record.groups[0]) is None
    assert not (context.root / ".mlstack" / "local" / "uid").exists()


def test_a_changed_job_stops_the_run_before(
    context: Context, job: Make, source: Path, lines: list[str]
) -> None:
    made = Job().create(context, gated(job, source, wait=False))
    until(lambda: starts(source) == 1)
    before = record_of(context, JobInputs.model_validate(made.inputs))
    Job().update(context, made, job("echo else"))
    assert groups.find(before.groups[0]) is None
    assert f"stopped the run {made.outputs['fingerprint']} of what the job was before" in lines


def test_a_stuck_runner_is_stopped_all_the_same(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source, wait=False)
    Job().create(context, wanted)
    until(lambda: starts(source) == 1)
    run = jobs.folder_of(wanted, context.root)
    record = record_of(context, wanted)
    assert record.runner is not None
    run.write_request(replace(run.read_request(), grace_seconds=-4.5))
    os.kill(record.runner.pid, signal.SIGSTOP)
    assert control.stop(run)
    assert groups.find(record.runner) is None
    assert groups.find(record.groups[0]) is None
    assert record_of(context, wanted).status == "cancelled"
    assert not control.stop(run)


def test_a_number_that_another_process_has_now_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        stale = Process(other.pid, psutil.Process(other.pid).create_time() - 100)
        assert groups.find(stale) is None
        groups.end([stale], 0.2)
        assert other.poll() is None
        groups.end([groups.identify(other.pid)], 5)
        assert other.wait() == -signal.SIGTERM


def test_a_runner_that_cannot_start_says_why(
    context: Context, job: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (context.root / "mlstack_local.py").write_text("raise RuntimeError('broken install')")
    monkeypatch.setenv("PYTHONPATH", str(context.root))
    with pytest.raises(ResourceFailed, match="broken install"):
        Job().create(context, job("true"))


def test_a_run_that_ended_between_two_looks_is_not_lost(tmp_path: Path) -> None:
    """Its record is read, then it ends and its runner goes, then the runner is looked for."""
    with subprocess.Popen(["true"]) as ended:
        gone = groups.identify(ended.pid)
    said = [Record(status="running", runner=gone), Record(status="succeeded", runner=gone)]

    class Ends(RunFolder):
        def read(self) -> Record | None:
            return said.pop(0) if len(said) > 1 else said[0]

    run = Ends(tmp_path)
    assert control.settled(run) == Record(status="succeeded", runner=gone)
    said[:] = [Record(status="running", runner=gone)]
    lost = control.settled(run)
    assert lost
    assert control.is_lost(lost)


def test_a_run_begins_again_while_its_last_runner_is_still_going(
    context: Context, job: Make, source: Path
) -> None:
    """A runner writes its end first, and takes time to be gone."""
    wanted = gated(job, source, wait=False)
    (source / "go").touch()
    run = jobs.folder_of(wanted, context.root)
    with run.runner_lock():
        starting = starter(context, wanted)
        until(lambda: (record := run.read()) is not None and record.status == "pending")
        time.sleep(1.5)  # longer than it waits at a time
        assert starts(source) == 0
    assert starting.wait() == 0
    until(lambda: record_of(context, wanted).status == "succeeded")
    assert starts(source) == 1


def test_a_second_runner_leaves_at_once(context: Context, job: Make, source: Path) -> None:
    wanted = gated(job, source, wait=False)
    Job().create(context, wanted)
    until(lambda: starts(source) == 1)
    run = jobs.folder_of(wanted, context.root)
    second = [sys.executable, "-m", "mlstack_local.jobs.runner", str(run.path)]
    assert subprocess.run(second, timeout=120).returncode == 0
    (source / "go").touch()
    until(lambda: record_of(context, wanted).status == "succeeded")
    assert subprocess.run(second, timeout=120).returncode == 0
    assert starts(source) == 1
    assert isinstance(RunFolder(run.path).read(), Record)
