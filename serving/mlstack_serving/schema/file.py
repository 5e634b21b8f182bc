"""A signature that stands in a file: ``mlstack-schema.json``, or the columns of a model's manifest.

For models that do not say what they take, and for code of one's own. ``{"inputs": [{"name": "age", "type":
"number"}, ...], "example": {...}}``, or ``"shape": [-1, 3, 32, 32]`` and a ``datatype`` of protocol v2 for
tensors; the manifest's ``columns`` is a list of names, or ``{name: type}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlstack_serving.errors import LoadError
from mlstack_serving.manifest import MANIFEST
from mlstack_serving.schema.base import KINDS, Signature, Tensor
from mlstack_serving.schema.table import Column, Table
from mlstack_serving.schema.tensors import Tensors
from mlstack_serving.tensors import DATATYPES

SCHEMA = "mlstack-schema.json"

#: Names of types, of MLflow's and protocol v2's too, by the kind that they are.
KIND_OF: Mapping[str, str] = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(("double", "float", "FP16", "FP32", "FP64", "float32", "float64"), "number"),
    **dict.fromkeys(
        ("long", "int", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32"), "integer"
    ),
    **dict.fromkeys(("UINT64", "int32", "int64"), "integer"),
    **dict.fromkeys(("bool", "BOOL"), "boolean"),
    **dict.fromkeys(("string", "str", "BYTES"), "text"),
}


def named(*folders: Path | None) -> Signature | None:
    """The signature in the first folder that has one."""
    for folder in folders:
        if folder is None:
            continue
        if (folder / SCHEMA).is_file():
            return _read(folder / SCHEMA)
        if (folder / MANIFEST).is_file():
            columns = _load(folder / MANIFEST).get("columns")
            if columns:
                listed = columns.items() if isinstance(columns, dict) else [(name, "any") for name in columns]
                return Table([_column({"name": name, "type": kind}, MANIFEST) for name, kind in listed])
    return None


def _read(file: Path) -> Signature:
    document = _load(file)
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(item, dict) for item in inputs):
        raise LoadError(f'{file.name} must be {{"inputs": [{{"name": ..., "type": ...}}, ...]}}')
    example = document.get("example")
    if any("shape" in item for item in inputs):
        return Tensors([_tensor(item, file.name) for item in inputs], example=example)
    return Table([_column(item, file.name) for item in inputs], example=example)


def _load(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LoadError(f"{file.name} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise LoadError(f"{file.name} must be an object")
    return document


def _column(item: dict[str, Any], file: str) -> Column:
    name, kind = item.get("name"), item.get("type", item.get("datatype", "any"))
    if not isinstance(name, str) or not name:
        raise LoadError(f"{file}: every column needs a name")
    if kind not in KIND_OF:
        raise LoadError(f"{file}: column {name!r} is of unknown type {kind!r}; one of {', '.join(KINDS)}")
    return Column(name, KIND_OF[kind], bool(item.get("required", True)), item.get("example"))


def _tensor(item: dict[str, Any], file: str) -> Tensor:
    name, datatype, shape = item.get("name"), item.get("datatype"), item.get("shape")
    if not isinstance(name, str) or datatype not in DATATYPES:
        raise LoadError(f"{file}: a tensor needs a name, and a datatype: one of {', '.join(DATATYPES)}")
    if not isinstance(shape, list) or not shape or not all(isinstance(size, int) for size in shape):
        raise LoadError(f"{file}: the shape of {name!r} must be a list of whole numbers, -1 for any")
    return Tensor(name, datatype, tuple(shape))
