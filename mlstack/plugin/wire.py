"""Pulumi's property values on the wire, to plain Python and back.

Secrets, deferred outputs and unknown values are dictionaries or strings with reserved signatures; numbers
are always floating-point. Source: the property marshalling rules of the Pulumi engine
(sdk/go/common/resource, `SigKey` and its values).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from mlstack.resource import UNKNOWN

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


def decode(struct: Struct) -> tuple[dict[str, Any], frozenset[str]]:
    """Plain properties, and the names of the top-level ones that hold a secret somewhere.

    Unknown values become `UNKNOWN`; whole numbers become int.
    """
    secrets: set[str] = set()
    properties = {}
    for key, value in struct.fields.items():
        properties[key], secret = _decode(value)
        if secret:
            secrets.add(key)
    return properties, frozenset(secrets)


def encode(properties: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> Struct:
    """The wire form; the top-level names in ``secrets`` are marked, whole."""
    return Struct(
        fields={
            key: _mark(_encode(value)) if key in secrets and value is not None else _encode(value)
            for key, value in properties.items()
        }
    )


def has_unknown(value: Any) -> bool:
    """Whether `UNKNOWN` is the value, or somewhere within it."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def _decode(value: Value) -> tuple[Any, bool]:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_struct(value.struct_value)
        case "list_value":
            items = [_decode(item) for item in value.list_value.values]
            return [item for item, _ in items], any(secret for _, secret in items)
        case "number_value":
            number = value.number_value
            return (int(number) if number.is_integer() else number), False
        case "string_value":
            return (UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value), False
        case "bool_value":
            return value.bool_value, False
        case _:
            return None, False


def _decode_struct(struct: Struct) -> tuple[Any, bool]:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else None
    if signature == SECRET:
        return _decode(fields["value"])[0], True
    if signature == _OUTPUT:
        secret = fields["secret"].bool_value if "secret" in fields else False
        inner, nested = _decode(fields["value"]) if "value" in fields else (UNKNOWN, False)
        return inner, secret or nested
    items = {key: _decode(item) for key, item in fields.items()}
    return {key: item for key, (item, _) in items.items()}, any(secret for _, secret in items.values())


def _encode(value: Any) -> Value:
    if value is None:
        return Value(null_value=NULL_VALUE)
    if value is UNKNOWN:
        return Value(string_value=UNKNOWN_TEXT)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Mapping):
        return Value(struct_value=Struct(fields={key: _encode(item) for key, item in value.items()}))
    if isinstance(value, list | tuple):
        return Value(list_value=ListValue(values=[_encode(item) for item in value]))
    raise TypeError(f"a property cannot hold {type(value).__name__}")


def _mark(value: Value) -> Value:
    return Value(struct_value=Struct(fields={SIGNATURE: Value(string_value=SECRET), "value": value}))
