"""What the engine sends, judged: by the types of the SDK first, then by the platform's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mlstack.plugin.diff import join
from mlstack.plugin.wire import SIGNATURE, Path, has_unknown
from mlstack.rehearsal.emulation import Emulation, Properties
from mlstack.resource import UNKNOWN
from mlstack.sdktypes import args_class, mismatches, resource_class


def problems(emulation: Emulation, token: str, inputs: Properties) -> Iterator[tuple[Path, str]]:
    """(path, reason) for each input that the SDK's types or the platform refuse.

    Rules of the platform may rely on the types: they are not asked where those are wrong.
    """
    given = {key: value for key, value in inputs.items() if value is not None}
    wrong = list(_mistyped(token, given))
    yield from wrong
    if not wrong:
        for refusal in emulation.check(token, given, known=not has_unknown(given)):
            yield parse(refusal.path), f"{refusal.message} (source: {refusal.source})"


def text(path: Path) -> str:
    """A path as the engine writes it: ``properties.tags["a.b"]``."""
    written = ""
    for key in path:
        written = join(written, key)
    return written


def parse(path: str) -> Path:
    """The other way round. What is no property path is taken as one key."""
    keys: list[str | int] = []
    rest = path
    while rest:
        if rest.startswith('["'):
            end = rest.index('"]') if '"]' in rest else len(rest)
            keys.append(rest[2:end].replace('\\"', '"').replace("\\\\", "\\"))
            rest = rest[end + 2 :]
        elif rest.startswith("["):
            index, _, rest = rest[1:].partition("]")
            keys.append(int(index) if index.isdigit() else index)
        else:
            rest = rest.removeprefix(".")
            end = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            keys.append(rest[:end])
            rest = rest[end:]
    return tuple(keys)


def _mistyped(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    package = f"pulumi-{token.partition(':')[0]}"
    cls = _class(token)
    if cls is None:
        yield (), f"{package} has no resource of type {token}"
        return
    args = args_class(cls)
    if args is None:
        return
    for each in mismatches(inputs, (args,), wire=True, complete=True, ignored=_opaque):
        remedy = f"; {each.remedy}" if each.remedy else ""
        yield each.path, f"{each.message}{remedy} (source: the types of {package})"


_class = cache(resource_class)


def _opaque(value: Any) -> bool:
    """Whether it is unknown, or an asset, an archive, a reference to a resource."""
    return value is UNKNOWN or (isinstance(value, Mapping) and SIGNATURE in value)
