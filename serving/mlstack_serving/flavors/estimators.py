"""What estimators of scikit-learn's kind take, read off what they learned."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from mlstack_serving.schema import Column, Signature, Table
from mlstack_serving.schema.table import Texts, counted


class _Kind(NamedTuple):
    """Of one column; ``example`` None: any value of the kind will do."""

    name: str = "any"
    example: Any = None


_ANY, _NUMBER = _Kind(), _Kind("number")


def signature(estimator: Any) -> Signature:
    """Columns by name or number, with the kind of each where it can be told; texts; or anything."""
    count = getattr(estimator, "n_features_in_", None)
    if count is None:
        return Texts() if _takes_texts(_first(estimator)) else Signature()
    names = getattr(estimator, "feature_names_in_", None)
    labels = [str(index) for index in range(count)] if names is None else [str(name) for name in names]
    kinds = _kinds(estimator, labels)
    if names is None and len(set(kinds)) == 1:
        return counted(count, kinds[0].name)
    columns = [Column(label, kind.name, True, kind.example) for label, kind in zip(labels, kinds)]
    return Table(columns, known=names is not None)


def _first(estimator: Any) -> Any:
    """The step that is handed the rows."""
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "steps"):
            steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
            if not steps:
                return estimator
            estimator = steps[0]
        else:
            return estimator


def _kinds(estimator: Any, columns: Sequence[str]) -> list[_Kind]:
    step = _first(estimator)
    if hasattr(step, "transformers_"):
        return _of_parts(step, columns)
    categories = getattr(step, "categories_", None)
    if isinstance(categories, list) and len(categories) == len(columns):
        return [_of_category(known) for known in categories]
    filled = getattr(step, "statistics_", None)
    if filled is not None and len(filled) == len(columns):
        text = filled.dtype.kind == "O"
        return [
            _Kind("text", value) if text and isinstance(value, str) else _ANY if text else _NUMBER
            for value in filled
        ]
    return [_NUMBER if _takes_numbers(step) else _ANY] * len(columns)


def _of_parts(transformer: Any, columns: Sequence[str]) -> list[_Kind]:
    """A ColumnTransformer's: each part of it sees some of the columns."""
    found = dict.fromkeys(columns, _ANY)
    for _, part, chosen in transformer.transformers_:
        names = _chosen(chosen, columns)
        if isinstance(part, str) or names is None:
            continue  # passed through, dropped, or chosen in a way of the user's own
        found.update(zip(names, _kinds(part, names)))
    return [found[name] for name in columns]


def _chosen(chosen: Any, columns: Sequence[str]) -> list[str] | None:
    if isinstance(chosen, slice) and not isinstance(chosen.start, str) and not isinstance(chosen.stop, str):
        return list(columns[chosen])
    listed: list[Any] | None = None
    if isinstance(chosen, (str, int)):
        listed = [chosen]
    elif hasattr(chosen, "__iter__"):
        listed = list(chosen)
    if listed is None:
        return None
    if all(isinstance(item, str) for item in listed):
        return listed if set(listed) <= set(columns) else None
    if len(listed) == len(columns) and all(str(item) in ("True", "False") for item in listed):
        return [name for name, wanted in zip(columns, listed) if wanted]
    return [columns[int(item)] for item in listed]


def _of_category(known: Any) -> _Kind:
    values = list(known)
    if values and all(isinstance(value, str) for value in values):
        return _Kind("text", str(values[0]))
    if known.dtype.kind in "iuf" and len(known):
        return _Kind("number", float(known[0]))
    return _ANY


def _takes_numbers(step: Any) -> bool:
    """Whether it turns all it is given into numbers, or fails."""
    package = type(step).__module__.split(".")[0]
    if package == "lightgbm":
        return not getattr(step.booster_, "pandas_categorical", None)
    if package == "xgboost":
        return "c" not in (step.get_booster().feature_types or ())
    tags = _tags(step) if package == "sklearn" and not hasattr(step, "func") else None
    if tags is None or getattr(step, "is_categorical_", None) is not None:
        return False
    return bool(tags.two_d_array) and not (tags.string or tags.categorical)


def _takes_texts(step: Any) -> bool:
    tags = _tags(step) if type(step).__module__.split(".")[0] == "sklearn" else None
    if tags is None:
        return type(step).__module__ == "sklearn.feature_extraction.text"
    return bool(tags.string) and not tags.two_d_array


def _tags(step: Any) -> Any:
    """What the estimator says of its input, from scikit-learn 1.6 on; None before."""
    get_tags = getattr(import_module("sklearn.utils"), "get_tags", None)
    try:
        return None if get_tags is None else get_tags(step).input_tags
    except (AttributeError, TypeError):
        return None
