"""``mlstack validate``."""

from __future__ import annotations

import json

import typer

from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project


@at_stack
def validate(at: At) -> None:
    """Check the spec: every mistake at once, with its line.

    What the target cannot do of it counts too. Nothing is run, nothing is created.
    """
    opened = open_project(at)
    project = opened.project
    if at.json:
        answer = {"valid": True, "name": project.name, "stack": project.stack, "cloud": project.cloud}
        typer.echo(json.dumps(answer, indent=2))
        return
    if opened.spec is None:
        typer.echo(f"{project.name} is a Pulumi program: `mlstack preview` checks it by running it")
        return
    from mlstack.spec import resources

    count = sum(1 for _ in resources(opened.spec))
    typer.echo(
        f"{project.name} is valid: {count} resource{'' if count == 1 else 's'} on {project.cloud} "
        f"(stack {project.stack})"
    )
