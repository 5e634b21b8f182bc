"""Jobs that really run: what they see, what they leave, how they fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from mlstack_local import environments, jobs, secrets
from mlstack_local.jobs import JobInputs, RunFolder
from mlstack_local.jobs.history import runs
from mlstack_local.layout import Layout
from mlstack_local.resources.job import Job

from mlstack import content
from mlstack.resource import UNKNOWN, Context, InputProblem, ResourceFailed, State

Make = Callable[..., JobInputs]


def run_of(context: Context, job: JobInputs) -> RunFolder:
    return jobs.folder_of(job, context.root)


def test_inputs_outputs_metrics_and_log(context: Context, job: Make, source: Path, lines: list[str]) -> None:
    (context.root / "da ta.csv").write_text("1,2\n")
    (source / "train.py").write_text(
        "import json, pathlib, sys, time\n"
        "time.sleep(0.3)\n"
        "data, c, out, report = sys.argv[1:]\n"
        "pathlib.Path(out, 'model.txt').write_text(pathlib.Path(data).read_text() + c)\n"
        "pathlib.Path(out, 'metrics.json').write_text(json.dumps({'accuracy': 0.5, 'n': 'x', 'ok': True}))\n"
        "pathlib.Path(report).write_text(json.dumps({'rows': 1, 'loss': float('nan')}))\n"
        "print('trained'); print('warned', file=sys.stderr)\n"
    )
    wanted = job(
        'python train.py "${{inputs.data}}" ${{inputs.c}} ${{outputs.model}} ${{outputs.report}}',
        code={"path": "src", "digest": content.version(source)},
        inputs={"data": {"uri": "da ta.csv", "version": "v"}, "c": {"value": "1.0"}},
        outputs={"model": {"type": "folder"}, "report": {"type": "file"}},
    )
    made = Job().create(context, wanted)

    assert made.id == "uid/job/train"
    assert made.outputs["status"] == "succeeded"
    assert made.outputs["fingerprint"] == wanted.fingerprint()
    assert made.outputs["run"] == f".mlstack/local/uid/jobs/train/{wanted.fingerprint()}"
    model = made.outputs["outputs"]["model"]
    assert (context.root / model["uri"] / "model.txt").read_text() == "1,2\n1.0"
    assert model["version"] == content.version(context.root / model["uri"])
    assert made.outputs["outputs"]["report"]["version"] == content.version(
        context.root / made.outputs["outputs"]["report"]["uri"]
    )
    assert made.outputs["metrics"] == {"accuracy": 0.5, "rows": 1}
    assert "trained" in lines
    assert sorted((context.root / made.outputs["run"] / "log.txt").read_text().split()) == [
        "trained",
        "warned",
    ]
    record = run_of(context, wanted).read()
    assert record is not None
    assert record.exit_code == 0
    assert record.max_rss_bytes is not None
    assert record.max_rss_bytes > 1 << 20
    assert record.started is not None
    assert record.ended is not None
    assert 0 < record.ended - record.started < 60


def test_what_the_command_sees(context: Context, job: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary")
    monkeypatch.setenv("MLSTACK_ANYTHING", "canary")
    monkeypatch.setenv("PYTHONPATH", str(context.root))
    monkeypatch.setenv("MY_OWN", "kept")
    secrets.write(Layout(context.root, "uid"), "token", "s3cr3t $x")
    wanted = job(
        "env -0 > ${{outputs.env}}; pwd; which python; cat",
        outputs={"env": {"type": "file"}},
        env={"LEVEL": "in fo"},
        secrets={"TOKEN": {"name": "token", "hash": "h"}},
    )
    made = Job().create(context, wanted)

    text = (context.root / made.outputs["outputs"]["env"]["uri"]).read_text()
    seen = dict(line.split("=", 1) for line in text.split("\0") if line)
    bare = environments.bare(Layout(context.root, "uid"), context.log)
    assert seen["LEVEL"] == "in fo"
    assert seen["TOKEN"] == "s3cr3t $x"
    assert seen["MY_OWN"] == "kept"
    assert seen["PYTHONUNBUFFERED"] == "1"
    assert seen["VIRTUAL_ENV"] == str(bare)
    assert "canary" not in seen.values()
    assert "PYTHONPATH" not in seen
    assert "RANK" not in seen
    cwd, python = run_of(context, wanted).log.read_text().splitlines()
    assert list(Path(cwd).iterdir()) == []  # without code: an empty folder
    assert python == str(bare / "bin" / "python")
    left = b"".join(
        path.read_bytes() for path in (context.root / made.outputs["run"]).glob("*.*") if path.is_file()
    )
    assert b"s3cr3t" not in left


def test_a_job_that_was_done_is_not_run_again(context: Context, job: Make, source: Path) -> None:
    wanted = job("echo once >> count", code={"path": "src", "digest": "d"})
    first = Job().create(context, wanted)
    assert Job().create(context, wanted) == first
    assert Job().find(context, wanted.model_dump()) == first
    assert Job().read(context, first) == first
    assert Job().update(context, first, wanted.model_copy(update={"timeout_seconds": 9.0})) == first.outputs
    assert (source / "count").read_text() == "once\n"


def test_a_failure_tells_what_is_needed_and_is_tried_again(context: Context, job: Make, source: Path) -> None:
    wanted = job(
        "for i in $(seq 30); do echo line $i; done; test -e mended || exit 3",
        code={"path": "src", "digest": "d"},
    )
    with pytest.raises(ResourceFailed) as caught:
        Job().create(context, wanted)

    failure = caught.value
    assert failure.category == "user"
    assert failure.partial is None
    assert "failed: exit code 3" in failure.message
    assert "line 30" in failure.message
    assert "line 9\n" not in failure.message
    assert f".mlstack/local/uid/jobs/train/{wanted.fingerprint()}/log.txt" in failure.message
    assert "mlstack logs jobs.train" in str(failure.remedy)
    assert Job().find(context, wanted.model_dump()) is None
    assert jobs.status(wanted.layout(context.root), "train", wanted.fingerprint()) == (
        "failed",
        "exit code 3",
    )

    (source / "mended").touch()
    assert Job().create(context, wanted).outputs["status"] == "succeeded"


def test_a_flood_of_lines_is_shown_in_part(context: Context, job: Make, lines: list[str]) -> None:
    made = Job().create(context, job("seq 5000"))
    shown = [int(line) for line in lines if line.isdigit()]
    left = [int(line.split()[0].strip("(")) for line in lines if "lines more are in the log" in line]
    assert shown[-1] == 5000
    assert len(shown) + sum(left) == 5000
    assert sum(left) > 1000
    assert len((context.root / made.outputs["run"] / "log.txt").read_text().split()) == 5000


def test_an_environment_that_nobody_knows(context: Context, job: Make) -> None:
    with pytest.raises(ResourceFailed, match="environment 'sk' is gone") as caught:
        Job().create(context, job("true", environment="sk@unheard"))
    assert caught.value.remedy == "run `mlstack up`"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("true", "wrote no file to its output 'report'"),
        ("mkdir ${{outputs.report}}", "wrote no file to its output 'report'"),
        ("kill -SEGV $$", "ended by SIGSEGV"),
        ("no-such-command-at-all", "exit code 127"),
    ],
)
def test_failures(context: Context, job: Make, command: str, told: str) -> None:
    with pytest.raises(ResourceFailed, match=told):
        Job().create(context, job(command, outputs={"report": {"type": "file"}}))


def test_a_code_folder_that_is_gone(context: Context, job: Make) -> None:
    with pytest.raises(ResourceFailed, match="No such file"):
        Job().create(context, job("true", code={"path": "not-there", "digest": "d"}))


def test_retries_start_with_clean_outputs(context: Context, job: Make, source: Path) -> None:
    wanted = job(
        "echo try >> tries; n=$(grep -c try tries); touch ${{outputs.out}}/from-$n; test $n = 3",
        code={"path": "src", "digest": "d"},
        outputs={"out": {"type": "folder"}},
        retries=2,
    )
    made = Job().create(context, wanted)
    out = context.root / made.outputs["outputs"]["out"]["uri"]
    assert [path.name for path in out.iterdir()] == ["from-3"]
    log = run_of(context, wanted).log.read_text()
    assert "attempt 1: exit code 1; trying again in 1 s" in log
    assert "attempt 2: exit code 1; trying again in 2 s" in log
    record = run_of(context, wanted).read()
    assert record is not None
    assert [attempt.message for attempt in record.attempts] == ["exit code 1", "exit code 1", ""]
    assert made.outputs["usage"]["attempts"] == 3

    (source / "tries").unlink()
    with pytest.raises(ResourceFailed, match="exit code 1"):
        Job().create(context, wanted.model_copy(update={"retries": 1, "nonce": "2"}))
    assert (source / "tries").read_text() == "try\ntry\n"


def test_a_timeout_ends_the_whole_tree(context: Context, job: Make, source: Path) -> None:
    wanted = job("sleep 301 & sleep 302", code={"path": "src", "digest": "d"}, timeout_seconds=0.5, retries=3)
    with pytest.raises(ResourceFailed, match=r"was stopped after 0\.5 s") as caught:
        Job().create(context, wanted)
    assert "longer timeout" in str(caught.value.remedy)
    assert sleeping("301", "302") == []
    record = run_of(context, wanted).read()
    assert record is not None
    assert (record.status, record.attempt) == ("timed-out", 1)


def test_what_is_left_in_the_background_ends_with_the_job(context: Context, job: Make) -> None:
    Job().create(context, job("sleep 305 & true"))
    assert sleeping("305") == []


def test_an_interrupt_stops_the_run(context: Context, job: Make) -> None:
    cancelled = threading.Event()
    threading.Timer(1.0, cancelled.set).start()
    wanted = job("sleep 306; sleep 307")
    with pytest.raises(ResourceFailed, match="was stopped") as caught:
        Job().create(replace(context, cancelled=cancelled), wanted)
    assert caught.value.category == "user"
    assert sleeping("306", "307") == []
    assert jobs.status(wanted.layout(context.root), "train", wanted.fingerprint())[0] == "stopped"


def test_several_processes_know_each_other(context: Context, job: Make) -> None:
    wanted = job(
        "echo $RANK $LOCAL_RANK $WORLD_SIZE $MASTER_ADDR $MASTER_PORT > ${{outputs.out}}/$RANK",
        outputs={"out": {"type": "folder"}},
        processes=3,
    )
    made = Job().create(context, wanted)
    out = context.root / made.outputs["outputs"]["out"]["uri"]
    told = [path.read_text().split() for path in sorted(out.iterdir())]
    assert [line[:4] for line in told] == [[str(rank), str(rank), "3", "127.0.0.1"] for rank in range(3)]
    assert len({line[4] for line in told}) == 1


def test_several_nodes_are_groups_of_processes(context: Context, job: Make) -> None:
    shown = "$RANK $LOCAL_RANK $WORLD_SIZE $LOCAL_WORLD_SIZE $GROUP_RANK $NODE_RANK $GROUP_WORLD_SIZE"
    wanted = job(f"echo {shown}; printf 'no end'", nodes=2, processes=2)
    Job().create(context, wanted)
    lines = run_of(context, wanted).log.read_text().splitlines()
    assert sorted(lines) == sorted(
        line
        for rank, node in enumerate((0, 0, 1, 1))
        for line in (
            f"[rank {rank}] {rank} {rank % 2} 4 2 {node} {node} 2",
            f"[rank {rank}] no end",
        )
    )


def test_a_secret_is_not_in_the_log(context: Context, job: Make, lines: list[str]) -> None:
    layout = Layout(context.root, "uid")
    secrets.write(layout, "token", "s3cr3t-value")
    secrets.write(layout, "pin", "123")
    wanted = job(
        "printf 'it is s3cr'; sleep 0.3; printf '3t-value\n'; echo \"$TOKEN\" >&2; echo pin $PIN; exit 4",
        secrets={"TOKEN": {"name": "token", "hash": "h"}, "PIN": {"name": "pin", "hash": "h"}},
    )
    with pytest.raises(ResourceFailed, match="exit code 4") as caught:
        Job().create(context, wanted)
    assert run_of(context, wanted).log.read_text().splitlines()[:3] == ["it is ***", "***", "pin 123"]
    assert "s3cr3t" not in caught.value.message
    assert not [line for line in lines if "s3cr3t" in line]


def test_which_variable_wins(context: Context, job: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A", "B", "C", "RANK"):
        monkeypatch.setenv(name, "around")
    secrets.write(Layout(context.root, "uid"), "token", "secret")
    wanted = job(
        "printf '%s ' $A $B $C $RANK > ${{outputs.out}}/$RANK",
        env={"B": "env", "C": "env", "RANK": "env"},
        secrets={"C": {"name": "token", "hash": "h"}},
        outputs={"out": {"type": "folder"}},
        processes=2,
    )
    made = Job().create(context, wanted)
    out = context.root / made.outputs["outputs"]["out"]["uri"]
    assert (out / "1").read_text() == "around env secret 1 "


def test_memory_of_the_whole_tree_and_processor_time(context: Context, job: Make, source: Path) -> None:
    (source / "eat.py").write_text(
        "import subprocess, sys, time\n"
        "depth = int(sys.argv[1])\n"
        "block = bytearray(b'x') * (60 << 20)\n"
        "child = depth and subprocess.Popen([sys.executable, __file__, str(depth - 1)])\n"
        "end = time.process_time() + 0.3\n"
        "while time.process_time() < end: pass\n"
        "time.sleep(2)\n"
        "child and child.wait()\n"
    )
    wanted = job("python eat.py 2", code={"path": "src", "digest": "d"})
    usage = Job().create(context, wanted).outputs["usage"]
    assert 180 << 20 < usage["max_rss_bytes"] < 400 << 20
    assert usage["cpu_seconds"] >= 0.9
    assert usage["seconds"] >= 2
    assert usage["attempts"] == 1


def test_one_process_that_fails_ends_the_others(context: Context, job: Make) -> None:
    with pytest.raises(ResourceFailed, match="exit code 7"):
        Job().create(context, job("test $RANK = 0 && exit 7; sleep 308", processes=2))
    assert sleeping("308") == []


def test_preview_before_and_after(context: Context, job: Make) -> None:
    wanted = job("echo x > ${{outputs.out}}/x", outputs={"out": {"type": "folder"}})
    uri = f".mlstack/local/uid/jobs/train/{wanted.fingerprint()}/outputs/out"
    before = Job().preview(context, wanted.model_dump(), None)
    assert before["fingerprint"] == wanted.fingerprint()
    assert before["outputs"] == {"out": {"uri": uri, "version": UNKNOWN}}
    assert before["status"] is UNKNOWN
    assert before["metrics"] is UNKNOWN

    made = Job().create(context, wanted)
    assert Job().preview(context, wanted.model_dump(), made) == made.outputs

    unknown = Job().preview(context, {**wanted.model_dump(), "environment": UNKNOWN}, made)
    assert unknown["fingerprint"] is UNKNOWN
    assert unknown["outputs"] == {"out": {"uri": UNKNOWN, "version": UNKNOWN}}


def test_check_refuses_what_is_not_declared(context: Context, job: Make) -> None:
    Job().check(context, job("echo ${{inputs.x}}", inputs={"x": {"value": "1"}}))
    with pytest.raises(InputProblem, match=r"\$\{\{inputs\.y\}\} is not declared") as caught:
        Job().check(context, job("echo ${{inputs.y}}", inputs={"x": {"value": "1"}}))
    assert caught.value.path == "command"


def test_outputs_that_were_removed_are_made_again(context: Context, job: Make) -> None:
    wanted = job("echo x > ${{outputs.out}}", outputs={"out": {"type": "file"}})
    made = Job().create(context, wanted)
    output = context.root / made.outputs["outputs"]["out"]["uri"]
    output.unlink()
    assert Job().read(context, made) is None
    again = Job().create(context, wanted)
    assert {**again.outputs, "usage": made.outputs["usage"]} == made.outputs
    assert output.read_text() == "x\n"


def test_old_runs_stay_for_who_reads_or_compares_them(context: Context, job: Make) -> None:
    state = Job().create(context, job("echo 1"))
    home = (context.root / state.outputs["run"]).parent
    made = [state.outputs["fingerprint"]]
    for number in (2, 3):
        wanted = job(f"echo {number}")
        state = State(state.id, wanted.model_dump(), Job().update(context, state, wanted))
        made.append(state.outputs["fingerprint"])
    assert [run.path.name for run in runs(Layout(context.root, "uid"), state.inputs["name"])] == made
    assert {path.name for path in home.iterdir()} == {*made}

    Job().delete(context, state)
    Job().delete(context, state)
    assert not Layout(context.root, "uid").home.exists()


def sleeping(*seconds: str) -> list[psutil.Process]:
    """Living `sleep`s of so many seconds."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["cmdline"] and process.info["cmdline"][0] == "sleep"
        if process.info["cmdline"][-1] in seconds and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
