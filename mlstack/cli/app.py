"""The commands, in the order in which they are used, and how one is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from mlstack.cli import errors
from mlstack.cli.commands import (
    apply,
    cancel,
    doctor,
    down,
    eject,
    explain,
    gc,
    invoke,
    logs,
    metrics,
    monitor,
    new,
    outputs,
    preview,
    refresh,
    rehearsal,
    run_job,
    runs,
    schema,
    status,
    testbed,
    validate,
)

app = typer.Typer(
    name="mlstack",
    help="One spec for machine-learning infrastructure, applied by Pulumi to every target.",
    epilog="A first endpoint on this machine: mlstack new && mlstack up",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

COMMANDS: dict[str, Callable[..., int | None]] = {
    "new": new.new,
    "validate": validate.validate,
    "preview": preview.preview,
    "up": apply.up,
    "down": down.down,
    "refresh": refresh.refresh,
    "status": status.status,
    "outputs": outputs.outputs,
    "logs": logs.logs,
    "metrics": metrics.metrics,
    "invoke": invoke.invoke,
    "run": run_job.run,
    "runs": runs.runs,
    "cancel": cancel.cancel,
    "gc": gc.gc,
    "doctor": doctor.doctor,
    "eject": eject.eject,
    "explain": explain.explain,
    "schema": schema.schema,
}
for name, command in COMMANDS.items():
    app.command(name)(command)

GROUPS: dict[str, tuple[str, dict[str, Callable[..., int | None]]]] = {
    "monitor": ("Take a reading of a monitor, or show those that there were.", monitor.COMMANDS),
    "rehearsal": (
        "The emulated cloud behind --rehearse: look at it, change it, serve it.",
        rehearsal.COMMANDS,
    ),
    "testbed": ("A Kubernetes control plane on this machine, for tests and trials.", testbed.COMMANDS),
}
for name, (text, commands) in GROUPS.items():
    group = typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)
    for own, command in commands.items():
        group.command(own)(command)
    app.add_typer(group, name=name)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("mlstack"))
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One spec for machine-learning infrastructure, applied by Pulumi to every target."""


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code. Whatever is raised is printed as an error."""
    try:
        code = app(args=arguments or ["--help"], prog_name="mlstack", standalone_mode=False)
    except Exception as error:
        return errors.report(error, arguments)
    if code == errors.INTERRUPTED:
        return errors.report(KeyboardInterrupt(), arguments)
    return code if isinstance(code, int) else 0
