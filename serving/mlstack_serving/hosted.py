"""The same model and code under a platform's own server: Azure ML's online and batch score scripts.

A score script that mlstack writes is ``init = served.init`` and a ``run``; this package lies beside it.
Nothing here needs uvicorn, since the platform's server listens.

Source: azureml-inference-server-http (``init()``, ``run(raw_data)``, `AMLResponse` for another status than
200), and Azure ML, "Author scoring scripts for batch deployments" (``run(mini_batch)`` is handed paths of
files and returns one entry for each item that was scored).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlstack_serving import codec, forms, results
from mlstack_serving.batch import Batch
from mlstack_serving.config import Config
from mlstack_serving.errors import NotReady, Refusal
from mlstack_serving.model import Model
from mlstack_serving.runtime import load
from mlstack_serving.scoring.formats import ENDINGS, format_named

_ROWS = 1000

log = logging.getLogger("mlstack_serving")


def model_folder(environ: Mapping[str, str]) -> str | None:
    """The model's own folder: platforms put it into folders of theirs."""
    given = environ.get("AZUREML_MODEL_DIR")
    if not given:
        return None
    folder = Path(given)
    while folder.is_dir():
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
        if len(inside) != 1 or not inside[0].is_dir():
            break
        folder = inside[0]
    return str(folder)


class Served:
    """A model, loaded by ``init``. ``code``: the folder of the user's own script; None: a flavor's loader."""

    def __init__(self, flavor: str | None = None, code: str | None = None, script: str = "score.py") -> None:
        self._settings: dict[str, Any] = {"flavor": flavor, "code": code, "script": script}
        self._model: Model | None = None

    def init(self) -> None:
        self._model = load(Config(model=model_folder(os.environ), **self._settings))

    @property
    def model(self) -> Model:
        if self._model is None:
            raise NotReady("the model is not loaded")
        return self._model


class Online(Served):
    """``run(raw_data)`` answers one request: rows in, ``{"predictions": [...]}`` out."""

    def __init__(self, *args: Any, capture: bool = False, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._capture = capture
        self._collectors: dict[str, Any] = {}

    def init(self) -> None:
        super().init()
        if self._capture:
            self._collectors = _collectors()

    def run(self, raw_data: str) -> Any:
        try:
            if self.model.raw is not None:
                return self.model.raw(raw_data)
            batch = forms.read(codec.loads(raw_data.encode()), self.model.signature.optional)
            found = results.rows(self.model.predict(self.model.signature.read(batch), ()))
        except Refusal as refusal:
            return _refused(refusal)
        predictions = codec.loads(codec.dumps(found))
        self._collect(batch, predictions)
        return {"predictions": predictions}

    def _collect(self, batch: Batch, predictions: Any) -> None:
        """Hand rows and answers to the platform's collector, under one correlation id."""
        if not self._collectors:
            return
        pandas = import_module("pandas")
        try:
            columns = batch.tensors if batch.named else _columns(batch.rows)
            context = self._collectors["model_inputs"].collect(pandas.DataFrame(columns))
            self._collectors["model_outputs"].collect(pandas.DataFrame({"prediction": predictions}), context)
        except Exception as error:  # a capture that fails must not fail the request
            log.warning("the request was not captured: %s", error)


class Files(Served):
    """``run(mini_batch)`` scores files: tables row by row, others as a whole by the user's code."""

    def run(self, mini_batch: list[str]) -> list[str]:
        scored: list[str] = []
        for path in mini_batch:
            scored += [codec.dumps(entry).decode() for entry in self._file(Path(path))]
        return scored

    def _file(self, path: Path) -> Iterator[Any]:
        form = format_named(ENDINGS.get(path.suffix.lower(), "files"))
        if path.suffix.lower() not in ENDINGS:
            for found in self._predict(Batch({"": [str(path)]}, False, "body", "body")):
                yield {"file": path.name, "prediction": found}
            return
        columns = self.model.columns
        scan = form.scan(path, columns or ())
        found = scan.columns or []
        wanted = found if columns is None else [name for name in columns if name in found]
        first = 1
        for chunk in form.chunks(path, scan, _ROWS):
            items = form.items(chunk, scan, wanted or None, self.model.signature.typed)
            if items.broken:
                place, why = next(iter(items.broken.items()))
                raise ValueError(f"{path.name}, row {first + place}: {why}")
            scored = self._predict(Batch(items.tensors, items.named, "", "body", items.texts))
            for place, prediction in zip(items.places, scored):
                yield {"file": path.name, "row": first + place, "prediction": prediction}
            first += len(chunk)

    def _predict(self, batch: Batch) -> Any:
        if self.model.raw is not None:
            found = self.model.raw(codec.dumps({"instances": batch.for_code()}).decode(), {})
            found = codec.loads(found.encode()) if isinstance(found, str) else found
            return found["predictions"] if isinstance(found, dict) and "predictions" in found else found
        made = results.rows(self.model.predict(self.model.signature.read(batch), ()))
        return codec.loads(codec.dumps(made))


def _columns(rows: Any) -> dict[str, Any]:
    """Rows without names as columns ``0``, ``1`` …"""
    listed = [row if isinstance(row, (list, tuple)) or hasattr(row, "__len__") else [row] for row in rows]
    return {str(index): [row[index] for row in listed] for index in range(len(listed[0]))}


def _collectors() -> dict[str, Any]:
    if find_spec("azureml") is None or find_spec("azureml.ai") is None:
        log.warning("nothing is captured: the environment lacks azureml-ai-monitoring")
        return {}
    collector = import_module("azureml.ai.monitoring").Collector
    return {name: collector(name=name) for name in ("model_inputs", "model_outputs")}


def _refused(refusal: Refusal) -> Any:
    body = codec.dumps({"error": str(refusal), "field": refusal.field}).decode()
    if find_spec("azureml") is None or find_spec("azureml.contrib") is None:
        return body
    response = import_module("azureml.contrib.services.aml_response").AMLResponse
    return response(body, refusal.status, {"content-type": "application/json"})
