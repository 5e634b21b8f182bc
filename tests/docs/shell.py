"""One bash for a page, so that `cd` and variables last; and how what it prints is compared."""

from __future__ import annotations

import doctest
import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

SECONDS = 180

_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: What differs from run to run and from machine to machine: shown as it was, compared as a word for it.
_VARYING = (
    (re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+"), "PORT"),
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{4}\b"), "RUN"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b"), "VERSION"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b"), "UID"),
    (re.compile(r"\b\d+(\.\d+)? ?s\b"), "SECONDS"),
    (re.compile(r"\b\d+(\.\d+)? ?[KMG]B\b"), "BYTES"),
)


class Shell:
    """Runs commands in a folder; standard error goes where standard output goes, as on a terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._mark = f"--end-{os.getpid()}-{id(self)}--"
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, command: str) -> tuple[int, str]:
        """The command's exit code and what it printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{{ {command}\n}} </dev/null; printf '\\n{self._mark} %d\\n' $?\n")
        self._process.stdin.flush()
        timer = threading.Timer(SECONDS, self._kill)
        timer.start()
        printed = []
        try:
            for line in self._process.stdout:
                if line.startswith(self._mark):
                    text = "".join(printed)
                    return int(line.split()[1]), text.removesuffix("\n")
                printed.append(line)
        finally:
            timer.cancel()
        raise AssertionError(
            f"`{command}` did not end within {SECONDS} s, or ended the shell:\n{''.join(printed)}"
        )

    def _kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the shell and what it left in the background; not what `mlstack up` keeps alive."""
        os.killpg(self._process.pid, signal.SIGTERM)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(120)
        self._process.stdout.close()


def difference(shown: str, printed: str, *, ordered: bool = True) -> str | None:
    """How what a page shows differs from what was printed; None where it does not. `...` is anything, and a
    last line of it nothing, too."""
    want, got = _plain(shown), _plain(printed)
    if not ordered:
        want, got = ("\n".join(sorted(text.splitlines())) for text in (want, got))
    want, got = f"{want}\n", f"{got}\n"
    checker = doctest.OutputChecker()
    wanted = (want, want.removesuffix("...\n"))
    if not shown.strip() or any(checker.check_output(each, got, _OPTIONS) for each in wanted):
        return None
    return f"the page shows:\n{shown}\nprinted was:\n{printed}"


def _plain(text: str) -> str:
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text.strip("\n")
