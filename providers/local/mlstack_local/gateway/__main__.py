"""``python -m mlstack_local.gateway FOLDER PORT``: serve an endpoint on loopback until SIGTERM."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import uvicorn

from mlstack_local.gateway.app import Gateway

_FILES = 65536


def main(folder: str, port: str) -> None:
    # Two sockets for each request in flight: the usual 1024 would be few.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    uvicorn.run(
        Gateway(Path(folder)),
        host="127.0.0.1",
        port=int(port),
        access_log=False,
        log_level="warning",
        server_header=False,
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
