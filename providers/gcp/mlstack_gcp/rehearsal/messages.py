"""The messages of aiplatform v1, as google-cloud-aiplatform has them: what does not parse is refused.

Their JSON is proto's own: numbers of 64 bits are texts, and what has its default is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf import json_format

from mlstack_gcp.rehearsal.refusals import invalid


@cache
def message(name: str) -> Any:
    """The class of a message, by its name ("Endpoint")."""
    from google.cloud import aiplatform_v1

    return getattr(aiplatform_v1, name).pb()


def parsed(name: str, value: Mapping[str, Any]) -> Any:
    """Refused INVALID_ARGUMENT, in the words of Google's own front end: a field that is not known, a value of
    the wrong type."""
    try:
        return json_format.ParseDict(dict(value), message(name)(), ignore_unknown_fields=False)
    except json_format.ParseError as problem:
        raise invalid(_told(str(problem))) from None


def strict(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A document in proto's own JSON."""
    return shown(parsed(name, value))


def shown(found: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(found))


def _told(text: str) -> str:
    unknown = re.search(r'has no field named "(.+?)" at "(.*?)"', text)
    if unknown:
        path = re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), unknown[2].partition(".")[2])
        where = f" at '{path}'" if path else ""
        return f'Invalid JSON payload received. Unknown name "{unknown[1]}"{where}: Cannot find field.'
    return f"Invalid value (Proto field): {text}"


def camel(name: str) -> str:
    """A field's name in JSON."""
    head, *rest = name.split("_")
    return head + "".join(one.title() for one in rest)


def masked(name: str, old: Mapping[str, Any], new: Mapping[str, Any], mask: str) -> dict[str, Any]:
    """The old document with what an update mask names taken from the new one. Refused INVALID_ARGUMENT: a
    path that the message does not have."""
    before, after = parsed(name, old), parsed(name, new)
    paths = [re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), path) for path in mask.split(",") if path]
    for path in paths:
        if path == "*":
            return shown(after)
        _take(before, after, path.split("."), path)
    return shown(before)


def _take(before: Any, after: Any, steps: list[str], path: str) -> None:
    step, *rest = steps
    field = before.DESCRIPTOR.fields_by_name.get(step)
    if field is None:
        raise invalid(f"The field mask path {path!r} is no field of {before.DESCRIPTOR.name}.")
    if rest and field.message_type is not None and not field.message_type.GetOptions().map_entry:
        _take(getattr(before, step), getattr(after, step), rest, path)
        return
    if rest:  # one key of a map
        before_map, after_map = getattr(before, step), getattr(after, step)
        if rest[0] in after_map:
            before_map[rest[0]] = after_map[rest[0]]
        elif rest[0] in before_map:
            del before_map[rest[0]]
        return
    before.ClearField(step)
    one = type(before)()
    one.CopyFrom(after)
    for descriptor, _ in after.ListFields():
        if descriptor.name != step:
            one.ClearField(descriptor.name)
    before.MergeFrom(one)
