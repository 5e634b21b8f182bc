"""Colour where a terminal shows it, and nowhere else."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

_STYLES: dict[str, dict[str, Any]] = {
    "red": {"fg": "red", "bold": True},
    "green": {"fg": "green"},
    "yellow": {"fg": "yellow"},
    "magenta": {"fg": "magenta"},
    "bold": {"bold": True},
    "dim": {"dim": True},
    "plain": {},
}


def paint(text: str, style: str, *, error: bool = False) -> str:
    """The text in a style, for standard output, or for standard error where ``error`` is set."""
    return typer.style(text, **_STYLES[style]) if colours(error=error) else text


def colours(*, error: bool = False) -> bool:
    stream = sys.stderr if error else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
