"""LightGBM: its own text file, else a pickled scikit-learn wrapper (see xgboost for what that changes)."""

from __future__ import annotations

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
    lightgbm = need("lightgbm", "lightgbm", "lightgbm")
    if path.suffix in {Path(name).suffix for name in PICKLES}:
        return sklearn.wrap(sklearn.read(path), "lightgbm")
    booster = lightgbm.Booster(model_file=str(path))
    count = booster.num_feature()
    given = tuple(booster.feature_name())
    # Trained on an array, LightGBM makes names up; they mean nothing to a caller.
    names = None if given == tuple(f"Column_{index}" for index in range(count)) else given

    kind = "any" if booster.pandas_categorical else "number"
    width = booster.num_model_per_iteration()

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        values = booster.predict(frame(batch, None))
        return {"predict": values} if wanted else values

    return Model(
        "lightgbm",
        predict,
        outputs=(Tensor("predict", "FP64", (-1,) if width == 1 else (-1, width)),),
        signature=counted(count, kind) if names is None else Table([Column(name, kind) for name in names]),
        native=True,
    )
