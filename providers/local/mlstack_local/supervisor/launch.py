"""Become a program: leave a note of who one is, read the program's file, exec. A script for supervisord.

The note (``run/<name>.json``) lets the next command find the process when supervisord itself was killed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psutil


def main(path: Path) -> None:
    run = path.parent.parent / "run"
    note = run / path.name
    temporary = note.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time()}))
    temporary.replace(note)
    # A supervisord killed before the note was there left a process that nobody would find.
    if os.getppid() != json.loads((run / "@supervisord.json").read_text())["pid"]:
        sys.exit("the supervisord that started this is gone")
    spec = json.loads(path.read_text())
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SUPERVISOR_")}
    environment.update(spec["env"])
    for variable, file in spec["secrets"].items():
        environment[variable] = Path(file).read_text()
    os.chdir(spec["cwd"])
    os.execve(spec["argv"][0], spec["argv"], environment)  # noqa: S606 - no shell on purpose


if __name__ == "__main__":
    main(Path(sys.argv[1]))
