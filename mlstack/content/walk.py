"""The files of a folder that count as its content."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from mlstack.errors import Category, TargetError

#: Never part of a code or data folder's content: caches, version control, this project's own state.
IGNORED = frozenset({".git", ".hg", ".venv", "__pycache__", ".mlstack", ".ipynb_checkpoints", ".DS_Store"})

_KINDS = (
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def files(folder: Path) -> Iterator[Path]:
    """Files below a folder that count as its content, sorted by relative POSIX path.

    Links to folders are followed. Raises TargetError: a folder that cannot be read, a link that leads
    nowhere or back to where it is.
    """
    found: list[Path] = []
    for base, folders, names in os.walk(folder, onerror=_raise, followlinks=True):
        folders[:] = [name for name in folders if name not in IGNORED]
        for name in folders:
            _no_circle(folder, Path(base, name))
        found += [Path(base, name) for name in names if name not in IGNORED and not name.endswith(".pyc")]
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def unreadable(path: Path, error: OSError) -> TargetError:
    """What an error of the system says of a path that is content."""
    category: Category = "permission" if isinstance(error, PermissionError) else "user"
    remedy = "let yourself read it (chmod +r), or move it out of the folder"
    if isinstance(error, FileNotFoundError):
        remedy = "remove the link, or bring back what it leads to"
    told = f"cannot be read: {error.strerror or error}"
    if path.is_symlink() and not path.exists():
        told = f"is a link to {path.readlink()}, which is not there"
    return TargetError(f"{shown(path)} {told}", code="unreadable", category=category, remedy=remedy)


def special(path: Path) -> TargetError:
    """The error for a path that is neither a file nor a folder."""
    mode = path.stat().st_mode
    kind = next((word for is_kind, word in _KINDS if is_kind(mode)), "no file")
    return TargetError(
        f"{shown(path)} is {kind}, and only files and folders have content",
        code="unreadable",
        category="user",
        remedy="move it out of the folder, or name another path",
    )


def shown(path: Path) -> str:
    """A path for people; bytes that are no UTF-8 are escaped."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _raise(error: OSError) -> NoReturn:
    raise unreadable(Path(os.fsdecode(error.filename)), error) from error


def _no_circle(whole: Path, folder: Path) -> None:
    """Refuse a link to a folder that the way to it leads through, by whatever links."""
    if not folder.is_symlink():
        return
    target = folder.resolve()
    way = [parent for parent in folder.parents if parent.is_relative_to(whole)]
    if any(parent.resolve().is_relative_to(target) for parent in way):
        raise TargetError(
            f"{shown(folder)} is a link to a folder that it is in itself",
            code="unreadable",
            category="user",
            remedy="remove the link",
        )
