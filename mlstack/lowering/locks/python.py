"""The interpreter behind a version such as "3.11"."""

from __future__ import annotations

import platform
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from mlstack.lowering.locks import uv


def default() -> str:
    """The version that mlstack itself runs under: what an environment without one gets."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def find(
    version: str, cwd: Path, log: Callable[[str], None], cancelled: threading.Event | None = None
) -> Path:
    """An interpreter of that version: mlstack's own where it fits, one that is installed, or one that uv
    can fetch. Raises ResourceFailed."""
    if version in (default(), platform.python_version()):
        # of a virtual environment: the interpreter below it
        return Path(getattr(sys, "_base_executable", "") or sys.executable)
    search = ["python", "find", version, "--system", "--no-project", "--no-python-downloads"]
    try:
        return Path(uv.run(search, cwd=cwd, cancelled=cancelled).strip())
    except uv.UvFailed as here:
        log(f"fetching Python {version}")
        try:
            uv.run(["python", "install", version], cwd=cwd, cancelled=cancelled)
            return Path(uv.run(search, cwd=cwd, cancelled=cancelled).strip())
        except uv.UvFailed as there:
            raise there.as_failure(
                f"there is no Python {version} on this machine, and uv could fetch none\n{here.message}",
                f"install Python {version}, or name another version; here are: {_installed(cwd)}",
            ) from there


def _installed(cwd: Path) -> str:
    """The versions that an environment could have at once, for people."""
    found = {default()}
    try:
        listed = uv.run(["python", "list", "--only-installed", "--no-python-downloads"], cwd=cwd)
    except uv.UvFailed:
        listed = ""
    found |= set(re.findall(r"(?m)^cpython-(3\.\d+)", listed))
    return ", ".join(sorted(found, key=lambda version: int(version.partition(".")[2])))
