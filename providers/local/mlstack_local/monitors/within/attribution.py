"""Mean absolute SHAP values per feature. A script for the interpreter of a deployment's environment.

For tree ensembles and linear models, where SHAP values are exact and quick (S. Lundberg and S.-I. Lee, A
Unified Approach to Interpreting Model Predictions, 2017; TreeExplainer: Lundberg et al. 2020). Steps of a
pipeline before the last are applied to the rows, and must keep the number of columns.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

_LINEAR = ("coef_", "intercept_")


def loaded(folder: str, flavor: Any) -> Any:
    """The model behind a deployment, once its files are those that were registered."""
    import joblib
    from mlstack_serving.flavors import find
    from mlstack_serving.manifest import verify

    verify(Path(folder), None)
    _, path = find(Path(folder), flavor)
    if path.suffix not in (".joblib", ".pkl"):
        sys.exit(f"shap is given models of scikit-learn's kind, in joblib or pickle; this is {path.name}")
    return joblib.load(path)


def attributions(shap: Any, model: Any, baseline: Any, window: Any) -> Any:
    import numpy

    linear = all(hasattr(model, name) for name in _LINEAR)
    try:
        explainer = shap.LinearExplainer(model, baseline) if linear else shap.TreeExplainer(model)
    except Exception as error:
        sys.exit(f"shap explains trees and linear models; this is a {type(model).__name__} ({error})")
    found = []
    for rows in (baseline, window):
        values = explainer.shap_values(rows)
        # One array per class in older versions, a last axis of classes in newer ones.
        array = numpy.abs(numpy.stack(values, axis=-1) if isinstance(values, list) else numpy.asarray(values))
        found.append(array.reshape(array.shape[0], array.shape[1], -1).mean(axis=(0, 2)).tolist())
    return found


def main(folder: Path) -> None:
    if not importlib.util.find_spec("shap"):
        sys.exit("the environment has no package shap: add it to the deployment's environment")
    import numpy
    import shap

    task = json.loads((folder / "task.json").read_text())
    model = loaded(task["model"], task.get("flavor"))
    tables = []
    for name in ("baseline", "requests"):
        columns = json.loads((folder / f"{name}.json").read_text())
        rows = numpy.column_stack([numpy.asarray(columns[each], dtype=float) for each in task["features"]])
        tables.append(rows[~numpy.isnan(rows).any(axis=1)])
    for _, step in getattr(model, "steps", [])[:-1]:
        tables = [step.transform(rows) for rows in tables]
    model = model.steps[-1][1] if hasattr(model, "steps") else model
    if tables[0].shape[1] != len(task["features"]):
        sys.exit("the model's pipeline changes the number of columns: its features cannot be told apart")
    (folder / "result.json").write_text(json.dumps(attributions(shap, model, *tables)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
