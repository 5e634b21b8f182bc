"""Real servers: each test talks HTTP to a process of ``mlstack_serving``, its own or that of its session."""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import pytest
import requests
from serving.tests.prefork import Prefork, Process
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DEADLINE = 120


@cache
def prefork() -> Prefork:
    """One for all servers of this process, and as long as it."""
    made = Prefork()
    atexit.register(made.close)
    return made


class Server:
    """A server process; ``url`` is read from its log.

    ``python``: start that interpreter, from nothing. Otherwise it is a copy of a process that has imported
    what takes longest.
    """

    def __init__(
        self,
        log: Path,
        *args: str,
        env: dict[str, str] | None = None,
        python: str | Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MLSTACK_")}
        given = {**clean, **(env or {})}
        self.process: Process | subprocess.Popen[bytes]
        with log.open("wb") as stream:
            if python is None and sys.platform == "linux":
                self.process = prefork().start(args, given, stream, pass_fds)
            else:
                command = [str(python or sys.executable), "-m", "mlstack_serving", *args]
                self.process = subprocess.Popen(
                    command, stdout=stream, stderr=stream, env=given, pass_fds=pass_fds
                )

    @property
    def url(self) -> str:
        found = self.wait_for_log(r"listening on (http://\S+)")
        return found.group(1)

    def wait_for_log(self, pattern: str) -> re.Match[str]:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if found := re.search(pattern, self.log.read_text()):
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in the log:\n{self.log.read_text()}")

    def wait_ready(self) -> Server:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if requests.get(f"{self.url}/v2/health/ready", timeout=120).status_code == 200:
                return self
            time.sleep(0.05)
        raise AssertionError(f"not ready:\n{self.log.read_text()}")

    def post(self, route: str, **options: Any) -> requests.Response:
        return requests.post(self.url + route, timeout=DEADLINE, **options)

    def get(self, route: str, **options: Any) -> requests.Response:
        return requests.get(self.url + route, timeout=DEADLINE, **options)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def stop_all(servers: Sequence[Server]) -> None:
    """All at the same time: each takes a moment."""
    for server in servers:
        server.process.terminate()
    for server in servers:
        server.stop()


Launch = Callable[..., Server]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start servers (on a free port, unless told otherwise) that end with the test."""
    started: list[Server] = []

    def start(*args: str, **options: Any) -> Server:
        placed = {"--port", "--fd", "--uds"} & set(args)
        log = tmp_path / f"server-{len(started)}.log"
        started.append(Server(log, *args, *([] if placed else ["--port", "0"]), **options))
        return started[-1]

    yield start
    stop_all(started)


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """A folder with a classifier of handwritten digits, the classifier, and images for it."""
    images, labels = load_digits(return_X_y=True)
    model = LogisticRegression(max_iter=60, tol=0.1).fit(images[:600] / 16, labels[:600])
    folder = tmp_path_factory.mktemp("digits")
    joblib.dump(model, folder / "model.joblib")
    return folder, model, images[600:] / 16


@pytest.fixture(scope="session")
def digits_server(
    digits: tuple[Path, Any, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(
        tmp_path_factory.mktemp("log") / "digits.log",
        *("--model", str(digits[0]), "--name", "digits", "--port", "0", "--model-version", "7"),
        *("--max-body", "200000", "--access-log"),
    )
    yield server.wait_ready()
    server.stop()


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """A folder with a pipeline trained on a table of named columns, the pipeline, and the table."""
    data = load_wine(as_frame=True)
    table = data.data[["alcohol", "malic_acid", "hue"]]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, data.target)
    folder = tmp_path_factory.mktemp("wine")
    joblib.dump(model, folder / "model.joblib")
    return folder, model, table


@pytest.fixture(scope="session")
def wine_server(wine: tuple[Path, Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("log") / "wine.log", "--model", str(wine[0]), "--port", "0")
    yield server.wait_ready()
    server.stop()
