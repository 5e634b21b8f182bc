"""Inputs against a resource's input model, with unknown values let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from mlstack.plugin.diff import join
from mlstack.plugin.wire import has_unknown
from mlstack.resource import UNKNOWN, Inputs

I = TypeVar("I", bound=Inputs)  # noqa: E741


def failures(model: type[Inputs], inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(property path, reason) for each input that cannot be right, whatever the unknown ones become."""
    try:
        model.model_validate(dict(inputs))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            if not _meets_unknown(inputs, item["loc"]):
                path = ""
                for key in item["loc"]:
                    path = join(path, key)
                yield path, item["msg"]


def typed(model: type[I], inputs: Mapping[str, Any]) -> I:
    """The checked inputs as their model. Nulls count as left out, as they do on Pulumi's wire."""
    return model.model_validate({key: value for key, value in inputs.items() if value is not None})


def _meets_unknown(value: Any, location: tuple[str | int, ...]) -> bool:
    for key in location:
        if value is UNKNOWN:
            return True
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return has_unknown(value)
