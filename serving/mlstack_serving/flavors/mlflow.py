"""MLflow folders: by mlflow where it is installed, else the library's own file inside."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors.columns import features
from mlstack_serving.model import Model, Tensor

# flavor in MLmodel: (our flavor, the key that names its file)
_NATIVE = {
    "sklearn": ("sklearn", "pickled_model"),
    "xgboost": ("xgboost", "data"),
    "lightgbm": ("lightgbm", "data"),
    "onnx": ("onnx", "data"),
}


def load(path: Path) -> Model:
    if find_spec("mlflow"):
        return _load_pyfunc(path.parent)
    flavors = read_flavors(path.read_text(encoding="utf-8"))
    for name, (flavor, key) in _NATIVE.items():
        file = flavors.get(name, {}).get(key)
        if file and (path.parent / file).is_file():
            model: Model = import_module(f"mlstack_serving.flavors.{flavor}").load(path.parent / file)
            return model
    raise LoadError(
        f"an MLflow model with flavors {', '.join(flavors) or 'none'} needs the package mlflow: "
        "add it to the deployment's environment"
    )


def read_flavors(text: str) -> dict[str, dict[str, str]]:
    """``flavors`` of an MLmodel file: the block style that MLflow writes, without a YAML library."""
    flavors: dict[str, dict[str, str]] = {}
    inside, current = False, ""
    for line in text.splitlines():
        content = line.strip()
        indent = len(line) - len(line.lstrip())
        if not content or content.startswith("#"):
            continue
        if indent == 0:
            inside = content == "flavors:"
        elif inside and indent == 2 and content.endswith(":"):
            current = content[:-1].strip("'\"")
            flavors[current] = {}
        elif inside and indent == 4 and current:
            key, _, value = content.partition(":")
            flavors[current][key] = value.strip().strip("'\"")
    return flavors


def _load_pyfunc(folder: Path) -> Model:
    pyfunc = import_module("mlflow.pyfunc")
    refused = import_module("mlflow.exceptions").MlflowException
    loaded = pyfunc.load_model(str(folder))
    schema = loaded.metadata.get_input_schema()
    tabular = schema is not None and not schema.is_tensor_spec() and schema.has_input_names()
    names = tuple(schema.input_names()) if tabular else None

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        data = features(batch, names, len(names)) if names else batch.for_code()
        try:
            result = loaded.predict(data)
        except refused as error:
            raise BadInput(str(error).split("\n")[0], batch.field) from error
        return {"predict": result} if wanted else result

    inputs = tuple(Tensor(name, "BYTES", (-1,)) for name in names or ())
    return Model("mlflow", predict, inputs=inputs, columns=names)
