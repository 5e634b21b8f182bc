"""Versions from content: the same bytes have the same version, on every machine and target."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

#: Never part of a code or data folder's content: caches, version control, this project's own state.
IGNORED = frozenset({".git", ".hg", ".venv", "__pycache__", ".mlstack", ".ipynb_checkpoints", ".DS_Store"})

_CHUNK = 1 << 20


def files(folder: Path) -> Iterator[Path]:
    """Files below a folder that count as its content, sorted by relative POSIX path."""
    found = []
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in IGNORED]
        found += [Path(base, name) for name in names if name not in IGNORED and not name.endswith(".pyc")]
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hex, read in chunks of 1 MiB."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def digest(path: Path) -> str:
    """SHA-256 (hex) of a file, or of a folder: of its files' relative names and digests, in order.

    Permissions and times do not count. Raises FileNotFoundError.
    """
    if path.is_file():
        return file_digest(path)
    if not path.is_dir():
        raise FileNotFoundError(path)
    total = hashlib.sha256()
    for file in files(path):
        total.update(f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\n".encode())
    return total.hexdigest()


def version(path: Path) -> str:
    """The version of a file or folder: the first 12 hex digits of its digest."""
    return digest(path)[:12]


def fingerprint(*parts: str) -> str:
    """The first 12 hex digits of the SHA-256 of the parts, each kept apart from its neighbours."""
    total = hashlib.sha256()
    for part in parts:
        total.update(f"{len(part)}:{part}".encode())
    return total.hexdigest()[:12]
