"""Pulumi's property values on the wire, to plain Python and back.

Secrets, deferred outputs and unknown values are dictionaries or strings with reserved signatures; numbers
are always floating-point. Source: the property marshalling rules of the Pulumi engine
(sdk/go/common/resource, `SigKey` and its values).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from mlstack.resource import UNKNOWN

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


Path = tuple[str | int, ...]


def decode(struct: Struct) -> tuple[dict[str, Any], frozenset[str]]:
    """Plain properties, and the names of the top-level ones that hold a secret somewhere.

    Unknown values become `UNKNOWN`; whole numbers become int.
    """
    properties, paths = decode_marked(struct)
    return properties, frozenset(str(path[0]) for path in paths)


def decode_marked(struct: Struct) -> tuple[dict[str, Any], frozenset[Path]]:
    """The same, with the path of each value that is marked as secret."""
    marked: set[Path] = set()
    properties = {key: _decode(value, (key,), marked) for key, value in struct.fields.items()}
    return properties, frozenset(marked)


def encode(properties: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> Struct:
    """The wire form; the top-level names in ``secrets`` are marked, whole."""
    return encode_marked(properties, lambda path, _value: len(path) == 1 and path[0] in secrets)


def encode_marked(properties: Mapping[str, Any], secret: Callable[[Path, Any], bool]) -> Struct:
    """The wire form; what ``secret`` says of a path and its value is marked there."""
    return Struct(fields={key: _encode(value, (key,), secret) for key, value in properties.items()})


def has_unknown(value: Any) -> bool:
    """Whether `UNKNOWN` is the value, or somewhere within it."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def _decode(value: Value, path: Path, marked: set[Path]) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_struct(value.struct_value, path, marked)
        case "list_value":
            return [
                _decode(item, (*path, index), marked) for index, item in enumerate(value.list_value.values)
            ]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _decode_struct(struct: Struct, path: Path, marked: set[Path]) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else None
    if signature == SECRET:
        marked.add(path)
        return _decode(fields["value"], path, marked)
    if signature == _OUTPUT:
        if "secret" in fields and fields["secret"].bool_value:
            marked.add(path)
        return _decode(fields["value"], path, marked) if "value" in fields else UNKNOWN
    return {key: _decode(item, (*path, key), marked) for key, item in fields.items()}


def _encode(value: Any, path: Path, secret: Callable[[Path, Any], bool]) -> Value:
    if value is None:
        return Value(null_value=NULL_VALUE)
    if secret(path, value):
        return _mark(_encode(value, path, _nothing))
    if value is UNKNOWN:
        return Value(string_value=UNKNOWN_TEXT)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Mapping):
        fields = {key: _encode(item, (*path, key), secret) for key, item in value.items()}
        return Value(struct_value=Struct(fields=fields))
    if isinstance(value, list | tuple):
        items = [_encode(item, (*path, index), secret) for index, item in enumerate(value)]
        return Value(list_value=ListValue(values=items))
    raise TypeError(f"a property cannot hold {type(value).__name__}")


def _nothing(_path: Path, _value: Any) -> bool:
    return False


def _mark(value: Value) -> Value:
    return Value(struct_value=Struct(fields={SIGNATURE: Value(string_value=SECRET), "value": value}))
