"""Ask a running gateway whether it follows the newest config, and what it is busy with."""

from __future__ import annotations

import errno
import http.client
import json
import socket
import time
from typing import Any

from mlstack_local.gateway import config as configs
from mlstack_local.gateway.totals import Totals

#: One that is there is waited for so long: on a busy machine it may not get to answer for seconds, and one
#: that is taken for dead is put in another place. Where nobody listens that is known at once.
_PATIENCE = 10.0


def state(config: configs.Config, seconds: float = _PATIENCE) -> dict[str, Any] | None:
    """What the gateway says of itself; None when this endpoint's gateway is not on that port.

    ``number`` of the config that it follows, ``busy``: requests by worker's port, and what `totals` reads.
    """
    connection = http.client.HTTPConnection("127.0.0.1", config.port, timeout=seconds)
    try:
        connection.request("GET", configs.ADMIN_PATH, headers={configs.ADMIN_HEADER: config.admin})
        answer = connection.getresponse()
        document: dict[str, Any] = json.loads(answer.read())
        return document if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def totals(config: configs.Config, seconds: float = _PATIENCE) -> Totals | None:
    """The figures of the gateway; None when it is not there, or too old to have any."""
    found = state(config, seconds)
    return Totals.of(found) if found else None


def confirmed(config: configs.Config, seconds: float) -> bool:
    """Wait until the gateway follows this config, or a newer one."""
    deadline = time.monotonic() + seconds
    while True:
        found = state(config)
        if found and found["number"] >= config.number:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def drained(config: configs.Config, ports: set[int], seconds: float) -> bool:
    """Wait until no request is with a worker on one of the ports.

    A gateway that only takes long to say so is waited for; one that is not there has no requests.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = state(config)
        if found is None and not _listens(config.port):
            return True
        if found and not ports & {int(port) for port in found["busy"]}:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) not in {errno.ECONNREFUSED, errno.ECONNRESET}
