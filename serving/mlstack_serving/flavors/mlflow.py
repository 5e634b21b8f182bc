"""MLflow folders: by mlflow where it is installed, else the library's own file inside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import mlmodel
from mlstack_serving.flavors.frame import frame
from mlstack_serving.flavors.sklearn import blamed, is_of_input
from mlstack_serving.model import Model
from mlstack_serving.schema import Signature, Tensors

# flavor in MLmodel: (our flavor, the key that names its file)
_NATIVE = {
    "sklearn": ("sklearn", "pickled_model"),
    "xgboost": ("xgboost", "data"),
    "lightgbm": ("lightgbm", "data"),
    "onnx": ("onnx", "data"),
}


def load(path: Path) -> Model:
    document = mlmodel.read(path.read_text(encoding="utf-8"))
    signature = mlmodel.signature(document, _example(path.parent))
    if find_spec("mlflow"):
        return _load_pyfunc(path.parent, signature or Signature(), document)
    flavors = document.get("flavors") or {}
    for name, (flavor, key) in _NATIVE.items():
        file = (flavors.get(name) or {}).get(key)
        if file and (path.parent / file).is_file():
            model: Model = import_module(f"mlstack_serving.flavors.{flavor}").load(path.parent / file)
            return model if signature is None or flavor == "onnx" else replace(model, signature=signature)
    raise LoadError(
        f"an MLflow model with flavors {', '.join(flavors) or 'none'} needs the package mlflow: "
        "add it to the deployment's environment"
    )


def _example(folder: Path) -> Any:
    """One row of the example that MLflow keeps beside the model, where there is one."""
    try:
        document = json.loads((folder / "serving_input_example.json").read_text(encoding="utf-8"))
        split = document["dataframe_split"]
        return dict(zip(split["columns"], split["data"][0]))
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None


def _load_pyfunc(folder: Path, signature: Signature, document: dict[str, Any]) -> Model:
    pyfunc = import_module("mlflow.pyfunc")
    refused = import_module("mlflow.exceptions").MlflowException
    loaded = pyfunc.load_model(str(folder))

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        if isinstance(signature, Tensors):
            data = batch.tensors if signature.names else next(iter(batch.tensors.values()))
        else:
            data = frame(batch, signature.names)
        try:
            result = loaded.predict(data)
        except refused as error:
            raise BadInput(str(error).split("\n")[0], batch.field) from error
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            if is_of_input(error):
                raise blamed(error, batch) from error
            raise
        return {"predict": result} if wanted and not isinstance(result, dict) else result

    return Model("mlflow", predict, outputs=mlmodel.outputs(document), signature=signature)
