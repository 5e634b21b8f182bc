"""The REST interface of aiplatform v1: which path is which call, as google-cloud-aiplatform's own transports
have it, and what a request says, as its message."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mlstack.rehearsal.wsgi import Request
from mlstack_gcp.rehearsal import messages
from mlstack_gcp.rehearsal.refusals import invalid

_SERVICES = (
    "endpoint",
    "model",
    "job",
    "pipeline",
    "schedule",
    "persistent_resource",
    "deployment_resource_pool",
    "prediction",
    "metadata",
    "tensorboard",
)
_WHOLE = ("RawPredict",)  # the body of the request is the call's, whatever it is (google.api.HttpBody)


@dataclass(frozen=True)
class Route:
    """``fields`` are the fields of the request's message that the path has; ``body`` is the one that the body
    is ("*": the body is the message)."""

    call: str
    method: str
    pattern: re.Pattern[str]
    fields: tuple[str, ...]
    body: str | None


@cache
def routes() -> tuple[Route, ...]:
    from google.cloud import aiplatform_v1

    found = []
    for service in _SERVICES:
        base = f"google.cloud.aiplatform_v1.services.{service}_service.transports.rest_base"
        module = importlib.import_module(base)
        (transport,) = (
            one for name, one in vars(module).items() if re.fullmatch(r"_Base\w+RestTransport", name)
        )
        for name, one in vars(transport).items():
            call = name.removeprefix("_Base")
            if call == name or not hasattr(aiplatform_v1, f"{call}Request"):
                continue
            for option in getattr(one, "_get_http_options", list)():
                fields: list[str] = []
                form = "".join(_step(part, fields) for part in re.split(r"(\{[^}]+\})", option["uri"]))
                pattern = re.compile(form)
                found.append(
                    Route(call, option["method"].upper(), pattern, tuple(fields), option.get("body"))
                )
    return tuple(found)


def _step(part: str, fields: list[str]) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name, _, form = part[1:-1].partition("=")
    fields.append(name)
    steps = re.escape(form or "*").replace(r"\*\*", ".+").replace(r"\*", "[^/:]+")
    return f"({steps})"


def find(request: Request) -> tuple[Route, tuple[str, ...]] | None:
    for one in routes():
        if one.method == request.method and (match := one.pattern.fullmatch(request.path)):
            return one, match.groups()
    return None


def said(route: Route, values: tuple[str, ...], request: Request) -> dict[str, Any]:
    """The message of a request, in proto's own JSON. Refused INVALID_ARGUMENT: it does not parse."""
    message = f"{route.call}Request"
    told: dict[str, Any] = {}
    descriptor = messages.message(message).DESCRIPTOR
    for key, value in request.query.items():
        if not key.startswith("$") and key not in ("alt", "key", "prettyPrint"):
            told[key] = _typed(descriptor, key, value)
    if route.body == "*" and route.call not in _WHOLE:
        told |= _json(request)
    elif route.body and route.call not in _WHOLE:
        told[messages.camel(route.body)] = _json(request)
    for field, value in zip(route.fields, values, strict=True):
        place = told
        *above, last = (messages.camel(step) for step in field.split("."))
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return messages.strict(message, told)


def _json(request: Request) -> dict[str, Any]:
    if not request.content:
        return {}
    try:
        found = json.loads(request.content)
    except ValueError as problem:
        raise invalid(f"Invalid JSON payload received. {problem}") from None
    if not isinstance(found, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    return found


def _typed(descriptor: Any, key: str, value: str) -> Any:
    """A value of the query, which is a text, as proto's JSON has it."""
    field: Any = None
    for step in key.split("."):
        kinds: Mapping[str, Any] = {one.json_name: one for one in descriptor.fields} | dict(
            descriptor.fields_by_name
        )
        field = kinds.get(step)
        if field is None:
            return value
        descriptor = field.message_type or descriptor
    return value == "true" if field.type == field.TYPE_BOOL else value
