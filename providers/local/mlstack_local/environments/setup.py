"""Commands that are run in an environment before its packages are installed.

They are the user's own and run with the user's rights. What would change the machine for everybody, or asks
for another user's rights, is refused while the spec is checked: an environment that leaves it out would not
be the one that was asked for, and one that does it in silence would be worse.
"""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from mlstack.resource import ResourceFailed

#: Programs that install for the whole machine, or become another user.
MACHINE_WIDE = frozenset(
    {
        *("sudo", "su", "doas", "pkexec", "systemctl", "service"),
        *("apt", "apt-get", "aptitude", "dpkg", "yum", "dnf", "microdnf", "rpm", "zypper", "pacman", "apk"),
        *("emerge", "brew", "port", "snap", "flatpak", "nix-env"),
    }
)
_LOG = "setup.log"
_SHOWN = 15
_POLL = 0.2
_FOREIGN = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH")
_OURS = ("MLSTACK_", "PULUMI_")


def machine_wide(command: str) -> str | None:
    """The program in a shell command that is not run here; None when there is none."""
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    first = True
    try:
        for word in words:
            if set(word) <= set("();<>|&"):
                first = True
            elif first and "=" not in word.partition("/")[0]:
                if Path(word).name in MACHINE_WIDE:
                    return word
                first = Path(word).name in ("env", "exec", "time", "nohup", "command", "then", "do", "else")
    except ValueError:  # a quote that is not closed: the shell will say so
        return None
    return None


def run(
    commands: Sequence[str],
    environment: Path,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
) -> None:
    """Run the commands in the environment's folder, in order, its ``bin`` first on PATH.

    What they write is logged, and kept in ``setup.log`` there. Raises ResourceFailed with the last lines.
    """
    surroundings = {
        **{k: v for k, v in os.environ.items() if k not in _FOREIGN and not k.startswith(_OURS)},
        "VIRTUAL_ENV": str(environment),
        "PATH": f"{environment}/bin{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    with (environment / _LOG).open("w") as kept:
        for number, command in enumerate(commands, start=1):
            log(f"setup {number} of {len(commands)}: {command}")
            kept.write(f"$ {command}\n")
            last: deque[str] = deque(maxlen=_SHOWN)

            def say(line: str, last: deque[str] = last) -> None:
                last.append(line)
                kept.write(line + "\n")
                log(line)

            code = _run(command, environment, surroundings, say, cancelled)
            if code:
                told = "\n".join(last)
                raise ResourceFailed(
                    f"the setup command {command!r} failed with exit code {code}\n{told}".rstrip(),
                    remedy="mend it, or what it needs on this machine, then run the same command again",
                )


def _run(
    command: str,
    cwd: Path,
    surroundings: dict[str, str],
    say: Callable[[str], None],
    cancelled: threading.Event | None,
) -> int:
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=cwd,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_POLL)
        except queue.Empty:
            if cancelled is not None and cancelled.is_set():
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise ResourceFailed("interrupted", remedy="run the same command again") from None
            if process.poll() is not None:  # its output is held open by what it left in the background
                return process.returncode
            continue
        if line is None:
            return process.wait()
        say(line)


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line.rstrip("\n"))
    lines.put(None)
