"""uv, called as a tool: its errors come out short, with a category and a remedy."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from uv import find_uv_bin

from mlstack.resource import ResourceFailed

_NETWORK = re.compile(
    r"client error \(Connect\)|dns error|Connection (refused|reset)|timed? ?out|Request failed after"
    r"|network was disabled|Failed to fetch|50[0234] |Temporary failure",
    re.IGNORECASE,
)
_HASH = re.compile(r"hash mismatch", re.IGNORECASE)
_DISK = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)
_ESSENTIAL = 12
_POLL = 0.2


class UvFailed(Exception):  # noqa: N818 - reads as what happened
    """uv ended with an error; ``message`` holds the lines of it that tell why."""

    def __init__(self, output: str) -> None:
        self.message = essential(output)
        super().__init__(self.message)

    def as_failure(self, what: str, remedy: str) -> ResourceFailed:
        """``remedy`` is for the usual case, that what was asked for cannot be had."""
        category = "user"
        if _DISK.search(self.message):
            remedy = "free some space: environments are kept in mlstack's cache folder"
        elif _HASH.search(self.message):
            category = "conflict"
            remedy = (
                "do not install it: a file in the package index is not what was locked. Find out why; "
                "to take it all the same, change the requirement, so that it is locked anew"
            )
        elif os.environ.get("UV_OFFLINE") and _NETWORK.search(self.message):
            category = "transient"
            remedy = "uv's cache lacks it, and UV_OFFLINE keeps uv from the network: unset that once"
        elif _NETWORK.search(self.message):
            category = "transient"
            remedy = "the package index could not be reached: check the network or proxy, then try again"
        return ResourceFailed(f"{what}\n{self.message}", remedy=remedy, category=category)


def essential(output: str) -> str:
    """uv's error with its causes and hints; its warnings and blank lines left out."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    starts = [index for index, line in enumerate(lines) if line.startswith("error")]
    told = lines[starts[0] :] if starts else [line for line in lines if not line.startswith("warning")]
    return "\n".join(told[:_ESSENTIAL])


def run(
    arguments: Sequence[str | Path],
    *,
    cwd: Path,
    stdin: str = "",
    cancelled: threading.Event | None = None,
    log: Callable[[str], None] | None = None,
) -> str:
    """What uv printed on stdout. Raises `UvFailed`; ResourceFailed when ``cancelled`` was set."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "CONDA_PREFIX")
    }
    process = subprocess.Popen(
        [find_uv_bin(), *arguments, "--color", "never", "--no-progress"],
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    sent: str | None = stdin
    while True:
        try:
            out, err = process.communicate(sent, timeout=_POLL)
            break
        except subprocess.TimeoutExpired:
            sent = None  # communicate has it already
        if cancelled is not None and cancelled.is_set():
            process.terminate()
            process.communicate()
            raise ResourceFailed("interrupted", category="user", remedy="run the same command again")
    if process.returncode:
        raise UvFailed(err or out)
    if log is not None:
        for line in err.splitlines():
            if re.match(r"(Resolved|Prepared|Installed) ", line):
                log(line)
    return out
