"""``model.tar.gz``: the same content is the same archive, byte for byte, so that a transfer can go on."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Mapping
from pathlib import Path

NAME = "model.tar.gz"


def write(target: Path, files: Mapping[str, Path]) -> None:
    """Pack files under their names; nobody's, of no time."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = files[name].stat().st_size
            entry.mode = 0o644
            with files[name].open("rb") as content:
                archive.addfile(entry, content)
