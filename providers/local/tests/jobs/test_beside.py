"""Runs beside the stack's own, and what the command line asks about jobs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from mlstack_local import jobs
from mlstack_local.jobs import JobInputs, RunFolder
from mlstack_local.layout import Layout
from mlstack_local.resources.job import Job

from mlstack.errors import TargetError, UsageError
from mlstack.resource import Context, ResourceFailed
from mlstack.runtime import Artifact

Make = Callable[..., JobInputs]


@pytest.fixture
def layout(context: Context) -> Layout:
    return Layout(context.root, "uid")


def nothing(reference: str) -> Artifact:
    raise AssertionError(reference)


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
    run = jobs.run_beside(layout, made.inputs, {"c": 2.5}, lines.append, artifact=nothing)

    assert run.status == "succeeded"
    assert run.metrics == {"c": 2.5}
    assert lines == ["c is 2.5"]
    uri = run.outputs["report"]["uri"]
    assert uri == f".mlstack/local/uid/runs/train/{run.id}/outputs/report"
    assert (context.root / uri).read_text() == '{"c": 2.5}'
    assert Job().read(context, made) == made  # the stack's own is as it was

    Job().delete(context, made)
    assert not (context.root / uri).exists()


def test_another_of_what_the_stack_has(context: Context, job: Make, layout: Layout, lines: list[str]) -> None:
    (context.root / "y.csv").write_text("other\n")
    asked = []

    def artifact(reference: str) -> Artifact:
        asked.append(reference)
        return Artifact("y.csv", "w")

    wanted = job("cat ${{inputs.data}}", inputs={"data": {"uri": "x.csv", "version": "v"}})
    run = jobs.run_beside(layout, wanted.model_dump(), {"data": "data.y"}, lines.append, artifact=artifact)
    assert asked == ["data.y"]
    assert lines == ["other"]
    assert run.inputs == {"data": "y.csv@w"}


def test_what_cannot_be_changed_like_that(job: Make, layout: Layout) -> None:
    with pytest.raises(UsageError, match="'data' of job 'train' is no literal") as caught:
        jobs.run_beside(layout, echo(job).model_dump(), {"data": "y.csv"}, print, artifact=nothing)
    assert caught.value.code == "unknown-input"
    assert "data=data.NAME" in str(caught.value.remedy)
    with pytest.raises(UsageError, match="no input 'dta'") as caught:
        jobs.run_beside(layout, echo(job).model_dump(), {"dta": "data.y"}, print, artifact=nothing)
    assert caught.value.remedy == "did you mean 'data'? It has: c, data."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2, "2"),
        (2.5, "2.5"),
        (True, "true"),
        (None, "null"),
        ("a b", "a b"),
        ([1, "x"], '[1, "x"]'),
        ({"a": 1}, '{"a": 1}'),
        (date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_literals_of_every_type_of_yaml(value: object, shown: str) -> None:
    assert jobs.literal(value) == shown


def test_detached(job: Make, source: Path, layout: Layout) -> None:
    wanted = job("until test -e go; do sleep 0.05; done; echo gone", code={"path": "src", "digest": "d"})
    run = jobs.run_beside(layout, wanted.model_dump(), {}, print, artifact=nothing, detach=True)
    assert run.status == "running"
    assert jobs.status(layout, "train", "")[1].startswith(f"not run yet; beside it: {run.id} for ")
    (source / "go").touch()
    assert list(jobs.log_lines(layout, "train", True, None, run.id)) == ["gone"]
    [known] = jobs.history(layout, "train")
    assert (known.id, known.status, known.own) == (run.id, "succeeded", False)


def test_one_run_of_several_is_stopped(job: Make, layout: Layout) -> None:
    wanted = job("sleep 60").model_dump()
    one, two = (
        jobs.run_beside(layout, wanted, {}, print, artifact=nothing, detach=True).id for _ in range(2)
    )
    assert jobs.cancel(layout, "train", one) == one
    assert {run.id: run.status for run in jobs.history(layout, "train")} == {one: "cancelled", two: "running"}
    with pytest.raises(UsageError, match="is not going"):
        jobs.cancel(layout, "train", one)
    with pytest.raises(UsageError, match="has no run 'nosuch'") as caught:
        jobs.log_lines(layout, "train", False, None, "nosuch")
    assert caught.value.code == "unknown-run"


def test_a_failed_retraining_is_told_beside_what_was_made_before(
    context: Context, job: Make, layout: Layout
) -> None:
    made = Job().create(context, job("true"))
    with pytest.raises(ResourceFailed):
        Job().create(context, job("exit 3"))
    state, detail = jobs.status(layout, "train", made.outputs["fingerprint"])
    assert state == "ready"
    assert detail.endswith("; a newer run failed: exit code 3 (`mlstack logs jobs.train`)")


def test_the_history_has_what_runs_are_compared_by(context: Context, job: Make, layout: Layout) -> None:
    Job().create(context, echo(job))
    jobs.run_beside(layout, echo(job).model_dump(), {"c": 3}, lambda _line: None, artifact=nothing)
    newest, own = jobs.history(layout, "train")
    assert [run.own for run in (newest, own)] == [False, True]
    assert newest.inputs == {"c": "3", "data": "x.csv@v"}
    assert newest.metrics == {"c": 3}
    assert own.metrics == {"c": 1}
    assert newest.seconds is not None
    assert newest.started is not None
    assert own.started is not None
    assert newest.started > own.started


def test_a_failed_run_is_an_error(job: Make, layout: Layout) -> None:
    with pytest.raises(TargetError, match="failed: exit code 9") as caught:
        jobs.run_beside(layout, job("exit 9").model_dump(), {}, lambda _line: None, artifact=nothing)
    assert str(caught.value.where).startswith(".mlstack/local/uid/runs/train/")
    assert str(caught.value.where).endswith("/log.txt")


def test_an_interrupt_stops_it(job: Make, layout: Layout) -> None:
    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jobs.run_beside(layout, job("echo on; sleep 60").model_dump(), {}, interrupt, artifact=nothing)
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
    assert re.fullmatch(r"took \d+\.\d s(, peak \d+ MB)?, c 1", detail)
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
