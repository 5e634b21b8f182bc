"""Merge a block into inputs that are manifests: plain maps, in the words of an API and not of an SDK.

Maps merge deeply, lists replace, null removes. The SDK's types judge the block by its names on the wire; of a
resource that has none (a custom one) only the top is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from mlstack.sdktypes import Mismatch, Path, mismatches, unknown_key, wire_shape

#: What every manifest has, whose kind no SDK knows.
_CUSTOM = ("metadata", "spec")


def laid_over(
    args: Mapping[str, Any], block: Mapping[str, Any], inputs: type | None
) -> tuple[dict[str, Any], list[Mismatch], list[Path]]:
    """The arguments of a resource (inputs as in the class) with the block merged in; what is wrong with it;
    and the paths that it sets."""
    made, wrong, paths = dict(args), list[Mismatch](), list[Path]()
    known = wire_shape(inputs) if inputs is not None else {}
    for key, value in block.items():
        if inputs is None and key not in _CUSTOM:
            wrong.append(Mismatch((key,), f"a manifest has no {key!r} here", known=_CUSTOM))
            continue
        if inputs is not None and key not in known:
            wrong.append(unknown_key((key,), inputs, known))
            continue
        name = known[key].name if key in known else key
        if key in known:
            wrong += mismatches(value, known[key].types, wire=True, ignored=_deferred, path=(key,))
        paths += _set(value, (key,))
        made[name] = _merged(made.get(name), value)
    return {key: value for key, value in made.items() if value is not None}, wrong, paths


def _merged(present: Any, given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    if isinstance(present, pulumi.Output):
        return present.apply(lambda held: _merged(held, given))
    made = dict(present) if isinstance(present, Mapping) else {}
    for key, value in given.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = _merged(made.get(key), value)
    return made


def _set(value: Any, path: Path) -> Iterator[Path]:
    """The paths that a value sets; lists are not parted."""
    if not isinstance(value, Mapping) or not value:
        yield path
        return
    for key, item in value.items():
        yield from _set(item, (*path, key))


def _deferred(value: Any) -> bool:
    return isinstance(value, pulumi.Output)
