"""Runs beside the stack's own, and what the command line asks about jobs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mlstack_local import jobs
from mlstack_local.jobs import JobInputs, RunFolder
from mlstack_local.layout import Layout
from mlstack_local.resources.job import Job

from mlstack.errors import TargetError, UsageError
from mlstack.resource import Context

Make = Callable[..., JobInputs]


@pytest.fixture
def layout(context: Context) -> Layout:
    return Layout(context.root, "uid")


def echo(job: Make, **changes: object) -> JobInputs:
    return job(
        "echo c is ${{inputs.c}}; printf '{\"c\": %s}' ${{inputs.c}} > ${{outputs.report}}",
        inputs={"c": {"value": "1"}, "data": {"uri": "x.csv", "version": "v"}},
        outputs={"report": {"type": "file"}},
        **changes,
    )


def test_a_run_with_another_literal(context: Context, job: Make, layout: Layout, lines: list[str]) -> None:
    made = Job().create(context, echo(job))
    lines.clear()
    run = jobs.run_beside(layout, made.inputs, {"c": 2.5}, lines.append)

    assert run.status == "succeeded"
    assert run.metrics == {"c": 2.5}
    assert lines == ["c is 2.5"]
    uri = run.outputs["report"]["uri"]
    assert uri == f".mlstack/local/uid/runs/train/{run.id}/outputs/report"
    assert (context.root / uri).read_text() == '{"c": 2.5}'
    assert Job().read(context, made) == made  # the stack's own is as it was

    Job().delete(context, made)
    assert not (context.root / uri).exists()


def test_only_literals_can_be_changed(job: Make, layout: Layout) -> None:
    with pytest.raises(UsageError, match="no literal input 'data'") as caught:
        jobs.run_beside(layout, echo(job).model_dump(), {"data": "y.csv"}, print)
    assert caught.value.code == "unknown-input"
    assert caught.value.remedy == "It has: c."


def test_a_failed_run_is_an_error(job: Make, layout: Layout) -> None:
    with pytest.raises(TargetError, match="failed: exit code 9") as caught:
        jobs.run_beside(layout, job("exit 9").model_dump(), {}, lambda _line: None)
    assert str(caught.value.where).startswith(".mlstack/local/uid/runs/train/")
    assert str(caught.value.where).endswith("/log.txt")


def test_an_interrupt_stops_it(job: Make, layout: Layout) -> None:
    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run_beside(layout, job("echo on; sleep 60").model_dump(), {}, interrupt)
    [run] = (layout.home / "runs" / "train").iterdir()
    record = RunFolder(run).read()
    assert record is not None
    assert record.status == "cancelled"


def test_cancel(context: Context, job: Make, layout: Layout) -> None:
    with pytest.raises(UsageError, match="no run of job 'train' is going"):
        jobs.cancel(layout, "train")
    wanted = job("sleep 60", wait=False)
    made = Job().create(context, wanted)
    assert jobs.status(layout, "train", wanted.fingerprint())[0] == "running"
    assert jobs.cancel(layout, "train") == made.outputs["fingerprint"]
    assert jobs.status(layout, "train", wanted.fingerprint()) == ("stopped", "stopped")


def test_status(context: Context, job: Make, layout: Layout) -> None:
    wanted = echo(job)
    assert jobs.status(layout, "train", wanted.fingerprint())[0] == "absent"
    made = Job().create(context, wanted)
    state, detail = jobs.status(layout, "train", wanted.fingerprint())
    assert state == "ready"
    assert re.fullmatch(r"took \d+\.\d s, peak \d+ MB, c 1", detail)
    (context.root / made.outputs["outputs"]["report"]["uri"]).unlink()
    assert jobs.status(layout, "train", wanted.fingerprint())[0] == "absent"


def test_the_log_whole_and_its_tail(context: Context, job: Make, layout: Layout) -> None:
    Job().create(context, job("seq 5; printf 'no end'"))
    assert list(jobs.log_lines(layout, "train", False, None)) == ["1", "2", "3", "4", "5", "no end"]
    assert list(jobs.log_lines(layout, "train", False, 2)) == ["5", "no end"]
    assert list(jobs.log_lines(layout, "train", True, 0)) == []
    with pytest.raises(TargetError, match="has not run yet"):
        jobs.log_lines(layout, "other", False, None)


@pytest.mark.parametrize("tail", [None, 1])
def test_the_log_is_followed_to_its_end(
    context: Context, job: Make, source: Path, layout: Layout, tail: int | None
) -> None:
    command = "echo one; echo two; until test -e go; do sleep 0.05; done; echo three; printf four"
    Job().create(context, job(command, code={"path": "src", "digest": "d"}, wait=False))
    while len(list(jobs.log_lines(layout, "train", False, None))) < 2:
        time.sleep(0.05)
    followed = jobs.log_lines(layout, "train", True, tail)
    assert next(followed) == ("two" if tail else "one")
    threading.Timer(0.3, (source / "go").touch).start()
    assert list(followed) == [*([] if tail else ["two"]), "three", "four"]


def test_the_newest_run_is_the_one_that_is_shown(context: Context, job: Make, layout: Layout) -> None:
    Job().create(context, job("echo old"))
    Job().create(context, job("echo new"))
    assert list(jobs.log_lines(layout, "train", False, None)) == ["new"]
