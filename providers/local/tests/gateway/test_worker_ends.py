"""A worker that is told to end, behind the gateway and under a constant rate: no request is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from mlstack_local import ports
from mlstack_local.gateway import config as configs

from providers.local.tests.load import Steady

KEY = "the-key"
ROUNDS = 4


class Worker:
    """mlstack's own server of a script."""

    def __init__(self, code: Path, port: int) -> None:
        self.port = port
        env = {name: value for name, value in os.environ.items() if not name.startswith("MLSTACK_")}
        command = [sys.executable, "-m", "mlstack_serving", "--code", str(code), "--port", str(port)]
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while True:
            try:
                if requests.get(f"http://127.0.0.1:{self.port}/v2/health/ready", timeout=120).ok:
                    return
            except requests.ConnectionError:
                assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(120)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    (tmp_path / "score.py").write_text("def run(data):\n    return [1 for _ in data]\n")
    first = ports.free("first", set())
    made = [Worker(tmp_path, port) for port in (first, ports.free("second", {first}))]
    yield made
    for worker in made:
        worker.stop()


def test_a_worker_that_is_told_to_end_loses_no_request(
    gateway: Any, workers: list[Worker], tmp_path: Path
) -> None:
    for worker in workers:
        worker.wait()
    gateway.set({"blue": 1}, blue=configs.Backend("g", tuple(worker.port for worker in workers), timeout=60))
    with Steady(gateway.port, KEY, b'{"instances": [[1]]}', 60) as load:
        for number in range(ROUNDS):
            load.wait(60)
            ended = workers[number % 2]
            assert ended.stop() == 0
            workers[number % 2] = Worker(tmp_path, ended.port)
            load.wait(30)
            workers[number % 2].wait()
    assert load.failed == {}
    assert load.of("blue") == load.sent > 90 * ROUNDS
