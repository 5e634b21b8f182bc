"""XGBoost: its own JSON or UBJSON files, else a pickled scikit-learn wrapper.

A file of its own holds a booster, so a classifier answers with probabilities; the pickled wrapper
answers with classes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.flavors import PICKLES, need, sklearn
from mlstack_serving.flavors.frame import frame
from mlstack_serving.model import Model
from mlstack_serving.schema import Column, Table, Tensor
from mlstack_serving.schema.table import counted


def load(path: Path) -> Model:
    xgboost = need("xgboost", "xgboost", "xgboost")
    if path.suffix in {Path(name).suffix for name in PICKLES}:
        return sklearn.wrap(sklearn.read(path), "xgboost")
    booster = xgboost.Booster(model_file=str(path))
    names = booster.feature_names
    # "c" is a category: the values it knows are texts or numbers.
    kinds = ["any" if kind == "c" else "number" for kind in booster.feature_types or ()]
    kinds = kinds or ["number"] * booster.num_features()

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        values = booster.predict(xgboost.DMatrix(frame(batch, None), feature_names=names))
        return {"predict": values} if wanted else values

    columns = [Column(name, kind) for name, kind in zip(names or (), kinds)]
    width = _width(booster)
    return Model(
        "xgboost",
        predict,
        outputs=(Tensor("predict", "FP32", (-1,) if width == 1 else (-1, width)),),
        signature=Table(columns) if names else counted(len(kinds)),
        native=True,
    )


def _width(booster: Any) -> int:
    """How many values it gives for a row: those of several classes, or targets, side by side."""
    config = json.loads(booster.save_config())["learner"]
    if config["objective"]["name"] == "multi:softmax":
        return 1
    head = config["learner_model_param"]
    return max(1, int(head.get("num_class", 0)), int(head.get("num_target", 1)))
