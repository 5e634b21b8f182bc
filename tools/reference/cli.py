"""The page of the command line: every command with its options, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import typer

from mlstack.cli.app import app
from mlstack.cli.options import At

from .errors import exit_codes
from .markdown import code, table

INTRO = """# The command line

Results go to standard output and progress to standard error. With `--json` there is one object on standard
output, also when a command fails. `mlstack COMMAND --help` shows what is below.

"""


def page() -> str:
    return INTRO + "\n".join(_sections())


def commands() -> dict[str, Any]:
    """Each command by its name, in the order of `mlstack --help`; those of a group as "group command"."""
    group: Any = typer.main.get_command(app)
    return dict(_leaves(group))


def _leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def options(command: Any) -> set[str]:
    """Every option that a command takes, short ones too."""
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {
        "-h",
        "--help",
    }


def _sections() -> Iterator[str]:
    everything = commands()
    yield table(
        ("Command", ""),
        [(f"[`{name}`](#{name.replace(' ', '-')})", _first(each)) for name, each in everything.items()],
    )
    common = {field.name for field in fields(At)}
    shared = next(each for each in everything.values() if common <= {param.name for param in each.params})
    yield "## Options of every command that reads a spec\n"
    yield _table(shared, [param for param in shared.params if param.name in common])
    yield "## Exit codes\n"
    yield exit_codes()
    for name, command in everything.items():
        own = [param for param in command.params if param.name not in common and not _is_help(param)]
        shares = common <= {param.name for param in command.params}
        few = [] if shares else [param for param in command.params if param.name in common]
        yield f"## {name}\n"
        yield f"    {_usage(name, command)}\n"
        yield _text(command)
        if own or few:
            yield _table(command, own + few)
        if shares:
            yield "Also takes the [options above](#options-of-every-command-that-reads-a-spec).\n"


def _is_help(param: Any) -> bool:
    return "--help" in param.opts


def _first(command: Any) -> str:
    return _text(command).strip().split("\n")[0]


def _text(command: Any) -> str:
    """The help of a command; lines of one paragraph joined."""
    paragraphs = (command.help or "").strip().split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in paragraphs) + "\n"


def _usage(name: str, command: Any) -> str:
    with command.make_context(name, [], resilient_parsing=True) as context:
        return " ".join(["mlstack", *name.split(), *command.collect_usage_pieces(context)])


def _table(command: Any, params: list[Any]) -> str:
    with command.make_context(command.name, [], resilient_parsing=True) as context:
        rows = [_row(param, context) for param in params]
    return table(("", ""), [row for row in rows if row])


def _row(param: Any, context: Any) -> tuple[str, str] | None:
    record = param.get_help_record(context)
    return (code(record[0]), record[1]) if record else None
