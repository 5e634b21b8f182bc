"""``tar.gz`` archives: the same content is the same archive, byte for byte, so that a transfer can go on."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Mapping
from pathlib import Path


def write(target: Path, files: Mapping[str, Path]) -> None:
    """Pack files under their names; nobody's, of no time, executable where they are."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name in sorted(files):
            there = files[name].stat()
            entry = tarfile.TarInfo(name)
            entry.size = there.st_size
            entry.mode = 0o755 if there.st_mode & 0o100 else 0o644
            with files[name].open("rb") as content:
                archive.addfile(entry, content)
