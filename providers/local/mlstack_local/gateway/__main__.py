"""``python -m mlstack_local.gateway FOLDER PORT``: serve an endpoint on loopback until SIGTERM."""

from __future__ import annotations

import logging
import resource
import sys
from pathlib import Path

import uvloop

from mlstack_local.gateway.server import serve

_FILES = 65536


def main(folder: str, port: str) -> None:
    # Two sockets for each request in flight: the usual 1024 would be few.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    uvloop.run(serve(Path(folder), int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
