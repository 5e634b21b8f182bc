"""The life of one gap resource, by its verbs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from mlstack.resource import Context, Inputs, Resource, State


def resource_lifecycle(
    resource: Resource[Any], context: Context, inputs: Mapping[str, Any], changed: Mapping[str, Any] | None
) -> Iterator[str]:
    """Put a resource through create, find, read, update and delete; each thing wrong is one line.

    ``changed`` are inputs that an update in place may bring, None for a resource that is only replaced.
    What is made is deleted at the end.
    """
    typed: Inputs = resource.Inputs.model_validate(inputs)
    plain = typed.model_dump()
    first = resource.create(context, typed)
    try:
        yield from _there(resource, context, plain, first)
        if changed is not None:
            first = yield from _updated(resource, context, first, changed)
    finally:
        resource.delete(context, first)
    if resource.read(context, first) is not None:
        yield "read still finds it after delete"
    if resource.find(context, first.inputs) is not None:
        yield "find still finds it after delete"
    resource.delete(context, first)  # no error: it is gone already


def _there(
    resource: Resource[Any], context: Context, inputs: Mapping[str, Any], first: State
) -> Iterator[str]:
    again = resource.create(context, resource.Inputs.model_validate(inputs))
    if again.id != first.id:
        yield f"a second create made another one: {first.id} and {again.id}"
    if dict(again.outputs) != dict(first.outputs):
        yield f"a second create put out other values: {first.outputs} and {again.outputs}"
    found = resource.find(context, inputs)
    if found is None or found.id != first.id:
        yield f"find gives {found and found.id}, and create made {first.id}"
    real = resource.read(context, first)
    if real is None:
        yield "read does not find what create made"
    elif real.id != first.id:
        yield f"read gives another id: {real.id}, not {first.id}"
    for key, value in first.outputs.items():
        if isinstance(value, str) and PurePath(value).is_absolute():
            yield f"the output {key} is an absolute path: {value}"
    for missing in resource.secret_outputs - first.outputs.keys():
        yield f"secret_outputs has {missing!r}, which create does not put out"


def _updated(resource: Resource[Any], context: Context, first: State, changed: Mapping[str, Any]) -> Any:
    for name in resource.replace_on & changed.keys():
        if changed[name] != first.inputs.get(name):
            yield f"{name} is in replace_on: an update never changes it"
    typed = resource.Inputs.model_validate({**first.inputs, **changed})
    outputs = resource.update(context, first, typed)
    after = State(first.id, typed.model_dump(), outputs)
    real = resource.read(context, after)
    if real is None:
        yield "read does not find it after the update"
    elif any(real.inputs.get(key) != value for key, value in changed.items()):
        yield f"after the update read gives the inputs {dict(real.inputs)}"
    return after
