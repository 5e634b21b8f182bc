"""Every option of the command line, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks and all that the engine says.")]
Resources = Annotated[
    bool, typer.Option("--resources", help="Show the provider resources below each component too.")
]
Verify = Annotated[
    bool,
    typer.Option("--verify", help="Read every file again, also where nothing seems to have touched it."),
]
Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="STACK",
        help="Agree, by the stack's name, to lose what cannot be made again or is protected.",
    ),
]
Replan = Annotated[
    bool,
    typer.Option("--replan", help="Make pinned choices (instances, ways of serving) anew."),
]
Deployment = Annotated[
    str | None, typer.Option("--deployment", metavar="NAME", help="This one deployment of the endpoint.")
]


@dataclass(frozen=True)
class At:
    """The options of every command that reads a spec or touches a stack."""

    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            "-f",
            metavar="PATH",
            help="The spec, or its folder. Left out: mlstack.yaml here, else the Pulumi program here.",
        ),
    ] = None
    stack: Annotated[
        str | None,
        typer.Option("--stack", "-s", metavar="NAME", help="The stack. Left out: dev-<cloud>."),
    ] = None
    cloud: Annotated[
        str | None,
        typer.Option("--cloud", metavar="NAME", help="The target. Left out: the stack's, else the spec's."),
    ] = None
    region: Annotated[
        str | None, typer.Option("--region", metavar="ID", help="The region. Left out: the spec's.")
    ] = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="A.B=VALUE",
            help="Set one value of the spec, as YAML; beats the overlay and the file. Repeatable.",
        ),
    ] = None
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask; what cannot be made again needs --confirm.")
    ] = False
    json: Json = False
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Against an emulated cloud, with a state of its own.")
    ] = False
    debug: Debug = False


Command = TypeVar("Command", bound=Callable[..., Any])


def at_stack(command: Command) -> Command:
    """Give a command whose first parameter is ``at: At`` the options of `At` in its place."""
    hints = get_type_hints(At, include_extras=True)
    common = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(At)
    ]
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @wraps(command)
    def wrapper(**given: Any) -> Any:
        at = At(**{field.name: given.pop(field.name) for field in fields(At)})
        return command(at, **given)

    parameters = [*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *common]
    del wrapper.__wrapped__  # inspect would show the signature behind it
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    return wrapper  # type: ignore[return-value]
