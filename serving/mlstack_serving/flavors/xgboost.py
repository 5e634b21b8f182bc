"""XGBoost: its own JSON or UBJSON files, else a pickled scikit-learn wrapper.

A file of its own holds a booster, so a classifier answers with probabilities; the pickled wrapper
answers with classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.flavors import PICKLES, need, sklearn
from mlstack_serving.flavors.columns import features
from mlstack_serving.model import Model, Tensor


def load(path: Path) -> Model:
    xgboost = need("xgboost", "xgboost", "xgboost")
    if path.suffix in {Path(name).suffix for name in PICKLES}:
        return sklearn.wrap(sklearn.read(path), "xgboost")
    booster = xgboost.Booster(model_file=str(path))
    names, count = booster.feature_names, booster.num_features()

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        table = features(batch, names, count)
        values = booster.predict(xgboost.DMatrix(table, feature_names=names))
        return {"predict": values} if wanted else values

    return Model(
        "xgboost",
        predict,
        inputs=(Tensor("input-0", "FP32", (-1, count)),),
        outputs=(Tensor("predict", "FP32", (-1,)),),
        columns=None if names is None else tuple(names),
    )
