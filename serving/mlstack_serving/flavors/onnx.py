"""ONNX files on onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput
from mlstack_serving.flavors import need
from mlstack_serving.model import Model, Tensor
from mlstack_serving.tensors import datatype_of

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int8)": "int8",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16",
    "tensor(uint32)": "uint32",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def load(path: Path) -> Model:
    runtime = need("onnxruntime", "onnxruntime", "onnx")
    session = runtime.InferenceSession(str(path), providers=runtime.get_available_providers())
    inputs = session.get_inputs()

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        feed = {node.name: _fitted(node, values, batch.field) for node, values in _match(inputs, batch)}
        names = list(wanted) or [node.name for node in session.get_outputs()]
        values = session.run(names, feed)
        return dict(zip(names, values)) if wanted or len(names) > 1 else values[0]

    return Model(
        "onnx_onnxv1",
        predict,
        inputs=tuple(_metadata(node) for node in inputs),
        outputs=tuple(_metadata(node) for node in session.get_outputs()),
        columns=tuple(node.name for node in inputs) if len(inputs) > 1 else None,
    )


def _match(inputs: Sequence[Any], batch: Batch) -> list[tuple[Any, Any]]:
    """Each input with its values: by name, or the rows for the only input, or a column of them each."""
    if not batch.named and len(inputs) == 1:
        return [(inputs[0], batch.rows)]
    if not batch.named and getattr(batch.rows, "ndim", 0) == 2 and batch.rows.shape[1] == len(inputs):
        return [(node, batch.rows[:, [index]]) for index, node in enumerate(inputs)]
    names = [node.name for node in inputs]
    if set(names) != batch.tensors.keys():
        got = ", ".join(repr(name) for name in batch.tensors if name) or "rows without names"
        raise BadInput(f"the model's inputs are {', '.join(map(repr, names))}; got {got}", batch.field)
    return [(node, batch.tensors[node.name]) for node in inputs]


def _fitted(node: Any, values: Any, field: str) -> Any:
    if isinstance(values, list):
        raise BadInput("rows differ in length", field)
    sizes = _shape(node)
    if values.ndim == 1 and len(sizes) == 2 and sizes[1] in (1, -1):
        values = values.reshape(-1, 1)
    if len(sizes) != values.ndim or any(size not in (-1, got) for size, got in zip(sizes, values.shape)):
        raise BadInput(f"{node.name!r} expects shape {list(sizes)}, got {list(values.shape)}", field)
    try:
        return np.ascontiguousarray(values, dtype=_DTYPES.get(node.type))
    except (ValueError, TypeError):
        raise BadInput(f"{node.name!r} expects {node.type}", field) from None


def _shape(node: Any) -> tuple[int, ...]:
    # A free dimension is None or a text (its symbol).
    return tuple(size if isinstance(size, int) else -1 for size in node.shape or ())


def _metadata(node: Any) -> Tensor:
    return Tensor(node.name, datatype_of(_DTYPES.get(node.type, "object")), _shape(node))
