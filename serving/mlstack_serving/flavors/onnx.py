"""ONNX files on onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.flavors import need
from mlstack_serving.model import Model
from mlstack_serving.schema import Tensor, Tensors
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
    signature = Tensors([_metadata(node) for node in session.get_inputs()])
    names = [tensor.name for tensor in signature.tensors]

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        asked = list(wanted) or outputs
        feed = dict(zip(names, batch.tensors.values()))
        values = [_plain(value) for value in session.run(asked, feed)]
        return dict(zip(asked, values)) if wanted or len(asked) > 1 else values[0]

    outputs = [node.name for node in session.get_outputs()]
    return Model(
        "onnx_onnxv1",
        predict,
        outputs=tuple(_metadata(node) for node in session.get_outputs()),
        signature=signature,
        native=True,
    )


def _plain(value: Any) -> Any:
    """What classifiers of skl2onnx give as odds, a dict for each row, as a matrix of a column per class."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return np.array([list(row.values()) for row in value])
    return value


def _metadata(node: Any) -> Tensor:
    # A free dimension is None or a text (its symbol); a sequence of maps has no shape at all.
    shape = tuple(size if isinstance(size, int) else -1 for size in node.shape or ())
    if node.type.startswith("seq(map("):
        return Tensor(node.name, "FP32", (-1, -1))
    return Tensor(node.name, datatype_of(_DTYPES.get(node.type, "object")), shape)
