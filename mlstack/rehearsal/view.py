"""What the rules of an emulated cloud look at: values by dotted path, some of which are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.resource import UNKNOWN


class View:
    """What is not known yet is neither there nor missing: no rule can judge it."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self.inputs = inputs

    def raw(self, path: str) -> Any:
        value: Any = self.inputs
        for key in path.split("."):
            if value is UNKNOWN:
                return UNKNOWN
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def __getitem__(self, path: str) -> Any:
        """The value; None when it is missing or not known."""
        value = self.raw(path)
        return None if value is UNKNOWN else value

    def missing(self, path: str) -> bool:
        """Surely not there."""
        return self.raw(path) in (None, "", [], {})

    def map(self, path: str) -> dict[str, Any]:
        """A map, without the values that are not known."""
        value = self[path]
        items = value.items() if isinstance(value, Mapping) else ()
        return {key: one for key, one in items if one is not UNKNOWN}

    def maps(self, path: str) -> list[tuple[int, Mapping[str, Any]]]:
        """The items of a list that are maps, with their index."""
        value = self[path]
        items = value if isinstance(value, list | tuple) else ()
        return [(at, one) for at, one in enumerate(items) if isinstance(one, Mapping)]

    def all_known(self, path: str) -> bool:
        return _known(self.raw(path))


def _known(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_known(one) for one in value.values())
    if isinstance(value, list | tuple):
        return all(_known(one) for one in value)
    return value is not UNKNOWN
