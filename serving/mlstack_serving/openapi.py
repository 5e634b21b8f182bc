"""The server's own description: OpenAPI 3.1 of its contract's routes and its model's signature."""

from __future__ import annotations

from typing import Any

import mlstack_serving
from mlstack_serving import forms, results
from mlstack_serving.config import Config
from mlstack_serving.contracts import Route, routes
from mlstack_serving.http import CSV, JSON, NPY
from mlstack_serving.model import Model
from mlstack_serving.schema import Tensor
from mlstack_serving.tensors import DATATYPES

_REFUSALS = {
    "400": "The input is wrong; field says where",
    "413": "The body is too large",
    "415": "The content type is not offered",
    "429": "Too many requests at a time; see Retry-After",
    "500": "The model's code failed; id is in its log",
    "503": "The model is loading",
}
_TENSOR = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "datatype": {"type": "string", "enum": list(DATATYPES)},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "data": {"type": "array"},
    },
    "required": ["name", "datatype", "shape", "data"],
}
_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "field": {"type": "string"}, "id": {"type": "string"}},
    "required": ["error"],
}


def tried(model: Model) -> tuple[Any, Any] | None:
    """A row that the model answers, and the answer; None where none is known.

    Code of one's own is not asked: a made-up row may do things there.
    """
    example = model.signature.example
    if example is None or model.raw is not None:
        return None
    if model.platform == "script":
        return example, None
    try:
        batch = model.signature.read(forms.read({"instances": [example]}, model.signature.optional))
        return example, results.rows(model.predict(batch, ()))
    except Exception:
        return None  # a row that only looks right, such as a category that the model has not learned


def document(config: Config, model: Model, example: tuple[Any, Any] | None) -> dict[str, Any]:
    """``example`` as `tried` gives it."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes(config):
        operation = paths.setdefault(route.path, {})
        operation.setdefault(route.method.lower(), _operation(route, model, example))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": config.name,
            "version": config.model_version or "0",
            "description": f"A {model.platform} model on mlstack_serving {mlstack_serving.__version__}, "
            f"contract {config.contract}.",
        },
        # Relative, so that it holds behind a gateway too.
        "servers": [{"url": "."}],
        # A server has no key; a gateway before it may ask for one.
        "security": [{}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Row": model.signature.row(), "Tensor": _TENSOR, "Error": _ERROR},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, model: Model, example: tuple[Any, Any] | None) -> dict[str, Any]:
    made: dict[str, Any] = {"summary": route.summary, "operationId": _identifier(route)}
    if not route.takes:
        made["responses"] = {"200": {"description": "It is so"}}
        if route.summary.startswith("Whether"):
            made["responses"]["503"] = {"description": "Not yet"}
        return made
    errors = {
        status: {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
        for status, text in _REFUSALS.items()
    }
    if model.raw is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": {}}}}
        made["responses"] = {"200": {"description": "What the code gives", "content": {JSON: {}}}, **errors}
        return made
    taken, given = (_rows if route.takes == "rows" else _tensors)(model, example)
    made["requestBody"] = {"required": True, "content": taken}
    made["responses"] = {"200": {"description": "The predictions", "content": given}, **errors}
    return made


def _identifier(route: Route) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in route.path).split()
    return "_".join([route.method.lower(), *words])


def _rows(model: Model, example: tuple[Any, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    row = {"$ref": "#/components/schemas/Row"}
    body = {
        "type": "object",
        "properties": {
            "instances": {"type": "array", "minItems": 1, "items": row},
            "parameters": {"type": "object"},
        },
        "required": ["instances"],
    }
    answer = {"type": "object", "properties": {"predictions": {}}, "required": ["predictions"]}
    taken: dict[str, Any] = {
        JSON: {"schema": body},
        CSV: {"schema": {"type": "string"}},
        NPY: {"schema": {"contentMediaType": NPY}},
    }
    given: dict[str, Any] = {
        JSON: {"schema": answer},
        CSV: {"schema": {"type": "string"}},
        NPY: {"schema": {"contentMediaType": NPY}},
    }
    if example is not None:
        taken[JSON]["example"] = {"instances": [example[0]]}
        if example[1] is not None:
            given[JSON]["example"] = {"predictions": example[1]}
    return taken, given


def _tensors(model: Model, example: tuple[Any, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    tensors = {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}}
    named = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    body = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "inputs": {**tensors, "minItems": 1},
            "outputs": {"type": "array", "items": named},
        },
        "required": ["inputs"],
    }
    answer = {
        "type": "object",
        "properties": {"model_name": {"type": "string"}, "id": {"type": "string"}, "outputs": tensors},
        "required": ["model_name", "outputs"],
    }
    taken: dict[str, Any] = {JSON: {"schema": body}}
    if example is not None and model.signature.tensors:
        taken[JSON]["example"] = {"inputs": _inputs(model, example[0])}
    return taken, {JSON: {"schema": answer}}


def _inputs(model: Model, row: Any) -> list[dict[str, Any]]:
    """The row as tensors of protocol v2."""
    listed = model.signature.tensors
    if isinstance(row, dict) and len(listed) == len(row) and (len(row) > 1 or listed[0].name in row):
        return [_one(tensor, [row[tensor.name]]) for tensor in listed]
    values = list(row.values()) if isinstance(row, dict) else row
    return [_one(listed[0], [values])]


def _one(tensor: Tensor, values: list[Any]) -> dict[str, Any]:
    shape, flat = [], values
    inner: Any = values
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0] if inner else None
    for _ in shape[1:]:
        flat = [value for part in flat for value in part]
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": shape, "data": flat}
