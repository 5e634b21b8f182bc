"""``tar.gz`` archives: the same content is the same archive, byte for byte, so that a transfer can go on."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO


def write(target: Path, files: Mapping[str, Path]) -> None:
    """Pack files under their names into a file."""
    with target.open("wb") as raw:
        pack(raw, files)


def pack(raw: BinaryIO, files: Mapping[str, str | Path]) -> None:
    """Pack files, and texts, under their names; nobody's, of no time, executable where they are."""
    with (
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name in sorted(files):
            _add(archive, name, files[name])


def _add(archive: tarfile.TarFile, name: str, held: str | Path) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode = 0o644
    if isinstance(held, str):
        content = held.encode()
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        return
    there = held.stat()
    entry.size = there.st_size
    if there.st_mode & 0o100:
        entry.mode = 0o755
    with held.open("rb") as file:
        archive.addfile(entry, file)
