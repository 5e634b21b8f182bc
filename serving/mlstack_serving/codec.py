"""JSON in and out: strict on what comes in (no NaN), tolerant of numpy on what goes out."""

from __future__ import annotations

import base64
import json
import math
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

from mlstack_serving.errors import BadInput

_orjson: Any = import_module("orjson") if find_spec("orjson") else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value; send null")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return made


_decoder = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique)


def loads(body: bytes) -> Any:
    """The body's value; BadInput when it is not UTF-8 JSON, or says one thing twice.

    Always by this parser: what is good JSON must not depend on what is installed beside the server.
    """
    try:
        return _decoder.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadInput(f"the body is not valid JSON: {reason}", "body") from None


def plain(value: Any) -> Any:
    """A JSON-able stand-in for what models return: arrays, scalars, tensors, dates, bytes."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, bytes):
        return text_of(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"the model returned a {type(value).__name__}, which has no JSON form")


def text_of(value: bytes) -> str:
    """Bytes as text: UTF-8 where they are, base64 where not."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain)


def dumps(value: Any) -> bytes:
    """JSON of ``value``; NaN and infinities, which JSON lacks, become null."""
    if _orjson:
        try:
            encoded: bytes = _orjson.dumps(value, default=plain, option=_orjson.OPT_NON_STR_KEYS)
            return encoded
        except TypeError:
            pass  # an integer over 64 bits, or no JSON at all: the slow way does it, or says so
    try:
        text = _encoder.encode(value)
    except ValueError:
        text = _encoder.encode(_finite(value))
    return text.encode("utf-8", "replace")  # half a surrogate pair has no UTF-8


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if value is None or isinstance(value, (str, int)):
        return value
    return _finite(plain(value))
