"""A stack's secrets: 0600 files outside the engine's state, known elsewhere by a salted hash."""

from __future__ import annotations

from pathlib import Path

from mlstack_local.files import matching, private_folder, prune, write_private
from mlstack_local.layout import Layout


def path(layout: Layout, name: str) -> Path:
    return layout.secrets / name


def write(layout: Layout, name: str, value: str) -> None:
    private_folder(layout.secrets)
    write_private(path(layout, name), value)


def read(layout: Layout, name: str) -> str | None:
    """The value; None when there is none."""
    try:
        return path(layout, name).read_bytes().decode()  # not as text: line ends are the value's own
    except FileNotFoundError:
        return None


def values(layout: Layout) -> list[str]:
    """All values of the stack: what nothing that is shown may hold."""
    found = (read(layout, file.name) for file in matching(layout.secrets, "[!.]*"))
    return [value for value in found if value is not None]


def remove(layout: Layout, name: str) -> None:
    path(layout, name).unlink(missing_ok=True)
    prune(layout.secrets, layout.home)
