"""One declaration of the common options for every command that touches a stack."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated

import pytest
import typer

from mlstack.cli.app import COMMANDS
from mlstack.cli.options import At, at_stack

COMMON = ["file", "stack", "cloud", "region", "sets", "yes", "json", "rehearse", "debug"]
WITHOUT = {"new", "schema", "explain"}


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT))
def test_every_command_of_a_stack_has_the_common_options(name: str) -> None:
    parameters = list(inspect.signature(COMMANDS[name]).parameters)
    assert parameters[-len(COMMON) :] == COMMON
    assert "at" not in parameters


def test_the_options_arrive_as_one_object() -> None:
    seen: list[object] = []

    @at_stack
    def command(at: At, word: Annotated[str, typer.Argument()] = "none") -> int:
        seen.extend([at, word])
        return 7

    app = typer.Typer()
    app.command()(command)
    given = ["here", "-f", "x.yaml", "-s", "prod", "--set", "a=1", "--set", "b=2", "-y", "--json"]
    assert app(given, standalone_mode=False) == 7
    assert seen == [
        At(file=Path("x.yaml"), stack="prod", sets=["a=1", "b=2"], yes=True, json=True),
        "here",
    ]


def test_left_out_they_have_their_defaults() -> None:
    seen: list[At] = []

    @at_stack
    def command(at: At) -> None:
        seen.append(at)

    app = typer.Typer()
    app.command()(command)
    app([], standalone_mode=False)
    assert seen == [At()]
