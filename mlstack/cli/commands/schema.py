"""``mlstack schema``."""

from __future__ import annotations

import json

import typer

from mlstack.cli.options import Debug, Json


def schema(
    as_json: Json = False,  # it is JSON either way
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of mlstack.yaml, for editors."""
    from mlstack.spec.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
