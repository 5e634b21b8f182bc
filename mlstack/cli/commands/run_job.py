"""``mlstack run``."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from mlstack.cli.find import artifact, find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project
from mlstack.cli.show.running import running
from mlstack.cli.show.table import table
from mlstack.errors import UsageError

DONE = ("succeeded", "completed")


@at_stack
def run(
    at: At,
    job: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=VALUE",
            help="Another value of a literal input, as YAML; of any other, a reference such as data.NAME. "
            "Repeatable.",
        ),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Do not wait: print the run's id and end.")
    ] = False,
) -> int:
    """Run a job once more, with some inputs changed.

    The run is beside the stack's own and changes nothing of it. Waits for the end; exit code 1 when the
    job failed. `mlstack runs` compares runs.
    """
    from mlstack.engine.records import records

    values = dict(map(parse_input, inputs or ()))
    opened = open_project(at)
    there = records(state(opened, at))
    record = find(there, ("jobs",), job)
    with running(record.name) as show:
        done = opened.runtime.run(
            record, values, show, artifact=lambda reference: artifact(there, reference), detach=detach
        )
    if at.json:
        typer.echo(json.dumps(done.as_json(), indent=2))
    else:
        typer.echo(f"{record.name} {done.status}: {done.id}")
        if detach:
            typer.echo(f"  its log: mlstack logs {record.name} --run {done.id} --follow")
            typer.echo(f"  stop it: mlstack cancel {done.id}")
            return 0
        places = [(f"outputs.{name}", str(value["uri"])) for name, value in done.outputs.items()]
        for line in table([*((name, str(value)) for name, value in done.metrics.items()), *places]):
            typer.echo(f"  {line}")
    return 0 if detach or done.status in DONE else 1


def parse_input(text: str) -> tuple[str, Any]:
    """A NAME=VALUE of --input; the value is YAML. UsageError: it has no such form."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--input {text!r} is not NAME=VALUE", remedy="for instance --input c=2")
    try:
        return name.strip(), YAML(typ="safe", pure=True).load(value)
    except YAMLError:
        raise UsageError(
            f"the value of --input {name} is no YAML", remedy=f"put it in quotes: --input {name}='\"…\"'"
        ) from None
