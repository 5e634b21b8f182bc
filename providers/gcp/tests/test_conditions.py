"""Conditions of a pipeline's steps: what they are under, what the pipeline has of them, what decides."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.cloud.aiplatform_v1.types import PipelineJob
from mlstack_gcp import conditions
from mlstack_gcp.jobs import decide
from mlstack_gcp.pipelines import Definition, pipeline_job, pipeline_spec
from mlstack_gcp.rehearsal import gcs

from mlstack import door
from mlstack.spec.pipeline import Step
from providers.gcp.tests.emulated import BUCKET, emulated

_ACCURATE = "${{steps.check.metrics.accuracy}}"


def _held(when: str, numbers: Any) -> bool:
    told = [[each.model_dump() for each in part] for part in conditions.parse(when)]
    for part in told:
        for each in part:
            for side in (each["left"], each["right"]):
                side["uri"] = side.pop("step")
    return decide.holds(told, lambda uri: {"check": numbers}[uri])


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (f"{_ACCURATE} > 0.9", True),
        (f"{_ACCURATE} < 0.9", False),
        (f"0.95 == {_ACCURATE}", True),
        (f"{_ACCURATE} >= 1 or ${{{{steps.check.metrics.of.rows}}}} > 5", True),
        (f"{_ACCURATE} > 0.9 and ${{{{steps.check.metrics.of.rows}}}} > 10", False),
        ("${{steps.check.metrics.name}} == 'net' and ${{steps.check.metrics.well}} == true", True),
        ("${{steps.check.metrics.name}} != 'net'", False),
        (f"{_ACCURATE} < 0.1 and {_ACCURATE} > 0.9 or {_ACCURATE} <= 0.95", True),
    ],
)
def test_what_holds(when: str, holds: bool) -> None:
    Step.model_validate({"job": "x", "when": when})  # it is a condition of the spec
    assert _held(when, {"accuracy": 0.95, "of": {"rows": 7}, "name": "net", "well": True}) is holds


def test_a_number_that_is_missing_is_an_error() -> None:
    with pytest.raises(SystemExit, match=r"check has no accuracy"):
        _held(f"{_ACCURATE} > 0.9", {"loss": 1})


def test_a_step_and_those_that_need_it_are_under_its_condition() -> None:
    steps = {
        "check": {"job": "check"},
        "other": {"job": "other"},
        "deploy": {"job": "deploy", "when": f"{_ACCURATE} > 0.9"},
        "told": {"job": "tell", "needs": ["deploy", "other"]},
        "last": {"job": "last", "inputs": {"x": "steps.told.out"}, "when": f"{_ACCURATE} > 0.99"},
    }
    found = conditions.under({name: Step.model_validate(each) for name, each in steps.items()})
    assert found == {
        "check": [], "other": [], "deploy": ["deploy"], "told": ["deploy"], "last": ["deploy", "last"],
    }  # fmt: skip


def _definition() -> Definition:
    runs = {"machine": "n2-standard-4"}
    when = [[each.model_dump() for each in part] for part in conditions.parse(f"{_ACCURATE} > 0.9")]
    check = {"command": "x", "image": "i", "outputs": {"metrics": {"type": "file"}}, "runs": runs}
    plain = {"command": "x", "image": "i", "runs": runs}
    return Definition.model_validate(
        {
            "name": "retrain",
            "project": "p",
            "location": "l",
            "place": f"gs://{BUCKET}/pipelines",
            "steps": {
                "check": {"job": check},
                "deploy": {"job": plain, "when": when, "under": ["deploy"]},
                "tell": {"job": plain, "after": ["deploy"], "under": ["deploy"]},
            },
        }
    )


def test_a_condition_is_a_task_that_triggers_others() -> None:
    spec = pipeline_spec(_definition())
    tasks = spec["root"]["dag"]["tasks"]
    assert tasks["deploy_when"]["dependentTasks"] == ["check"]
    assert "triggerPolicy" not in tasks["deploy_when"]
    for name, before in (("deploy", ["deploy_when"]), ("tell", ["deploy", "deploy_when"])):
        assert tasks[name]["dependentTasks"] == before
        assert tasks[name]["triggerPolicy"] == {
            "condition": "inputs.parameter_values['deploy_when'] == 'true'"
        }
        assert tasks[name]["inputs"]["parameters"]["deploy_when"]["taskOutputParameter"] == {
            "producerTask": "deploy_when", "outputParameterKey": "go",
        }  # fmt: skip
        held = spec["components"][f"comp-{name}"]["inputDefinitions"]["parameters"]
        assert held == {"deploy_when": {"parameterType": "STRING"}}
    assert "inputs" not in tasks["check"]
    PipelineJob(pipeline_job(spec, _definition(), {}))


def test_what_decides_reads_the_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container's own program, with the client for storage, against the emulated cloud."""
    container = pipeline_spec(_definition())["deploymentSpec"]["executors"]["exec-deploy_when"]["container"]
    condition = container["args"][0].replace("{{$.pipeline_job_uuid}}", "7")
    (tmp_path / "cloud").mkdir()
    with emulated(tmp_path / "cloud", monkeypatch) as gcp:
        for accuracy, word in ((0.95, "true"), (0.5, "false")):
            place = f"gs://{BUCKET}/pipelines/retrain/7/check/metrics"
            gcs.write(gcp.cloud, place, json.dumps({"accuracy": accuracy}).encode())
            out = tmp_path / "parameters" / "go"
            ran = subprocess.run(
                [sys.executable, *container["command"][1:], condition, str(out)],
                env={"STORAGE_EMULATOR_HOST": str(door.url()), "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert out.read_text() == word
            assert ran.stdout == f"the condition is {word}\n"
