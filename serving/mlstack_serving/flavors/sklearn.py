"""scikit-learn, and what speaks its interface: joblib, skops and pickle files.

joblib and pickle files are code: the server loads them only from a folder whose hashes were checked,
and skops, which names the types it would build, is the safer choice.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import estimators, need
from mlstack_serving.flavors.frame import frame
from mlstack_serving.model import Model
from mlstack_serving.schema import Tensor
from mlstack_serving.schema.values import shown
from mlstack_serving.tensors import datatype_of

METHODS = ("predict", "predict_proba", "decision_function", "transform")


def load(path: Path) -> Model:
    return wrap(read(path), "sklearn")


def read(path: Path) -> Any:
    """The estimator in the file."""
    try:
        if path.suffix == ".skops":
            return _read_skops(path)
        if path.suffix == ".joblib":
            return need("joblib", "joblib", "sklearn").load(path)
        with path.open("rb") as stream:
            return pickle.load(stream)  # noqa: S301  its hash was checked
    except ModuleNotFoundError as error:
        raise LoadError(
            f"{path.name} needs the module {error.name}: add it to the deployment's environment"
        ) from error


def _read_skops(path: Path) -> Any:
    skops = need("skops.io", "skops", "sklearn")
    if untrusted := skops.get_untrusted_types(file=path):
        raise LoadError(
            f"{path.name} holds types that skops does not trust: {', '.join(map(str, untrusted))}; "
            "load it in code of your own (--code) with skops.io.load(file, trusted=[...])"
        )
    return skops.load(path, trusted=[])


def wrap(estimator: Any, platform: str) -> Model:
    """A model over anything with scikit-learn's ``predict`` (or ``transform``)."""
    methods = tuple(method for method in METHODS if hasattr(estimator, method))
    if not methods:
        raise LoadError(
            f"a {type(estimator).__name__} has neither predict nor transform: it cannot be served"
        )
    signature = estimators.signature(estimator)
    named = signature.names if hasattr(estimator, "feature_names_in_") else None

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        table = frame(batch, named)
        try:
            if not wanted:
                return getattr(estimator, methods[0])(table)
            return {method: getattr(estimator, method)(table) for method in wanted}
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            if is_of_input(error):
                raise blamed(error, batch) from error
            raise

    return Model(
        platform,
        predict,
        outputs=tuple(_output(estimator, method) for method in methods),
        signature=signature,
        native=True,
    )


def blamed(error: Exception, batch: Batch) -> BadInput:
    """The library's complaint, with the place of the value that it is about, where that can be told."""
    message = str(error).split("\n")[0]
    for name, values in batch.tensors.items():
        column = [name] if batch.named else []
        array = np.asarray(values)
        for index in np.ndindex(array.shape):
            value = array[index]
            if isinstance(value, str) and repr(value) in message:
                return BadInput(f"{shown(value)}: {message}", batch.place(index[0], *column, *index[1:]))
            if "infinity" in message and value in (math.inf, -math.inf):
                return BadInput(message, batch.place(index[0], *column, *index[1:]))
            if "NaN" in message and value != value:
                return BadInput(f"null: {message}", batch.place(index[0], *column, *index[1:]))
    return BadInput(message, batch.field)


def is_of_input(error: Exception) -> bool:
    """Whether a library complains of the values that it was given."""
    return raised_by(error, "sklearn", "xgboost", "lightgbm") or "could not convert" in str(error)


def raised_by(error: BaseException, *packages: str) -> bool:
    """Whether the innermost frame is of one of the packages: a check of the data, not a user's own code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] in packages


def _output(estimator: Any, method: str) -> Tensor:
    classes = getattr(estimator, "classes_", None)
    several = isinstance(classes, list) or getattr(estimator, "n_outputs_", 1) > 1
    if method == "predict" and not several:
        return Tensor(method, "FP64" if classes is None else datatype_of(classes.dtype), (-1,))
    if method == "predict_proba" and classes is not None and not several:
        return Tensor(method, "FP64", (-1, len(classes)))
    return Tensor(method, "FP64", (-1, -1))
