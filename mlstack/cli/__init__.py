"""The command line: thin callers of the layers below.

app.py       the commands and how one is run      options.py   every option, declared once
errors.py    any exception -> what is printed     log.py       where tracebacks go
project.py   options -> project, spec, target     program.py   the user's program, run inline
operate.py   the engine's operations, shown       confirm.py   what needs an answer, and from whom
commands/    one file a command                   show/        how results and progress look

Modules import only typer and the standard library at the top; everything else when it is used, so that
`mlstack --help` is quick.
"""

from __future__ import annotations

import sys


def main() -> None:
    from mlstack.cli.app import run

    sys.exit(run(sys.argv[1:]))
