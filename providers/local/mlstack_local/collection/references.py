"""What is in use, gathered as text: a folder whose name is in it stays.

Wherever there is doubt, this errs to the side of use: a name that is met by chance keeps its folder.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import psutil

from mlstack.runtime import Record
from mlstack_local.files import matching
from mlstack_local.jobs import RunFolder, control

_VARIABLES = ("VIRTUAL_ENV", "PATH", "PYTHONPATH")


def of_records(records: Sequence[Record]) -> str:
    """All that the engine's state of the stack says."""
    parts = [
        [record.outputs, [[child.inputs, child.outputs] for child in record.children]] for record in records
    ]
    return json.dumps(parts, default=str)


def of_stack(home: Path) -> str:
    """What a stack's folder says of what serves and runs now."""
    return of_endpoints(home) + of_runs(home)


def of_endpoints(home: Path) -> str:
    """What the endpoints of a stack serve: a deployment of before may be what still answers."""
    return "\n".join(_texts(matching(home, "endpoints/**/*.json")))


def of_runs(home: Path) -> str:
    """What runs that go on were asked to do: where they are, what they read, what they run in."""
    found = []
    for file in matching(home, "*/*/*/run.json"):
        run = RunFolder(file.parent)
        record = run.read()
        # of one that is pending the runner is about to begin
        if record is not None and (control.is_live(record) or record.status == "pending"):
            found += [str(run.path), *_texts([run.path / "request.json"])]
    return "\n".join(found)


def of_processes() -> str:
    """What the processes of this user run from."""
    found: list[str] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            found += process.cmdline()
            environ = process.environ()
            found += [environ.get(name, "") for name in _VARIABLES]
    return "\n".join(found)


def _texts(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            yield file.read_text()
