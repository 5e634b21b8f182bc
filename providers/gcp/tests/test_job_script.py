"""The script of a job, run by a real shell, with a folder in the place of the mounted buckets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.jobs import script
from mlstack_gcp.jobs.asked import Asked, mark

from mlstack.lowering.cron import every


@pytest.fixture
def buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(script, "ROOT", str(tmp_path / "gcs"))
    (tmp_path / "gcs/b/code/deep").mkdir(parents=True)
    (tmp_path / "gcs/b/code/deep/say.sh").write_text('echo "$1" > "$2"\n')
    return tmp_path / "gcs"


def _asked(**more: Any) -> Asked:
    return Asked.model_validate({"command": "true", "image": "i", "runs": {"machine": "m"}, **more})


def _run(asked: Asked, **env: str) -> subprocess.CompletedProcess[str]:
    text = script.script(asked, "gs://b/runs/one/f")
    return subprocess.run(
        ["/bin/sh", "-c", text],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", **env},
    )


def test_code_inputs_and_outputs_are_paths(buckets: Path) -> None:
    asked = _asked(
        command='sh deep/say.sh "${{inputs.word}}" ${{outputs.model}}/out\n'
        "cat ${{inputs.data}} > ${{outputs.log}}",
        code="gs://b/code/",
        inputs={"word": {"value": "it's $5"}, "data": {"uri": "gs://b/code/deep/say.sh"}},
        outputs={"model": {}, "log": {"type": "file"}},
    )
    done = _run(asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert (buckets / "b/runs/one/f/model/out").read_text() == "it's $5\n"
    assert (buckets / "b/runs/one/f/log").read_text() == (buckets / "b/code/deep/say.sh").read_text()


def test_the_command_s_own_status_is_that_of_the_job(buckets: Path) -> None:
    assert _run(_asked(command="false; exit 7")).returncode == 7


def test_each_process_of_each_node_has_its_rank(buckets: Path) -> None:
    asked = _asked(
        command="echo $RANK $LOCAL_RANK $WORLD_SIZE $MASTER_ADDR $MASTER_PORT", nodes=2, processes=2
    )
    told = {
        "cluster": {"workerpool0": ["chief:2222"], "workerpool1": ["other:2222"]},
        "task": {"type": "workerpool1", "index": 0},
    }
    done = _run(asked, CLUSTER_SPEC=json.dumps(told))
    assert sorted(done.stdout.splitlines()) == ["2 0 4 chief 2222", "3 1 4 chief 2222"], done.stderr
    failing = _asked(command="[ $RANK = 1 ] && exit 5; sleep 60", processes=2)
    assert _run(failing).returncode == 5


def test_the_fingerprint_is_of_what_is_computed() -> None:
    one = _asked(command="a")
    assert mark(one) == mark(_asked(command="a", runs={"machine": "other", "timeout": 5}, labels={"a": "b"}))
    assert (
        len({mark(one), mark(_asked(command="b")), mark(_asked(command="a", nodes=2)), mark(one, "x")}) == 4
    )


@pytest.mark.parametrize(
    ("seconds", "expression"),
    [(60, "* * * * *"), (900, "*/15 * * * *"), (3600, "0 * * * *"), (21600, "0 */6 * * *"),
     (86400, "0 0 * * *"), (604800, "0 0 * * 0"), (420, None), (25200, None), (90, None)],
)  # fmt: skip
def test_intervals_that_a_clock_divides(seconds: float, expression: str | None) -> None:
    assert every(seconds) == expression
