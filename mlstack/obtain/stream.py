"""Run a long command: its lines as they come, a beat while it works, an end when it hangs."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

Progress = Callable[[str], None]
"""Is handed a line at a time, for whoever waits."""


class Unobtainable(Exception):  # noqa: N818 - a way that leads nowhere; the next one may
    """This way to get something failed; the text says why in a line or a few."""


def stream(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    line: Callable[[str], None],
    beat: Callable[[int], None],
    every: float = 5.0,
    give_up: Callable[[float, float], str | None],
) -> None:
    """Run ``command``, handing each line of output to ``line`` and the seconds so far to ``beat``.

    ``give_up(seconds, silence)`` is asked all along; a text ends the command and is the reason.
    Raises Unobtainable with that reason, or with the last lines where the command fails. Nothing of
    the command is left running, whatever ends this call.
    """
    tail: deque[str] = deque(maxlen=6)
    lines: queue.Queue[str | None] = queue.Queue()
    start = heard = time.monotonic()
    next_beat = start + every
    with _group(command, env, cwd) as process:
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        while True:
            text: str | None = ""
            with contextlib.suppress(queue.Empty):
                text = lines.get(timeout=0.25)
            now = time.monotonic()
            if text is None:
                break
            if text:
                heard = now
                tail.append(text)
                line(text)
            if now >= next_beat:
                next_beat = now + every
                beat(int(now - start))
            reason = give_up(now - start, now - heard)
            if reason:
                raise Unobtainable(reason)
        code = process.wait()
    if code:
        raise Unobtainable("\n".join([f"{Path(command[0]).name} ended with {code}", *tail]))


@contextlib.contextmanager
def _group(
    command: Sequence[str | Path], env: Mapping[str, str], cwd: Path
) -> Iterator[subprocess.Popen[str]]:
    try:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise Unobtainable(f"{command[0]} does not run: {error}") from error
    try:
        yield process
    finally:
        if process.returncode is None:  # not waited for: its id, and so its group, is still its own
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for text in process.stdout:
        lines.put(text.rstrip())
    lines.put(None)
