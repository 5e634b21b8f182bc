"""Makes the models that every server serves, in the environment that has all the libraries: FOLDER.

A logistic regression on the UCI digits as joblib and as ONNX, each also as an MLflow model.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import mlflow
import numpy as np
import onnx
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

out = Path(sys.argv[1])
digits, labels = load_digits(return_X_y=True)
digits = digits / 16
model = LogisticRegression(max_iter=200).fit(digits, labels)
converted = to_onnx(model, digits[:1].astype(np.float32), options={id(model): {"zipmap": False}})
for flavor in ("sklearn", "onnx"):
    (out / flavor).mkdir(parents=True)
joblib.dump(model, out / "sklearn" / "model.joblib")
onnx.save(converted, out / "onnx" / "model.onnx")
mlflow.sklearn.save_model(model, out / "mlflow-sklearn", pip_requirements=["scikit-learn"])
mlflow.onnx.save_model(converted, out / "mlflow-onnx", pip_requirements=["onnxruntime"])
(out / "rows.json").write_text(json.dumps(digits[:1].tolist()))
