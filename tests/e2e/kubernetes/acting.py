"""The part of an operator, where its definitions are there and nothing acts on them: it says of each object
that it is ready."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mlstack.errors import TargetError
from mlstack.testbed import Cluster

_READY = {
    "status": {
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    }
}


@contextmanager
def operator(cluster: Cluster, *resources: str) -> Iterator[None]:
    """``resources``: such as inferenceservices.serving.kserve.io."""
    ended = threading.Event()

    def act() -> None:
        while not ended.wait(0.5):
            for resource in resources:
                try:
                    listed = cluster.kubectl("get", resource, "-A", "--output", "json")
                    for each in json.loads(listed)["items"]:
                        if "conditions" not in each.get("status", {}):
                            place = ("-n", each["metadata"]["namespace"], resource, each["metadata"]["name"])
                            words = ("--subresource=status", "--type=merge", "--patch", json.dumps(_READY))
                            cluster.kubectl("patch", *place, *words)
                except TargetError:  # it is gone already, or its definition is not there yet
                    continue

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
