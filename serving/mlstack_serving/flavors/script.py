"""A user's own code: a script with ``init()`` and ``run(data)``, or a class with ``load`` and ``predict``.

``run`` and ``predict`` are handed an array of rows, ``{name: array}`` where columns or several inputs
are named, or a list where the rows are no rectangle. A ``run`` whose parameter is called ``raw_data``
is handed the request's body as text instead, and answers with its own JSON: the contract of Azure ML's
score scripts, which also hands over the headers where a parameter is called ``request_headers``. Where the
second parameter is called ``parameters``, it is handed those of the request. BadInput raised by the code is
a 400, anything else a 500.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import LoadError
from mlstack_serving.model import Model


def load(folder: Path, script: str, model: str | None) -> Model:
    """Import the script and start it up; its ``init()`` finds the model in ``AZUREML_MODEL_DIR``."""
    file = (folder / script).resolve()
    if not file.is_file():
        raise LoadError(f"there is no script {script} in {folder}: check --code and --script")
    if model is not None:
        path = Path(model).resolve()
        os.environ["AZUREML_MODEL_DIR"] = str(path if path.is_dir() else path.parent)
    module = _import(file, folder.resolve())
    run = getattr(module, "run", None)
    if callable(run):
        init = getattr(module, "init", None)
        if callable(init):
            init()
        return _model(run, "run")
    classes = [item for item in vars(module).values() if _serves(item, module)]
    if len(classes) != 1:
        found = ", ".join(item.__name__ for item in classes) or "nothing of the sort"
        raise LoadError(
            f"{script} must have init() and run(data), or one class with load(path) and predict(batch); "
            f"it has {found}"
        )
    if model is None:
        raise LoadError(f"{classes[0].__name__}.load(path) needs a model: give --model")
    return _model(_instance(classes[0], str(Path(model).resolve())).predict, "predict")


def _import(file: Path, folder: Path) -> ModuleType:
    # Its neighbours are imported by name, as when it is run by hand.
    for place in (str(folder), str(file.parent)):
        if place not in sys.path:
            sys.path.insert(0, place)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise LoadError(f"{file.name} is no Python file: check --script")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _serves(item: Any, module: ModuleType) -> bool:
    own = inspect.isclass(item) and item.__module__ == module.__name__
    return own and callable(getattr(item, "load", None)) and callable(getattr(item, "predict", None))


def _instance(cls: type, path: str) -> Any:
    """An object that has loaded the model; a static or class method ``load`` may make it itself."""
    if isinstance(inspect.getattr_static(cls, "load"), (classmethod, staticmethod)):
        return cls.load(path)  # type: ignore[attr-defined]
    made = cls()
    made.load(path)
    return made


def _model(function: Callable[..., Any], kind: str) -> Model:
    if inspect.iscoroutinefunction(function):
        raise LoadError(f"{kind} is async: make it a plain function; the server runs it in a thread")
    parameters = list(inspect.signature(function).parameters)
    if kind == "run" and parameters[:1] == ["raw_data"]:
        with_headers = "request_headers" in parameters

        def raw(text: str, headers: Mapping[str, str] | None = None) -> Any:
            return function(text, request_headers=headers or {}) if with_headers else function(text)

        return Model("script", _no_batch, raw=raw)
    takes_parameters = parameters[1:2] == ["parameters"]

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        data = batch.for_code()
        return function(data, batch.parameters) if takes_parameters else function(data)

    return Model("script", predict)


def _no_batch(batch: Batch, wanted: Sequence[str]) -> Any:
    raise TypeError("a raw script takes the body, not a batch")
