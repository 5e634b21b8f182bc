"""What the local target needs of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlstack import paths
from mlstack.resource import ResourceFailed
from mlstack_local import ports
from mlstack_local.layout import Layout

_DISK_GIB = 2.0
_SOCKET_BYTES = 104  # macOS; Linux takes 108


def checks(layout: Layout) -> Iterator[tuple[str, bool, str]]:
    """(what, is it well, detail or remedy)."""
    yield _uv()
    yield "python", True, f"{sys.version.split()[0]} at {sys.executable}"
    yield _disk(paths.cache_dir())
    yield _runtime_folder(layout)
    yield _ports()


def _uv() -> tuple[str, bool, str]:
    try:
        import uv

        found = subprocess.run([uv.find_uv_bin(), "--version"], capture_output=True, text=True, check=True)
    except (ImportError, OSError, subprocess.CalledProcessError) as error:
        return "uv", False, f"{error}; install it with: pip install uv"
    return "uv", True, found.stdout.strip()


def _disk(cache: Path) -> tuple[str, bool, str]:
    there = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 2**30
    if free < _DISK_GIB:
        return "disk", False, f"{free:.1f} GiB free at {there}; make room, or set MLSTACK_CACHE elsewhere"
    return "disk", True, f"{free:.0f} GiB free for environments at {cache}"


def _runtime_folder(layout: Layout) -> tuple[str, bool, str]:
    socket = layout.socket
    if len(os.fsencode(socket)) > _SOCKET_BYTES:
        return (
            "runtime folder",
            False,
            f"{socket} is too long for a socket; set XDG_RUNTIME_DIR to a shorter one",
        )
    try:
        with tempfile.TemporaryFile(dir=socket.parent):
            return "runtime folder", True, str(socket.parent)
    except OSError as error:
        return "runtime folder", False, f"{error}; set XDG_RUNTIME_DIR to a folder of yours"


def _ports() -> tuple[str, bool, str]:
    try:
        port = ports.free(str(os.getpid()))
    except ResourceFailed as failure:
        return "ports", False, f"{failure.message}; {failure.remedy}"
    return "ports", True, f"{ports.FIRST} to {ports.LAST}, {port} among others is free"
