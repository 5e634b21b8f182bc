"""Which values are secret, so that they are marked again in whatever the emulated cloud answers.

The engine hands secrets over marked and expects the marks back: what comes back without one lies in clear in
the state. An answer need not have a secret where the question had it (a key may come back within a connection
string), so a value that holds a secret text is marked wherever it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import Struct

from mlstack.plugin import wire

#: Shorter texts ("1", "yes") stand in too many places by chance: they are marked by their place alone.
_TELLING = 5
MASK = "[secret]"


@dataclass(frozen=True)
class Marks:
    """``paths`` of the marked values, and the secret ``texts`` within them."""

    paths: frozenset[wire.Path] = frozenset()
    texts: frozenset[str] = frozenset()

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.paths | other.paths, self.texts | other.texts)

    def encode(self, properties: Mapping[str, Any]) -> Struct:
        """The wire form, with the marks."""
        return wire.encode_marked(properties, self._secret)

    def touch(self, path: wire.Path) -> bool:
        """Whether a value is secret, holds a secret, or is a part of one."""
        return any(path[: len(each)] == each or each[: len(path)] == path for each in self.paths)

    def redact(self, text: str) -> str:
        for secret in sorted(self.texts, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def _secret(self, path: wire.Path, value: Any) -> bool:
        return path in self.paths or (isinstance(value, str) and any(text in value for text in self.texts))


def decode(struct: Struct) -> tuple[dict[str, Any], Marks]:
    """Plain properties (see `wire.decode`), and what of them is secret."""
    properties, paths = wire.decode_marked(struct)
    texts = {text for path in paths for text in _texts(_at(properties, path)) if len(text) >= _TELLING}
    return properties, Marks(paths, frozenset(texts))


def _at(value: Any, path: wire.Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
