"""A requirements file, read as a list of requirements."""

from __future__ import annotations

import re
from importlib.metadata import requires


class Unreadable(ValueError):  # noqa: N818
    """A line that is no requirement: an option, or a reference to another file."""

    def __init__(self, number: int, line: str) -> None:
        super().__init__(f"line {number} is an option of pip, not a requirement: {line}")


def parse(text: str) -> list[str]:
    """The requirements, one an item, in order. Comments and blank lines do not count.

    Raises `Unreadable` for options (``-r``, ``--index-url``): an index is a setting of uv's own.
    """
    found = []
    lines = text.replace("\\\n", " ").splitlines()
    for number, line in enumerate(lines, start=1):
        stripped = re.sub(r"(^|\s)#.*$", "", line).strip()
        if stripped.startswith("-"):
            raise Unreadable(number, stripped)
        # hashes of a file that is itself a lock are found anew for this machine
        stripped = re.sub(r"\s+--hash[= ]\S+", "", stripped)
        if stripped:
            found.append(stripped)
    return found


def of_serving() -> list[str]:
    """What the serving runtime needs beside a user's own packages."""
    return sorted(line for line in requires("mlstack-serving") or [] if "extra ==" not in line)
