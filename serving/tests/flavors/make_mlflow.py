"""Run in the environment ``mlflow``: scikit-learn models as MLflow folders, with a signature.

    python make_mlflow.py FOLDER

``mlflow-default`` is saved as MLflow does by itself (skops, at present), ``mlflow-pickle`` by cloudpickle.
"""

import sys
from pathlib import Path

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression

COLUMNS = ["length", "width", "depth"]

if __name__ == "__main__":
    root = Path(sys.argv[1])
    draw = np.random.default_rng(8)
    table = pd.DataFrame(draw.normal(size=(200, 3)), columns=COLUMNS)
    asked = pd.DataFrame(draw.normal(size=(100, 3)), columns=COLUMNS)
    total = table.sum(axis=1)
    models = {
        "mlflow-default": (LogisticRegression().fit(table, total > 0), {}),
        "mlflow-pickle": (
            RandomForestRegressor(8, random_state=0).fit(table, total),
            {"serialization_format": "cloudpickle"},
        ),
    }
    for name, (model, options) in models.items():
        mlflow.sklearn.save_model(
            model,
            str(root / name),
            signature=infer_signature(table, model.predict(table)),
            pip_requirements=["scikit-learn"],
            **options,
        )
        expected = mlflow.pyfunc.load_model(str(root / name)).predict(asked)
        np.savez(root / f"{name}.npz", x=asked.to_numpy(), predict=np.asarray(expected))
