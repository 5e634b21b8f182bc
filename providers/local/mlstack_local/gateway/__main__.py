"""``python -m mlstack_local.gateway FOLDER PORT``: serve an endpoint on loopback until SIGTERM."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from mlstack_local.gateway.app import Gateway


def main(folder: str, port: str) -> None:
    uvicorn.run(
        Gateway(Path(folder)),
        host="127.0.0.1",
        port=int(port),
        access_log=False,
        log_level="warning",
        server_header=False,
        ws="none",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
