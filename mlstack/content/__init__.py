"""Versions from content: the same bytes have the same version, on every machine and target.

Digests of files are remembered (`index`), so that a file which nobody has touched is not read again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from mlstack.content.hashing import digests
from mlstack.content.index import VERIFY, verifying
from mlstack.content.progress import Watcher, size, watched
from mlstack.content.walk import IGNORED, files, special

__all__ = [
    "IGNORED",
    "VERIFY",
    "Watcher",
    "digest",
    "digest_of",
    "digests_of",
    "file_digest",
    "files",
    "fingerprint",
    "size",
    "verifying",
    "version",
    "watched",
]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hex, read in chunks of 1 MiB. Raises FileNotFoundError, TargetError."""
    return digests([path], path)[path]


def digests_of(folder: Path, watcher: Watcher | None = None) -> dict[Path, str]:
    """SHA-256 (hex) of each file of a folder that counts, in the order of `files`.

    Raises TargetError: something cannot be read, or goes on changing.
    """
    return digests(list(files(folder)), folder, watcher)


def digest_of(folder: Path, held: Mapping[Path, str]) -> str:
    """The digest of a folder from those of its files, in the order of `files`."""
    total = hashlib.sha256()
    for file, file_hex in held.items():
        name = os.fsencode(file.relative_to(folder).as_posix())
        total.update(b"%s\0%s\n" % (name, file_hex.encode()))
    return total.hexdigest()


def digest(path: Path, watcher: Watcher | None = None) -> str:
    """SHA-256 (hex) of a file, or of a folder: of its files' relative names and digests, in order.

    Permissions, times and empty folders do not count; links do by what they lead to. ``watcher`` is told how
    far it is (left out: whoever is `watched`). Raises FileNotFoundError, TargetError.
    """
    if path.is_file():
        return digests([path], path, watcher)[path]
    if not path.is_dir():
        if path.exists():
            raise special(path)
        raise FileNotFoundError(path)
    return digest_of(path, digests_of(path, watcher))


def version(path: Path, watcher: Watcher | None = None) -> str:
    """The version of a file or folder: the first 12 hex digits of its digest."""
    return digest(path, watcher)[:12]


def fingerprint(*parts: str) -> str:
    """The first 12 hex digits of the SHA-256 of the parts, each kept apart from its neighbours."""
    total = hashlib.sha256()
    for part in parts:
        total.update(f"{len(part)}:{part}".encode())
    return total.hexdigest()[:12]
