"""Which flavor a folder has, and each flavor's own file, as far as its library is installed."""

from __future__ import annotations

import importlib.util
import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mlstack_serving import forms
from mlstack_serving.batch import Batch
from mlstack_serving.config import Config
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import find, load, mlmodel
from mlstack_serving.flavors.huggingface import pointed, task_of
from mlstack_serving.model import Model

X = np.array([[0.0, 1.0], [1.0, 0.0], [0.9, 0.2], [0.1, 0.8]])
Y = np.array([0, 1, 1, 0])

MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn:
    code: null
    pickled_model: 'model.pkl'
    serialization_format: cloudpickle
    sklearn_version: 1.5.2
model_uuid: 5d3d
signature:
  inputs: '[{"type": "double", "name": "a"}, {"type":
    "double", "name": "b"}]'
"""


@pytest.mark.parametrize(
    ("files", "flavor", "found"),
    [
        (["model.joblib"], None, ("sklearn", "model.joblib")),
        (["model.pkl", "model.skops"], None, ("sklearn", "model.skops")),
        (["model.pkl", "MLmodel"], None, ("mlflow", "MLmodel")),
        (["model.txt"], None, ("lightgbm", "model.txt")),
        (["model.json", "model.ubj"], None, ("xgboost", "model.ubj")),
        (["model.joblib"], "xgboost", ("xgboost", "model.joblib")),
        (["model.onnx"], None, ("onnx", "model.onnx")),
        (["model.pt", "model.pt2"], None, ("pytorch", "model.pt2")),
        (["config.json", "model.safetensors"], None, ("huggingface", "config.json")),
    ],
)
def test_the_flavor_is_found_by_the_files(
    tmp_path: Path, files: list[str], flavor: str | None, found: tuple[str, str]
) -> None:
    for name in files:
        (tmp_path / name).touch()
    name, path = find(tmp_path, flavor)
    assert (name, path.name) == found


def test_the_flavor_of_a_single_file(tmp_path: Path) -> None:
    for name, flavor in (("digits.joblib", "sklearn"), ("net.onnx", "onnx"), ("MLmodel", "mlflow")):
        (tmp_path / name).touch()
        assert find(tmp_path / name, None) == (flavor, tmp_path / name)
    (tmp_path / "notes").touch()
    with pytest.raises(LoadError, match="no known model"):
        find(tmp_path / "notes", None)


def predict(model: Model, instances: list[Any], wanted: Sequence[str] = ()) -> Any:
    batch = forms.read({"instances": instances}, model.signature.optional)
    return model.predict(model.signature.read(batch), wanted)


def test_a_text_model_takes_one_value_per_row(tmp_path: Path) -> None:
    words = ["good day", "bad day", "good", "bad"]
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(words, [1, 0, 1, 0])
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    loaded = load(Config(model=str(tmp_path)))
    assert predict(loaded, ["good night", "bad"]).tolist() == [1, 0]
    assert loaded.signature.tensors[0].datatype == "BYTES"


def test_a_model_of_one_feature_takes_single_values(tmp_path: Path) -> None:
    model = LogisticRegression().fit(X[:, :1], Y)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    assert predict(load(Config(model=str(tmp_path))), [0.0, 1.0]).tolist() == [0, 1]


def test_a_transformer_is_served_by_transform(tmp_path: Path) -> None:
    scaler = StandardScaler().fit(X)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(scaler))
    assert np.array_equal(predict(load(Config(model=str(tmp_path))), X.tolist()), scaler.transform(X))


def test_an_error_of_the_models_own_code_is_no_bad_input(tmp_path: Path) -> None:
    # A matrix that is not square fails in a step of the user's own, not in scikit-learn's check of the data.
    model = make_pipeline(FunctionTransformer(np.linalg.inv), StandardScaler())
    model.fit(np.array([[2.0, 0.0], [0.0, 2.0]]))
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    loaded = load(Config(model=str(tmp_path)))
    with pytest.raises(ValueError) as caught:
        predict(loaded, [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    assert not isinstance(caught.value, BadInput)


def test_mlmodel_is_read_without_a_yaml_library() -> None:
    flavors = mlmodel.read(MLMODEL)["flavors"]
    assert list(flavors) == ["python_function", "sklearn"]
    assert flavors["sklearn"]["pickled_model"] == "model.pkl"
    assert flavors["python_function"]["loader_module"] == "mlflow.sklearn"


@pytest.mark.skipif(
    importlib.util.find_spec("mlflow") is not None, reason="mlflow is installed and preferred"
)
def test_an_mlflow_folder_is_served_without_mlflow(tmp_path: Path) -> None:
    model = LogisticRegression().fit(X, Y)
    (tmp_path / "MLmodel").write_text(MLMODEL)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    assert predict(load(Config(model=str(tmp_path))), X.tolist()).tolist() == model.predict(X).tolist()
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: own\n")
    with pytest.raises(LoadError, match="flavors python_function needs the package mlflow"):
        load(Config(model=str(tmp_path)))


def test_an_architecture_names_its_task(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["BertForSequenceClassification"]}')
    assert task_of(tmp_path) == "text-classification"
    (tmp_path / "config.json").write_text('{"architectures": ["Strange"]}')
    with pytest.raises(LoadError, match="--task"):
        task_of(tmp_path)


@pytest.mark.parametrize(
    ("module", "file", "package"),
    [
        ("skops", "model.skops", "skops"),
        ("xgboost", "model.json", "xgboost"),
        ("lightgbm", "model.txt", "lightgbm"),
        ("onnxruntime", "model.onnx", "onnxruntime"),
        ("torch", "model.pt2", "torch"),
        ("transformers", "config.json", "transformers"),
    ],
)
def test_a_missing_library_is_named(tmp_path: Path, module: str, file: str, package: str) -> None:
    if importlib.util.find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    (tmp_path / file).write_text('{"architectures": ["BertForMaskedLM"]}')
    with pytest.raises(
        LoadError, match=f"needs the package {package}: add it to the deployment's environment"
    ):
        load(Config(model=str(tmp_path)))


def test_skops(tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    model = LogisticRegression().fit(X, Y)
    skops.dump(model, tmp_path / "model.skops")
    assert predict(load(Config(model=str(tmp_path))), X.tolist()).tolist() == model.predict(X).tolist()
    skops.dump(make_pipeline(FunctionTransformer(shutil.which), model), tmp_path / "model.skops")
    with pytest.raises(LoadError, match=r"shutil\.which"):
        load(Config(model=str(tmp_path)))


def test_xgboost(tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost", reason="xgboost is not installed")
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, Y), 3)
    booster.save_model(tmp_path / "model.json")
    expected = booster.predict(xgboost.DMatrix(X))
    loaded = load(Config(model=str(tmp_path)))
    assert np.allclose(predict(loaded, X.tolist()), expected)
    with pytest.raises(BadInput, match="2 features, got 1"):
        predict(loaded, [[1.0]])


def test_lightgbm(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="lightgbm is not installed")
    settings = {"objective": "binary", "min_data_in_leaf": 1, "verbose": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(X, Y), 3)
    booster.save_model(tmp_path / "model.txt")
    loaded = load(Config(model=str(tmp_path)))
    assert loaded.signature.names is None
    assert np.allclose(predict(loaded, X.tolist()), booster.predict(X))


def test_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    onnx = pytest.importorskip("onnx", reason="onnx, which writes the model, is not installed")
    floats, build = onnx.TensorProto.FLOAT, onnx.helper
    graph = build.make_graph(
        [build.make_node("Add", ["a", "b"], ["sum"]), build.make_node("Sub", ["a", "b"], ["difference"])],
        "both",
        [build.make_tensor_value_info(name, floats, [None, 1]) for name in ("a", "b")],
        [build.make_tensor_value_info(name, floats, [None, 1]) for name in ("sum", "difference")],
    )
    opset = [build.make_opsetid("", 17)]
    onnx.save(build.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "model.onnx")
    loaded = load(Config(model=str(tmp_path)))
    result = predict(loaded, [[3, 1], [5, 2]])
    assert result["sum"].ravel().tolist() == [4, 7]
    named = Batch({"b": np.array([1.0]), "a": np.array([[3.0]])}, named=True, field="inputs")
    assert loaded.predict(loaded.signature.read(named), ["difference"])["difference"].tolist() == [[2]]
    with pytest.raises(BadInput, match="'a', 'b'; got 'a'"):
        loaded.signature.read(Batch({"a": np.array([1.0])}, named=True, field="inputs"))
    assert loaded.signature.tensors[0].as_json() == {
        "name": "a",
        "datatype": "FP32",
        "shape": [-1, 1],
    }


def test_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    network = torch.nn.Linear(2, 1)
    expected = network(torch.tensor(X, dtype=torch.float32)).detach().numpy()
    torch.export.save(
        torch.export.export(network, (torch.zeros(4, 2),)),
        tmp_path / "model.pt2",
    )
    assert np.allclose(predict(load(Config(model=str(tmp_path))), X.tolist()).numpy(), expected)
    (tmp_path / "model.pt2").unlink()
    torch.jit.script(network).save(tmp_path / "model.pt")
    assert np.allclose(predict(load(Config(model=str(tmp_path))), X.tolist()).numpy(), expected)
    torch.save(network, tmp_path / "model.pt")
    assert np.allclose(predict(load(Config(model=str(tmp_path))), X.tolist()).numpy(), expected)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    with pytest.raises(LoadError, match=r"not a module: save it with torch\.export\.save"):
        load(Config(model=str(tmp_path)))


def test_a_file_may_stand_for_a_model_of_the_hub(tmp_path: Path) -> None:
    assert pointed("org/net") == ("org/net", None)
    pointer = tmp_path / "mlstack-hub.json"
    pointer.write_text('{"hub": "org/net", "revision": "abc"}')
    assert pointed(str(tmp_path)) == ("org/net", "abc")
    pointer.write_text('{"hub": "org/net"}')
    assert pointed(str(tmp_path)) == ("org/net", None)
    pointer.write_text("[]")
    with pytest.raises(LoadError, match=r"mlstack-hub\.json is not as mlstack writes it"):
        pointed(str(tmp_path))


def test_such_a_folder_is_of_hugging_face_whether_that_is_said_or_not(tmp_path: Path) -> None:
    (tmp_path / "mlstack-hub.json").write_text("[]")
    for flavor in (None, "huggingface"):
        with pytest.raises(LoadError, match=r"mlstack-hub\.json|transformers"):
            load(Config(model=str(tmp_path), flavor=flavor))
    with pytest.raises(LoadError, match=r"model\.onnx"):
        load(Config(model=str(tmp_path), flavor="onnx"))
