"""Run in a job's container: N processes of a command on this node, each with torchrun's variables. All end
with the first that fails.

    python ranks.py PROCESSES NODES COMMAND

The node is told by JOB_COMPLETION_INDEX, the first one's address by MASTER_ADDR. Source: Kubernetes, "Job
with Pod-to-Pod Communication".
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

_PORT = "29500"
_GRACE = 10


def variables(processes: int, nodes: int) -> list[dict[str, str]]:
    node = int(os.environ.get("JOB_COMPLETION_INDEX") or 0)
    everywhere = {
        "WORLD_SIZE": str(nodes * processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "GROUP_WORLD_SIZE": str(nodes),
        "MASTER_ADDR": os.environ.get("MASTER_ADDR") or "127.0.0.1",
        "MASTER_PORT": os.environ.get("MASTER_PORT") or _PORT,
        "GROUP_RANK": str(node),
        "NODE_RANK": str(node),
    }
    return [
        {**everywhere, "RANK": str(node * processes + local), "LOCAL_RANK": str(local)}
        for local in range(processes)
    ]


def run(processes: int, nodes: int, command: str) -> int:
    begun = [
        subprocess.Popen(["/bin/sh", "-c", command], env={**os.environ, **each}, start_new_session=True)
        for each in variables(processes, nodes)
    ]
    signal.signal(signal.SIGTERM, lambda *_: end(begun, signal.SIGTERM))
    while any(one.poll() is None for one in begun) and not any(one.returncode for one in begun):
        time.sleep(0.05)
    failed = next((one.returncode for one in begun if one.returncode), 0)
    end(begun, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    while any(one.poll() is None for one in begun) and time.monotonic() < deadline:
        time.sleep(0.05)
    end(begun, signal.SIGKILL)
    return failed if failed >= 0 else 128 - failed


def end(begun: list[subprocess.Popen[bytes]], number: int) -> None:
    for one in begun:
        if one.poll() is None:
            os.killpg(one.pid, number)


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
