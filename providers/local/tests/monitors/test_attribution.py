"""Attributions by a real shap, in an environment of its own (some 200 MB, so not with every run)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import uv
from mlstack_local import serving
from mlstack_local.deployments.inputs import ModelPart
from mlstack_local.monitors import inside, statistics
from mlstack_local.monitors.inside import Deployed
from mlstack_local.monitors.reading import MeasureFailed
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shap")
    python = folder / "bin" / "python"
    subprocess.run([uv.find_uv_bin(), "venv", "-q", "--allow-existing", folder], check=True)
    packages = ["shap", "joblib", f"scikit-learn=={sklearn.__version__}"]
    subprocess.run([uv.find_uv_bin(), "pip", "install", "-q", "-p", python, *packages], check=True)
    return python


TREE = DecisionTreeClassifier(max_depth=4)
LINEAR = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))


@pytest.mark.parametrize("model", [TREE, LINEAR, SVC()], ids=["tree", "linear", "neither"])
def test_the_order_of_features(python: Path, tmp_path: Path, model: Any) -> None:
    rows, labels = load_iris(return_X_y=True)
    joblib.dump(model.fit(rows, labels), tmp_path / "model.joblib")
    names = [f"f{place}" for place in range(4)]
    part = ModelPart(name="iris", uri="model", version="1")
    deployed = Deployed("main", python, serving.runtime(), {}, part)

    def attributions(window: Any) -> tuple[list[float], list[float]]:
        tables = {
            "baseline": {name: rows[:, place].tolist() for place, name in enumerate(names)},
            "requests": {name: window[:, place].tolist() for place, name in enumerate(names)},
        }
        task = {"model": str(tmp_path), "flavor": "sklearn", "features": names}
        expected, found = inside.run("attribution.py", task, tables, deployed, cwd=tmp_path)
        return expected, found

    if isinstance(model, SVC):
        with pytest.raises(MeasureFailed, match="shap explains trees and linear models; this is a SVC"):
            attributions(rows)
        return
    expected, found = attributions(rows)
    assert len(expected) == 4
    assert statistics.ndcg(expected, found) == pytest.approx(1)
    still = rows.copy()
    most = int(np.argmax(expected))
    still[:, most] = rows[:, most].mean()  # the most important feature says nothing any more
    assert attributions(still)[1][most] < expected[most]
