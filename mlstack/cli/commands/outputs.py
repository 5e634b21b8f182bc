"""``mlstack outputs``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project


@at_stack
def outputs(
    at: At,
    path: Annotated[
        str | None,
        typer.Argument(metavar="PATH", help="One value, such as endpoints.digits.url. Left out: all."),
    ] = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Show secrets, such as keys, in clear.")
    ] = False,
) -> None:
    """Show addresses, ids, versions and keys of what was made."""
    from mlstack.engine.records import outputs as exported

    opened = open_project(at)
    found: Any = exported(state(opened, at), show_secrets=show_secrets)
    if path is not None:
        found = _pick(found, path)
    if at.json:
        typer.echo(json.dumps(found, indent=2))
    elif isinstance(found, dict):
        from mlstack.cli.show.table import table

        for line in table(list(_flat(found))):
            typer.echo(line)
    else:
        typer.echo(_text(found))


def _pick(found: Any, path: str) -> Any:
    from mlstack.errors import UsageError
    from mlstack.suggest import suggest

    for step in path.split("."):
        if not isinstance(found, dict) or step not in found:
            known = list(found) if isinstance(found, dict) else []
            near = suggest(step, known)
            raise UsageError(
                f"there is no output {path!r}",
                remedy=(f"did you mean {near!r}? " if near else "")
                + (f"there are: {', '.join(known)}" if known else "`mlstack outputs` shows all there are"),
            )
        found = found[step]
    return found


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(item)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value)
