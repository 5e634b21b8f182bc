"""The official installer, through the Automation API, and not for long where it cannot be reached.

The Automation API fetches a script and runs it, with no time-out; so it runs in a process of its own,
``automation.py``, which says when the script has come. A host that is away costs REACH seconds,
not the minutes of a resolver and a connect.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from mlstack.engine.install.found import VERSION
from mlstack.obtain import Unobtainable, stream

REACH = 6.0
"""Seconds from the first connect until the script of the installer must be here."""

DOWNLOAD = 300.0
"""Seconds until the engine must be here."""

STARTED = "@started"
REACHED = "@reached"
FAILED = "@failed: "

_START = 60.0  # seconds for the import of the SDK
_CURLRC = "connect-timeout = 10\nspeed-limit = 1000\nspeed-time = 20\n"


def install(
    stage: Path, progress: Callable[[str], None], *, reach: float = REACH, download: float = DOWNLOAD
) -> None:
    """Leave ``bin/pulumi`` below ``stage``, or raise Unobtainable."""
    said: list[str] = []

    def give_up(seconds: float, silence: float) -> str | None:
        if STARTED not in said:
            return "the Automation API did not start" if seconds > _START else None
        if REACHED not in said and silence > reach:
            return f"the installer cannot be reached: no answer in {reach:.0f} s"
        return f"not finished after {download:.0f} s" if seconds > download else None

    progress("trying the official installer")
    try:
        stream(
            [sys.executable, "-m", "mlstack.engine.install.automation", str(stage), VERSION, str(reach)],
            env={**os.environ, "CURL_HOME": str(_impatient_curl(stage)), "PULUMI_SKIP_UPDATE_CHECK": "true"},
            cwd=stage,
            line=said.append,
            beat=lambda seconds: progress(f"downloading Pulumi v{VERSION} ({seconds} s)"),
            give_up=give_up,
        )
    except Unobtainable:
        told = [text.removeprefix(FAILED) for text in said if text.startswith(FAILED)]
        if told:
            raise Unobtainable(told[0]) from None
        raise


def _impatient_curl(stage: Path) -> Path:
    """A home for curl (the script's downloader): the user's settings, with time-outs before them."""
    home = stage / "curl"
    home.mkdir()
    theirs = Path(os.environ.get("CURL_HOME") or Path.home()) / ".curlrc"
    text = theirs.read_text(encoding="utf-8") if theirs.is_file() else ""
    (home / ".curlrc").write_text(_CURLRC + text, encoding="utf-8")
    return home
