"""Servers that begin as copies of a process which has imported scikit-learn: that takes seconds for each.

A copy (`os.fork`) then is what ``python -m mlstack_serving`` would be: the runtime is imported and run as the
main program there, with arguments, environment and descriptors of its own, in a process of its own. Starts
from nothing are what ``test_start.py``, the flavors' own environments and the local target's tests are about.

    python prefork.py NUMBER     the process that is copied; NUMBER is a Unix socket, on which it is asked
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_MESSAGE = 1 << 20
_POLL = 0.01


class Prefork:
    """The process that is copied; it ends with whoever holds this."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, str(Path(__file__)), str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        self._socket, self._lock = ours, threading.Lock()

    def start(
        self, argv: Sequence[str], env: Mapping[str, str], log: IO[bytes], pass_fds: Sequence[int] = ()
    ) -> Process:
        asked = {"argv": [*argv], "env": {**env}, "cwd": str(Path.cwd()), "numbers": [1, 2, *pass_fds]}
        return Process(
            self, ["mlstack_serving", *argv], self.ask(asked, [log.fileno(), log.fileno(), *pass_fds])
        )

    def ask(self, question: Mapping[str, Any], descriptors: Sequence[int] = ()) -> Any:
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(question).encode()], descriptors)
            return json.loads(self._socket.recv(_MESSAGE))

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


class Process:
    """What `subprocess.Popen` has of a copy."""

    def __init__(self, prefork: Prefork, args: Sequence[str], pid: int) -> None:
        self.args, self.pid = args, pid
        self.returncode: int | None = None
        self._prefork = prefork

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._prefork.ask({"pid": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            time.sleep(_POLL)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def main(control: socket.socket) -> None:
    """Answer until the other side is closed; a copy returns from here as a server that has ended."""
    import joblib  # noqa: F401
    import pandas  # noqa: F401
    import sklearn.linear_model
    import sklearn.pipeline
    import sklearn.preprocessing  # noqa: F401
    import uvicorn  # noqa: F401

    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 16)
        if not message:
            return
        question = json.loads(message)
        if "pid" in question:
            pid, status = os.waitpid(question["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        elif answer := os.fork():
            for descriptor in descriptors:
                os.close(descriptor)
        else:
            control.close()
            become(question, descriptors)
            return
        control.send(json.dumps(answer).encode())


def become(asked: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """The server itself; it leaves by SystemExit, as the main program of a process does."""
    # Out of the way first: one may have the number that another is to get.
    free = max(*asked["numbers"], *descriptors) + 1
    moved = [
        (os.dup2(descriptor, free + index), number)
        for index, (descriptor, number) in enumerate(zip(descriptors, asked["numbers"], strict=True))
    ]
    for descriptor in descriptors:
        os.close(descriptor)
    for descriptor, number in moved:
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["mlstack_serving", *asked["argv"]]
    sys.path[0] = asked["cwd"]  # as of `python -m`
    runpy.run_module("mlstack_serving", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
