"""Run in the environment ``light``: train a small model of each flavor, and say what it predicts.

    python make_light.py FOLDER

Each ``FOLDER/<case>`` is a model's folder; ``FOLDER/<case>.npz`` has ``x`` (100 random rows) and the
answer of each output that the model gives for them in this process.
"""

import sys
from pathlib import Path

import joblib
import lightgbm
import numpy as np
import onnx
import onnxruntime
import skops.io
import xgboost
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FEATURES = 5
draw = np.random.default_rng(7)
X = draw.normal(size=(200, FEATURES))
Y = (X[:, 0] - X[:, 1] * X[:, 2] > 0).astype(int)
ASKED = draw.normal(size=(100, FEATURES))


def case(root: Path, name: str, x: np.ndarray = ASKED, **outputs: np.ndarray) -> None:
    np.savez(root / f"{name}.npz", x=x, **{key: np.asarray(value) for key, value in outputs.items()})


def folder(root: Path, name: str) -> Path:
    path = root / name
    path.mkdir()
    return path


def sklearn_joblib(root: Path) -> None:
    model = make_pipeline(StandardScaler(), RandomForestRegressor(10, random_state=0)).fit(X, X @ X[0])
    joblib.dump(model, folder(root, "sklearn-joblib") / "model.joblib")
    case(root, "sklearn-joblib", predict=model.predict(ASKED))


def sklearn_skops(root: Path) -> None:
    words = np.array(["no", "yes"])[Y]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, words)
    skops.io.dump(model, folder(root, "sklearn-skops") / "model.skops")
    case(root, "sklearn-skops", predict=model.predict(ASKED), predict_proba=model.predict_proba(ASKED))


def xgboost_files(root: Path) -> None:
    booster = xgboost.train(
        {"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(X, Y + Y * (X[:, 3] > 0)), 4
    )
    expected = booster.predict(xgboost.DMatrix(ASKED))
    for ending in ("json", "ubj"):
        booster.save_model(folder(root, f"xgboost-{ending}") / f"model.{ending}")
        case(root, f"xgboost-{ending}", predict=expected)


def lightgbm_text(root: Path) -> None:
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(X, Y), 5)
    booster.save_model(folder(root, "lightgbm-txt") / "model.txt")
    case(root, "lightgbm-txt", predict=booster.predict(ASKED))


def onnx_file(root: Path) -> None:
    weights = draw.normal(size=(FEATURES, 3)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["scores"]),
            helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0),
        ],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, FEATURES])],
        [
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 3]),
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        ],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder(root, "onnx") / "model.onnx"
    onnx.save(model, path)
    asked = ASKED.astype(np.float32)
    scores, label = onnxruntime.InferenceSession(path).run(["scores", "label"], {"x": asked})
    case(root, "onnx", asked, scores=scores, label=label)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for make in (sklearn_joblib, sklearn_skops, xgboost_files, lightgbm_text, onnx_file):
        make(target)
