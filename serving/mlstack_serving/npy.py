"""Arrays in numpy's own file format, as SageMaker's clients send them; never with pickled objects in them."""

from __future__ import annotations

import io
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput, NotAcceptable, NotOffered


def read(body: bytes) -> Batch:
    """The rows of an array; texts become Python's own."""
    if np is None:
        raise NotOffered("npy arrays need numpy: add numpy to the deployment's environment")
    if not body.startswith(b"\x93NUMPY"):
        raise BadInput("the body is no npy array", "body")
    try:
        array = np.load(io.BytesIO(body), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, TypeError, MemoryError, OverflowError) as error:
        raise BadInput(f"the body is no npy array that can be read: {error}", "body") from None
    if array.ndim == 0 or not len(array):
        raise BadInput("the array has no rows", "body")
    if array.dtype.names:
        columns = {name: array[name] for name in array.dtype.names}
        return Batch(columns, named=True, field="body", prefix="body")
    if array.dtype.kind not in "biufUS":
        raise BadInput(f"the array is of {array.dtype}; send numbers or texts", "body")
    if array.dtype.kind in "US":
        array = array.astype(str).astype(object)
    return Batch(
        {"": array.astype(array.dtype.newbyteorder("="), copy=False)},
        named=False,
        field="body",
        prefix="body",
    )


def write(rows: Any) -> bytes:
    """The predictions as one array."""
    try:
        array = np.asarray(rows)
    except ValueError:
        array = None
    if array is None or array.dtype.kind not in "biufU":
        raise NotAcceptable("these predictions are no array of numbers or texts: ask for JSON", "accept")
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()
