"""The serving runtime beside its peers: the same models on the same machine in the same run.

Prints one JSON object. Each server has one worker process and is asked for one row per request; start-up is
the time from its start to its first answer, memory that of all its processes (PSS) after the load.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import load, request
from servers import HERE, MAKER, SERVERS, Server, Start, environment

FLAVORS = ("sklearn", "onnx")
CONNECTIONS = (1, 16)
_PATIENCE = 180.0


def free_port() -> int:
    """A port whose two neighbours are free too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for neighbour in (port + 1, port + 2):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", neighbour))
            return port


def answers(port: int, start: Start) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        body = json.dumps(start.body)
        connection.request("POST", start.path, body, {"content-type": "application/json"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running(bin: Path, port: int, start: Start, log: Path) -> Iterator[tuple[psutil.Process, float]]:
    """The server, and the seconds until its first answer; its whole process group ends with the block."""
    environment = {**os.environ, **start.env, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}"}
    begun = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            start.argv, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        while not answers(port, start):
            if process.poll() is not None or time.perf_counter() - begun > _PATIENCE:
                raise RuntimeError(log.read_text()[-3000:])
            time.sleep(0.02)
        yield psutil.Process(process.pid), time.perf_counter() - begun
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def memory_mib(process: psutil.Process) -> float:
    processes = [process, *process.children(recursive=True)]
    return round(sum(each.memory_full_info().pss for each in processes) / 2**20, 1)


def measure(server: Server, flavor: str, models: Path, seconds: float) -> dict[str, Any]:
    """One start of one server, and what it did under each load."""
    bin, port = environment(server.requirements), free_port()
    rows = json.loads((models / "rows.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        start = server.start(bin, models, flavor, port, scratch, rows)
        message = request(start.path, json.dumps(start.body).encode())
        with running(bin, port, start, scratch / "log") as (process, started):
            load(port, message, 16, min(seconds, 1.0))  # what is compiled or cached at first is not measured
            figures: dict[str, Any] = {"start_seconds": round(started, 3)}
            for connections in CONNECTIONS:
                figures[f"connections_{connections}"] = load(port, message, connections, seconds)
            figures["memory_mib"] = memory_mib(process)
    return figures


def median(rounds: list[Any]) -> Any:
    """The median of each figure over the rounds."""
    if isinstance(rounds[0], dict):
        return {key: median([each[key] for each in rounds]) for key in rounds[0]}
    return round(statistics.median(rounds), 3)


def ahead(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """How many times better we are, figure by figure: above 1 is ahead."""
    found = {}
    for key, mine in ours.items():
        if isinstance(mine, dict):
            found |= {f"{key}.{name}": value for name, value in ahead(mine, theirs[key]).items()}
        else:
            more = key == "requests_per_second"
            found[key] = round(mine / theirs[key] if more else theirs[key] / mine, 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "bench": "peers",
        "versions": {each.name: each.requirements for each in SERVERS},
    }
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        python = environment(MAKER) / "python"
        subprocess.run([python, HERE / "models.py", models], check=True, capture_output=True)
        for flavor in FLAVORS:
            rounds = [
                {each.name: measure(each, flavor, models, arguments.seconds) for each in SERVERS}
                for _ in range(arguments.rounds)
            ]
            medians = {each.name: median([row[each.name] for row in rounds]) for each in SERVERS}
            peers = {name: figures for name, figures in medians.items() if name != "mlstack"}
            ratios = {name: ahead(medians["mlstack"], figures) for name, figures in peers.items()}
            behind = [
                f"{name} {key}" for name, row in ratios.items() for key, value in row.items() if value < 1
            ]
            result[flavor] = {"figures": medians, "ahead": ratios, "behind": behind}
    result["met"] = not any(result[flavor]["behind"] for flavor in FLAVORS)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
