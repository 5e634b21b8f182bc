"""The log file: tracebacks of what nobody foresaw."""

from __future__ import annotations

import os
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_home: Path | None = None


def keep_in(home: Path) -> None:
    """From now on the log is in this folder (a project's .mlstack), if it exists when it is needed."""
    global _home
    _home = home


def write(error: BaseException) -> Path:
    """Append the traceback to the log file; its path."""
    if _home is not None and _home.is_dir():
        with suppress(OSError):  # a read-only project
            file = _home / "log" / "mlstack.log"
            file.parent.mkdir(exist_ok=True)
            return _append(file, error)
    descriptor, name = tempfile.mkstemp(prefix="mlstack-", suffix=".log")
    os.close(descriptor)
    return _append(Path(name), error)


def _append(file: Path, error: BaseException) -> Path:
    # names of files need not be UTF-8, and reach messages as they are
    with file.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n")
        stream.writelines(traceback.format_exception(error))
        stream.write("\n")
    return file
