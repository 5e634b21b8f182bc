"""Runs of a batch endpoint: what they write, how they are followed, stopped and gone on with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from mlstack_local import batch
from mlstack_local.jobs import RunFolder
from mlstack_local.resources.batch_endpoint import BatchEndpoint

from mlstack.errors import TargetError, UsageError
from mlstack.resource import State
from mlstack.runtime import ChildRecord, Record, Scoring
from providers.local.tests.batch.conftest import Nightly

Until = Callable[..., None]
DOUBLED = "a,prediction\n" + "".join(f"{n},{2 * n}\n" for n in range(1, 101))


def pid_of(run: RunFolder) -> int:
    """The scoring program of a run that is going, once it has one."""
    while not (record := run.read()) or not record.groups:
        time.sleep(0.02)
    return record.groups[0].pid


def is_waiting(nightly: Nightly, run: RunFolder, rows: int) -> Callable[[], bool]:
    """Whether so many rows are scored, and the next ones wait."""
    journal = Path(batch.Asked.read(run).output) / "journal.jsonl"
    return lambda: journal.exists() and len(journal.read_text().splitlines()) == rows // 10


def test_a_run_writes_into_its_own_folder(nightly: Nightly) -> None:
    run = nightly.score(nightly.up(), nightly.table())
    assert run.status == "succeeded"
    assert nightly.text(run) == DOUBLED
    folder = f".mlstack/local/u1/batch/nightly/{run.id}/output"
    assert run.outputs == {
        "folder": {"uri": folder},
        "predictions": {"uri": f"{folder}/predictions.csv"},
        "errors": {"uri": f"{folder}/errors.jsonl"},
    }
    assert (run.metrics["rows"], run.metrics["failed"]) == (100, 0)
    assert nightly.lines[-1].startswith("scored 100 of 100 rows, 0 failed, ")
    assert (nightly.seen[-1].rows, nightly.seen[-1].total) == (100, 100)


def test_what_is_asked_comes_before_what_is_deployed(nightly: Nightly, tmp_path: Path) -> None:
    inputs = nightly.up(max_errors=0)
    data = nightly.table(1, -1, 3)
    run = nightly.score(
        inputs, data, deployment="other", output=tmp_path / "mine", mini_batch=1, max_errors=1
    )
    assert nightly.text(run) == "a,prediction\n1,3\n3,9\n"
    assert run.outputs["predictions"]["uri"] == "mine/predictions.csv"
    assert nightly.text(run, "errors") == '{"row":2,"error":"ValueError: minus one"}\n'
    with pytest.raises(UsageError, match="is there already") as caught:
        nightly.begin(inputs, data, output=tmp_path / "mine")
    assert caught.value.code == "output-not-empty"


def test_data_of_the_stack_bring_the_meaning_of_their_columns(nightly: Nightly) -> None:
    nightly.context.root.joinpath("rows.jsonl").write_text('{"a": 1, "label": 5, "id": 7}\n')
    (nightly.context.root / "serve").mkdir()
    inputs = nightly.up()
    (nightly.layout.deployment("nightly", "main") / "code" / "score.py").write_text(
        "def run(data):\n    return [sorted(data)]\n"
    )

    def asked(columns: dict[str, object]) -> str:
        child = ChildRecord("", "mlstack:local:Data", "rows", "", {"columns": columns}, {})
        return nightly.text(
            nightly.score(inputs, Record("data", "rows", {"uri": "rows.jsonl", "version": "1"}, (child,)))
        )

    assert json.loads(asked({}))["prediction"] == ["a", "id", "label"]
    assert json.loads(asked({"label": "label", "timestamp": "id"}))["prediction"] == ["a"]
    assert json.loads(asked({"label": "label", "features": ["id"]}))["prediction"] == ["id"]


def test_two_at_once_do_not_meet(nightly: Nightly) -> None:
    inputs, data = nightly.up(), nightly.table()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda name: nightly.score(inputs, data, deployment=name), ["main", "other"])
    assert first.id != second.id
    assert nightly.text(first) == DOUBLED
    assert nightly.text(second).endswith("\n100,300\n")


def test_too_many_failures_say_how_to_go_on(nightly: Nightly) -> None:
    inputs = nightly.up(max_errors=0)
    with pytest.raises(TargetError, match="failed: 1 failed, and 0 may: the last is row 2") as caught:
        nightly.score(inputs, nightly.table(1, -1, 3))
    assert caught.value.code == "run-failed"
    [run] = batch.runs_of(nightly.layout, "nightly")
    assert f"mlstack invoke nightly --resume {run.path.name}" in str(caught.value.remedy)
    done = nightly.resume(run.path.name, max_errors=1)
    assert nightly.text(done) == "a,prediction\n1,2\n3,6\n"
    with pytest.raises(UsageError, match="has no run 'x'"):
        batch.resume(nightly.layout, "nightly", Scoring(resume="x"))


@pytest.mark.parametrize("victim", ["scoring", "runner", "both"])
@pytest.mark.parametrize("rows", [0, 10, 90])
def test_a_run_that_was_killed_goes_on(nightly: Nightly, until: Until, victim: str, rows: int) -> None:
    inputs = nightly.up(env={"WAIT_AT": str(rows + 1)})
    run = nightly.begin(inputs, nightly.table())
    until(is_waiting(nightly, run, rows))
    record = run.read()
    assert record is not None
    assert record.runner is not None
    pids = {"scoring": [pid_of(run)], "runner": [record.runner.pid]}
    for pid in pids.get(victim, [*pids["runner"], *pids["scoring"]]):
        psutil.Process(pid).kill()
    with pytest.raises(TargetError, match=r"was lost|SIGKILL"):
        nightly.follow(run)
    run = batch.resume(nightly.layout, "nightly", Scoring(resume=run.path.name))  # ends what is left of it
    nightly.go.touch()
    done = nightly.follow(run)
    assert nightly.text(done) == DOUBLED
    assert not rows or f"going on after {rows} of 100 rows" in nightly.lines


def test_a_run_goes_on_with_what_it_began_with(nightly: Nightly, until: Until) -> None:
    inputs = nightly.up(env={"WAIT_AT": "51"})
    run = nightly.begin(inputs, nightly.table())
    until(is_waiting(nightly, run, 50))
    state, detail = batch.status(nightly.layout, inputs)
    assert state == "running"
    assert detail.startswith(f"main (default), other; {run.path.name} at ")
    assert detail.endswith(" of 100 rows")
    assert batch.cancel(nightly.layout, "nightly") == run.path.name
    with pytest.raises(UsageError, match="no run of batch endpoint 'nightly' is going"):
        batch.cancel(nightly.layout, "nightly")
    assert batch.status(nightly.layout, inputs) == ("ready", "main (default), other")
    (nightly.context.root / "serve" / "score.py").write_text("broken")
    BatchEndpoint().create(nightly.context, nightly.up(env={"TIMES": "9"}))
    nightly.go.touch()
    assert nightly.text(nightly.resume(run.path.name)) == DOUBLED


def test_an_interrupt_stops_it(nightly: Nightly, until: Until) -> None:
    run = nightly.begin(nightly.up(env={"WAIT_AT": "1"}), nightly.table())
    pid = pid_of(run)

    def interrupt(line: str) -> None:
        nightly.lines.append(line)
        if line.startswith("reading"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.follow(nightly.layout, "nightly", run, nightly.seen.append, interrupt)
    record = run.read()
    assert record is not None
    assert record.status == "cancelled"
    until(lambda: not psutil.pid_exists(pid))
    assert nightly.lines[-1] == f"stopped; `mlstack invoke nightly --resume {run.path.name}` goes on"


def test_data_that_changed_are_refused(nightly: Nightly, until: Until) -> None:
    run = nightly.begin(nightly.up(env={"WAIT_AT": "51"}), nightly.table())
    until(is_waiting(nightly, run, 50))
    batch.cancel(nightly.layout, "nightly")
    nightly.table(7)
    with pytest.raises(TargetError, match=r"in.csv has changed since the run began"):
        nightly.resume(run.path.name)


def test_logs_are_those_of_the_newest_run(nightly: Nightly) -> None:
    inputs = nightly.up()
    with pytest.raises(TargetError, match="has scored nothing yet"):
        batch.log_lines(nightly.layout, "nightly", None, False, None)
    nightly.score(inputs, nightly.table(1, name="first.csv"))
    nightly.score(inputs, nightly.table(1, 2, name="second.csv"), deployment="other")
    newest = list(batch.log_lines(nightly.layout, "nightly", None, False, None))
    assert newest[0].endswith("second.csv")
    assert next(iter(batch.log_lines(nightly.layout, "nightly", "main", False, None))).endswith("first.csv")
    assert list(batch.log_lines(nightly.layout, "nightly", None, True, 1)) == newest[-1:]


def test_the_endpoint_itself(nightly: Nightly, until: Until) -> None:
    inputs = nightly.inputs(env={"WAIT_AT": "1"})
    assert BatchEndpoint().find(nightly.context, inputs.model_dump()) is None
    made = BatchEndpoint().create(nightly.context, inputs)
    assert BatchEndpoint().create(nightly.context, inputs) == made
    assert BatchEndpoint().read(nightly.context, State(made.id, {}, {})) == made
    assert BatchEndpoint().find(nightly.context, made.inputs) == made
    run = nightly.begin(inputs, nightly.table())
    pid = pid_of(run)
    mine = nightly.score(inputs, nightly.table(5, name="b.csv"), output=nightly.context.root / "mine")
    code = nightly.layout.deployment("nightly", "main") / "code" / "score.py"
    code.write_text("changed by somebody")
    assert BatchEndpoint().read(nightly.context, made) is None
    BatchEndpoint().delete(nightly.context, made)
    BatchEndpoint().delete(nightly.context, made)
    until(lambda: not psutil.pid_exists(pid))
    assert not nightly.layout.home.exists()
    assert nightly.text(mine) == "a,prediction\n5,10\n"
