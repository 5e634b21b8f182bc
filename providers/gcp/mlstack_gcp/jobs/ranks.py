"""Run inside of a job's container, by whatever Python is there: N processes of a command on this node, each
with torchrun's variables. All end with the first that fails.

The nodes are told by CLUSTER_SPEC. Source: Vertex AI, "Distributed training".
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

_PORT = "29500"
_GRACE = 10


def variables(processes: int) -> list[dict[str, str]]:
    told = json.loads(os.environ.get("CLUSTER_SPEC") or "{}")
    pools = told.get("cluster") or {}
    nodes = [(pool, at) for pool in sorted(pools) for at in range(len(pools[pool]))] or [("workerpool0", 0)]
    task = told.get("task") or {"type": "workerpool0", "index": 0}
    node = nodes.index((task["type"], int(task.get("index") or 0)))
    host, _, port = (pools.get("workerpool0") or ["127.0.0.1"])[0].partition(":")
    everywhere = {
        "WORLD_SIZE": str(len(nodes) * processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "GROUP_WORLD_SIZE": str(len(nodes)),
        "MASTER_ADDR": host,
        "MASTER_PORT": port or _PORT,
        "GROUP_RANK": str(node),
        "NODE_RANK": str(node),
    }
    return [
        {**everywhere, "RANK": str(node * processes + local), "LOCAL_RANK": str(local)}
        for local in range(processes)
    ]


def run(processes: int, command: str) -> int:
    begun = [
        subprocess.Popen(["/bin/sh", "-c", command], env={**os.environ, **each}, start_new_session=True)
        for each in variables(processes)
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


sys.exit(run(int(sys.argv[1]), sys.argv[2]))
