"""The JSON Schema of the spec: what editors complete with, and what a language model is given."""

from __future__ import annotations

from typing import Any

from mlstack.spec.stack import Stack

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Draft 2020-12, with the titles and descriptions of the classes; a new object each time.

    It is looser than the classes where a rule is about more than one field.
    """
    schema = Stack.model_json_schema(by_alias=True, mode="validation")
    _close(schema)
    return {"$schema": DIALECT, **schema, "title": "mlstack.yaml"}


def _close(schema: Any) -> None:
    """A map whose keys have a rule takes no other keys; editors then show a bad name."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            _close(value)
    elif isinstance(schema, list):
        for value in schema:
            _close(value)
