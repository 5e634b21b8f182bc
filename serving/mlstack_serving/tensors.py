"""Tensors of the Open Inference Protocol: JSON to arrays, with type and shape checked, and back."""

from __future__ import annotations

import math
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.codec import dumps, text_of
from mlstack_serving.errors import BadInput, NotOffered

DATATYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BYTES": "object",
}
_MOST_DIMENSIONS = 32  # of numpy before its version 2
_NAMES = {dtype: name for name, dtype in DATATYPES.items()}


def read_inputs(inputs: Any) -> Batch:
    """The request's ``inputs``. Several of them are named; one stands for the rows, whatever its name."""
    if np is None:
        raise NotOffered("tensors need numpy: add numpy to the deployment's environment")
    if not isinstance(inputs, list) or not inputs:
        raise BadInput("must be a list with at least one tensor", "inputs")
    tensors: dict[str, Any] = {}
    for index, item in enumerate(inputs):
        place = f"inputs[{index}]"
        if not isinstance(item, dict):
            raise BadInput("must be an object with name, datatype, shape and data", place)
        name = item.get("name")
        if not isinstance(name, str) or not name:
            raise BadInput("must be a text that is not empty", f"{place}.name")
        if name in tensors:
            raise BadInput(f"{name!r} is given twice", f"{place}.name")
        tensors[name] = _read(item, place)
    return Batch(tensors, named=len(tensors) > 1, field="inputs" if len(tensors) > 1 else "inputs[0].shape")


def _read(item: dict[str, Any], place: str) -> Any:
    datatype = item.get("datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise BadInput(f"{datatype!r} is unknown; one of {', '.join(DATATYPES)}", f"{place}.datatype")
    shape = item.get("shape")
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise BadInput("must be a list of whole numbers", f"{place}.shape")
    data = item.get("data")
    if not isinstance(data, list):
        binary = "binary_data_size" in (item.get("parameters") or {})
        raise BadInput(
            "binary tensors are not offered; send JSON" if binary else "must be a list", f"{place}.data"
        )
    if len(shape) > _MOST_DIMENSIONS:
        raise BadInput(f"has {len(shape)} dimensions; {_MOST_DIMENSIONS} at most", f"{place}.shape")
    array = _typed(data, datatype, f"{place}.data")
    if array.size != math.prod(shape):
        raise BadInput(f"{shape} holds {math.prod(shape)} values, data has {array.size}", f"{place}.shape")
    if array.ndim > 1 and list(array.shape) != shape:
        raise BadInput(f"{shape} differs from data's own {list(array.shape)}", f"{place}.shape")
    return array.reshape(shape)


def _typed(data: list[Any], datatype: str, place: str) -> Any:
    try:
        array = np.asarray(data, dtype=object if datatype == "BYTES" else None)
    except (ValueError, OverflowError):
        raise BadInput("its lists differ in length", place) from None
    if datatype not in ("BYTES", "BOOL") and _has_truth(data):
        raise BadInput(f"holds values that are not {datatype}", place)
    kind = array.dtype.kind
    if array.size == 0:
        return array.astype(DATATYPES[datatype])
    if datatype == "BYTES":
        fits = all(isinstance(value, str) for value in array.flat)
    elif datatype == "BOOL":
        fits = kind == "b"
    elif datatype.startswith("FP"):
        if kind == "O" and all(v is None or type(v) in (int, float) for v in array.flat):
            try:
                array, kind = array.astype(float), "f"  # null is NaN
            except OverflowError:
                raise BadInput(f"holds a number out of {datatype}'s range", place) from None
        fits = kind in "iuf"
    else:
        if kind in "fO":  # as numpy has it where some are above 2**63 and some are not
            array = np.asarray(data, dtype=object)
        fits = kind in "iu" or all(type(value) is int for value in array.flat)
    if not fits:
        raise BadInput(f"holds values that are not {datatype}", place)
    return array if datatype in ("BYTES", "BOOL") else narrowed(array, datatype, place)


def _has_truth(data: list[Any]) -> bool:
    """Whether there is true or false among the numbers, as which numpy would take them."""
    kinds = set(map(type, data))
    return bool in kinds or (list in kinds and any(_has_truth(part) for part in data if type(part) is list))


def narrowed(array: Any, datatype: str, place: str) -> Any:
    target = np.dtype(DATATYPES[datatype])
    if array.dtype == target or not array.size:
        return array.astype(target, copy=False)
    if target.kind == "f":
        with np.errstate(over="ignore"):
            narrow = array.astype(target)
        overflow = bool(np.any(np.isinf(narrow) & np.isfinite(array)))
    else:
        limits = np.iinfo(target)
        overflow = int(array.min()) < limits.min or int(array.max()) > limits.max
        narrow = array if overflow else array.astype(target)
    if overflow:
        raise BadInput(f"holds a number out of {datatype}'s range", place)
    return narrow


def datatype_of(dtype: Any) -> str:
    """The protocol's name of a numpy dtype; what it does not know travels as BYTES."""
    return _NAMES.get(str(dtype), "BYTES")


def write_output(name: str, value: Any) -> dict[str, Any]:
    """An output tensor; BYTES elements that are no text are sent as their JSON."""
    array = np.asarray(value)
    if array.dtype.kind in "OMm":
        array = np.asarray(value, dtype=object)
    datatype = datatype_of(array.dtype)
    data = array.ravel().tolist()
    if datatype == "BYTES":
        data = [_text(element) for element in data]
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "data": data}


def _text(element: Any) -> str:
    if isinstance(element, str):
        return element
    return text_of(element) if isinstance(element, bytes) else dumps(element).decode()
