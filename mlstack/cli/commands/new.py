"""``mlstack new``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mlstack.cli import templates
from mlstack.cli.options import Debug, Json


def new(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="What to start from; --list shows them.")
    ] = templates.DEFAULT,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where; it is made. Left out: this folder.")
    ] = Path(),
    listing: Annotated[bool, typer.Option("--list", help="Show the templates.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Start from a ready stack. Overwrites nothing."""
    if listing:
        _list(as_json)
        return
    chosen = templates.template(template)
    written = list(templates.write(chosen, folder.resolve(), name=folder.name))
    shown = [str(folder / path.relative_to(folder.resolve())) for path in written]
    if as_json:
        typer.echo(json.dumps({"template": chosen.name, "files": shown}, indent=2))
        return
    for path in shown:
        typer.echo(f"  {path}")
    go = "" if folder == Path() else f"cd {folder} && "
    typer.echo(f"next: {go}mlstack up")


def _list(as_json: bool) -> None:
    if as_json:
        rows = [{"name": each.name, "about": each.about} for each in templates.TEMPLATES.values()]
        typer.echo(json.dumps({"templates": rows}, indent=2))
        return
    from mlstack.cli.show.table import table

    for line in table([(each.name, each.about) for each in templates.TEMPLATES.values()]):
        typer.echo(line)
