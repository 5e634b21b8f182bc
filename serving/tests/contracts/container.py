"""A container, as far as it goes without one: the process, its variables, its arguments, its probes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import psutil
import requests
from serving.tests.conftest import DEADLINE, Server, stop_all
from sklearn.linear_model import LinearRegression

FOREIGN = ("AIP_", "AZUREML_", "AML_", "SAGEMAKER_", "SM_", "PORT", "K_SERVICE", "STORAGE_")
ROWS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
SUMS = [1.0, 2.0, 6.0]

# Each step waits for a file, so that a test decides when the model is loaded, and when it answers.
SLOW = """
import os, time
from pathlib import Path

scratch = Path(os.environ["SCRATCH"])

def wait(name):
    (scratch / f"{name}-begun").touch()
    while not (scratch / f"{name}-go").exists():
        time.sleep(0.01)

def init():
    wait("init")

def run(data):
    if data[0][0] == 0:
        wait("run")
    return [os.environ.get("GREETING", "none")] * len(data)
"""


class Container:
    """Starts servers with a platform's variables; ``model`` sums three features, each times its place."""

    def __init__(self, scratch: Path, **env: str) -> None:
        self.scratch = scratch
        self.env = env
        self.model = scratch / "model"
        self.model.mkdir()
        rows = np.random.default_rng(1).normal(size=(50, 3))
        joblib.dump(LinearRegression().fit(rows, rows @ [1, 2, 3]), self.model / "model.joblib")
        self.started: list[Server] = []

    def start(self, *args: str, **env: str) -> Server:
        """A server whose environment is the platform's and ``env``; "" takes a variable away."""
        given = {name: value for name, value in {**self.env, **env}.items() if value}
        log = self.scratch / f"log-{len(self.started)}"
        for name in list(os.environ):
            assert not name.startswith(FOREIGN), f"{name} is set: what is asserted would not be the server's"
        self.started.append(Server(log, *args, env=given))
        return self.started[-1]

    def code(self, text: str) -> str:
        folder = Path(tempfile.mkdtemp(prefix="code-", dir=self.scratch))
        (folder / "score.py").write_text(text)
        return str(folder)

    def slow(self, *args: str, **env: str) -> tuple[Server, Path]:
        """A server of ``SLOW``, and the folder with the files that it waits for."""
        files = Path(tempfile.mkdtemp(prefix="files-", dir=self.scratch))
        given = {"MLSTACK_CODE": self.code(SLOW), "SCRATCH": str(files), "MLSTACK_CONCURRENCY": "1"}
        return self.start(*args, **given, **env), files

    def stop(self) -> None:
        stop_all(self.started)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def appears(path: Path, server: Server) -> None:
    end = time.monotonic() + DEADLINE
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not appear:\n{server.log.read_text()}"
        assert server.process.poll() is None, server.log.read_text()
        time.sleep(0.01)


def answers(server: Server, route: str, status: int = 200) -> requests.Response:
    """Ask as a platform's probe does until the answer has this status."""
    end = time.monotonic() + DEADLINE
    while True:
        answer = server.get(route)
        if answer.status_code == status:
            return answer
        assert time.monotonic() < end, f"{route}: {answer.status_code}\n{server.log.read_text()}"
        time.sleep(0.05)


def listens_everywhere(server: Server) -> bool:
    port = int(server.url.rsplit(":", 1)[1])
    held = psutil.Process(server.process.pid).net_connections(kind="inet")
    return {c.laddr.ip for c in held if c.laddr.port == port and c.status == psutil.CONN_LISTEN} <= {
        "0.0.0.0",
        "::",
    }


def wants_port(server: Server, port: int) -> None:
    """It listens on the port, or says that somebody else has it."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and server.process.poll() is None:
        if "listening on" in server.log.read_text():
            assert server.url.endswith(f":{port}")
            return
        time.sleep(0.02)
    assert server.process.poll() == 5, server.log.read_text()
    assert f":{port}" in server.log.read_text()


def looks_for_the_model_in(server: Server, folder: str) -> None:
    assert not Path(folder).exists(), f"{folder} exists on this machine"
    try:
        assert server.process.wait(DEADLINE) == 4, server.log.read_text()
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it does not miss {folder}:\n{server.log.read_text()}") from None
    assert folder in server.log.read_text()


def probe_and_drain(server: Server, files: Path, health: str, route: str, body: Any) -> None:
    """Not ready while loading; healthy while the model works; SIGTERM ends what is in flight, and exits 0.

    ``body`` is a request whose answer waits for the file ``run-go``.
    """
    appears(files / "init-begun", server)
    assert server.get(health).status_code == 503
    early = server.post(route, json=body)
    assert early.status_code == 503
    (files / "init-go").touch()
    answers(server, health)
    with ThreadPoolExecutor(1) as callers:
        pending = callers.submit(server.post, route, json=body)
        appears(files / "run-begun", server)
        assert server.get(health).status_code == 200
        assert not pending.done()
        server.process.send_signal(signal.SIGTERM)
        refuses_connections(server)
        assert not pending.done()
        assert server.process.poll() is None
        (files / "run-go").touch()
        assert pending.result().status_code == 200
    assert server.process.wait(DEADLINE) == 0


def refuses_connections(server: Server) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.02)
    raise AssertionError("the port is still open")
