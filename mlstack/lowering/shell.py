"""``${{inputs.x}}`` and ``${{outputs.y}}`` in a command, replaced so that a shell sees each as one word."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

PLACEHOLDER = re.compile(r"\$\{\{\s*(inputs|outputs)\.([A-Za-z0-9_-]+)\s*\}\}")


def render(command: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """The command with every placeholder replaced by its value, quoted as its place demands: bare, within
    double quotes or within single quotes. Raises KeyError ("inputs.x") for one that is not declared."""
    values = {"inputs": inputs, "outputs": outputs}

    def put(kind: str, name: str, quote: str) -> str:
        if name not in values[kind]:
            raise KeyError(f"{kind}.{name}")
        return _quoted(values[kind][name], quote)

    return _replaced(command, put)


def by_variables(command: str, variable: Callable[[str, str], str]) -> str:
    """The same with the values of variables, for values that only the shell will know: ``variable`` tells the
    variable of a placeholder ("inputs", "x")."""

    def put(kind: str, name: str, quote: str) -> str:
        reference = f"${{{variable(kind, name)}}}"
        return reference if quote == '"' else f"'\"{reference}\"'" if quote else f'"{reference}"'

    return _replaced(command, put)


def _replaced(command: str, put: Callable[[str, str, str], str]) -> str:
    """``put`` is given a placeholder's two words, and which quotes are open at its place."""
    done: list[str] = []
    quote = ""
    at = 0
    for found in PLACEHOLDER.finditer(command):
        between = command[at : found.start()]
        quote = _quote_after(between, quote)
        done += [between, put(found[1], found[2], quote)]
        at = found.end()
    return "".join((*done, command[at:]))


def literal(value: Any) -> str:
    """A literal of the spec as a command sees it: true, 1.0 and a date as they are written in YAML, lists
    and mappings as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, default=str)


def _quote_after(text: str, quote: str) -> str:
    """Which quotes are open after ``text``, when ``quote`` was before it."""
    at = 0
    while at < len(text):
        character = text[at]
        if character == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        at += 1
    return quote


def _quoted(value: str, quote: str) -> str:
    if quote == "'":
        return value.replace("'", "'\"'\"'")
    if quote == '"':
        return re.sub(r'([\\"$`])', r"\\\1", value)
    return shlex.quote(value)
