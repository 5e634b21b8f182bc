"""Measures of the user's own, run by the interpreter of the deployment's environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from mlstack_local import serving
from mlstack_local.monitors import inside
from mlstack_local.monitors.inside import Deployed
from mlstack_local.monitors.reading import MeasureFailed

TABLES = {"requests": {"x": [1.0, 2.0, 3.0]}, "baseline": {"x": [1.0, 1.0]}}


def run(folder: Path, text: str, tables: Any = TABLES, **given: Any) -> Any:
    (folder / "measure.py").write_text(text)
    deployed = Deployed("main", Path(sys.executable), serving.runtime(), {"SAID": "hello"}, None)
    task = {"script": str(folder / "measure.py")}
    return inside.run("custom.py", task, tables, deployed, cwd=folder, **given)


def test_it_is_given_tables_its_own_modules_and_the_deployments_variables(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("def mean(column): return column.mean()\n")
    text = (
        "import os\nfrom helpers import mean\n"
        "def measure(requests, baseline):\n"
        "    assert os.environ['SAID'] == 'hello'\n"
        "    return mean(requests['x']) - mean(baseline['x'])\n"
    )
    assert run(tmp_path, text) == 1.0


def test_without_a_baseline_it_is_none(tmp_path: Path) -> None:
    text = "def measure(requests, baseline):\n    return 7 if baseline is None else 0\n"
    assert run(tmp_path, text, {**TABLES, "baseline": None}) == 7.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def measure(requests, baseline):\n    raise RuntimeError('no such thing')\n", "no such thing"),
        ("def measure(requests, baseline):\n    return 'much'\n", "'much', which is no number"),
        ("def measure(requests, baseline):\n    return float('nan')\n", "measure returned nan"),
        ("def other(): pass\n", "has no function measure"),
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        ("import os\nos._exit(0)\n", "the measure failed"),
    ],
)
def test_what_goes_wrong_is_said(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(MeasureFailed, match=why):
        run(tmp_path, text)


def test_it_has_a_time_limit(tmp_path: Path) -> None:
    with pytest.raises(MeasureFailed, match="not done after 1 s"):
        run(tmp_path, "import time\ntime.sleep(60)\n", seconds=1)


def test_without_shap_it_says_what_is_missing(tmp_path: Path) -> None:
    deployed = Deployed("main", Path(sys.executable), serving.runtime(), {}, None)
    with pytest.raises(MeasureFailed, match="no package shap"):
        inside.run("attribution.py", {}, {}, deployed, cwd=tmp_path)
