"""The columns of a capture."""

from __future__ import annotations

import pyarrow as pa

#: One row a request. ``seconds`` is the time the worker took; bodies are the bytes of the wire.
SCHEMA = pa.schema(
    [
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("request_id", pa.string(), nullable=False),
        pa.field("deployment", pa.string(), nullable=False),
        pa.field("generation", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("status", pa.int16(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("content_type", pa.string(), nullable=False),
        pa.field("request", pa.binary(), nullable=False),
        pa.field("response", pa.binary(), nullable=False),
    ]
)
