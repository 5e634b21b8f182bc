"""The one place where an exception becomes what the user reads, and the exit code."""

from __future__ import annotations

import errno
import json
import sys
import traceback
from collections.abc import Sequence

import typer
from typer._click import exceptions as parser

from mlstack.cli import log
from mlstack.errors import MlstackError, Problem, SpecError, UsageError

INTERRUPTED = 130

#: What the folder or the disk is to blame for, and not mlstack.
_SURROUNDINGS = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EEXIST,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
    }
)


class Stopped(MlstackError):  # noqa: N818 - what the user did
    """Ctrl-C where no operation of the engine was under way."""

    code = "interrupted"
    category = "user"
    exit_code = INTERRUPTED


def report(error: BaseException, arguments: Sequence[str]) -> int:
    """Print the error as the arguments ask for it; the exit code."""
    known = told(error, arguments)
    if "--debug" in arguments:
        traceback.print_exception(error, file=sys.stderr)
    if wants_json(arguments):
        typer.echo(json.dumps(known.as_json(), indent=2))
    elif isinstance(known, SpecError):
        for problem in known.problems:
            _print(_named(problem), problem.code, _place(problem), problem.remedy)
    else:
        _print(known.message, known.code, known.where, known.remedy)
    return known.exit_code


def told(error: BaseException, arguments: Sequence[str]) -> MlstackError:
    """The error as one of our tree, with a place and a remedy whatever it was."""
    command = _command(arguments)
    if isinstance(error, parser.UsageError):
        path = error.ctx.command_path if error.ctx else "mlstack"
        known: MlstackError = UsageError(
            error.format_message(), where=path, remedy=_usage_remedy(error, command, path)
        )
    elif isinstance(error, KeyboardInterrupt | typer.Abort):  # the latter at a question, Ctrl-D too
        known = Stopped("stopped", where=command, remedy=f"`{command}` starts it again")
    elif isinstance(error, MlstackError):
        known = error
        if known.exit_code == INTERRUPTED:  # an operation may be a part of the command only
            known.remedy = f"`{command}` goes on from there"
    elif isinstance(error, OSError) and error.errno in _SURROUNDINGS:
        known = MlstackError(
            f"{error.filename or 'a file'}: {error.strerror}",
            code="no-access",
            category="user",
            remedy="mend that, or work in another folder",
        )
    else:
        known = MlstackError(f"{type(error).__name__}: {error}", code="internal-error", category="bug")
    if known.category == "bug" and not known.remedy:
        file = log.write(error)
        known.where = known.where or _raised_at(error)
        known.remedy = f"this is a bug of mlstack; the traceback is in {file}"
    known.where = known.where or command
    known.remedy = known.remedy or f"`{command} --help`, and --debug shows more"
    return known


def _usage_remedy(error: parser.UsageError, command: str, path: str) -> str:
    if command == "mlstack logs" and getattr(error, "option_name", None) == "-f":
        return "-f names a spec here as everywhere; -F, or --follow, follows a log"
    return f"`{path} --help` lists what it takes"


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether --json was given, also on a command line that the parser refused."""
    head = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in head


def _command(arguments: Sequence[str]) -> str:
    name = next((word for word in arguments if not word.startswith("-")), "")
    return f"mlstack {name}".strip()


def _raised_at(error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None


def _named(problem: Problem) -> str:
    """The message, after the path in the spec that it is about where it does not name it itself."""
    last = problem.path.rpartition(".")[2]
    return problem.message if not last or last in problem.message else f"{problem.path}: {problem.message}"


def _place(problem: Problem) -> str:
    file = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
    return " ".join(part for part in (file, problem.path) if part) or "the spec"


def _print(message: str, code: str, where: str | None, remedy: str | None) -> None:
    """Three lines: what, where, what to do. What a message has beyond its first line is set below it."""
    from mlstack.cli.show.paint import paint

    first, *more = message.strip().splitlines() or [code]
    lines = [f"{paint('error:', 'red', error=True)} {first} {paint(f'[{code}]', 'dim', error=True)}"]
    lines += [f"    {line}" for line in more if line.strip()]
    lines.append(f"  at {where}")
    lines.append(f"  {' '.join((remedy or '').split())}")
    typer.echo("\n".join(lines), err=True)
