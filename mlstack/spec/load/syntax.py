"""What the YAML parser says about a text that is no YAML, in words that help."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.reader import ReaderError

from mlstack.errors import Problem
from mlstack.spec.load.limits import MAX_DEPTH
from mlstack.spec.load.scanner import TooDeepError

_TAB = re.compile(r" *\t")

# part of the parser's message -> what to do about it
_REMEDIES = {
    "mapping values are not allowed": "look at the indentation; a text that holds ': ' needs quotes",
    "could not find expected ':'": "a key needs a colon and a space: key: value",
    "did not find expected <block end>": "bring the lines of one block to the same indentation",
    "expected <block end>": "bring the lines of one block to the same indentation",
    "expected ',' or": "close the bracket; within { } and [ ] a text with { } [ ] , or ': ' needs quotes",
    "unexpected end of stream": "close the quote",
    "unknown escape character": "write the text in single quotes, where \\ is itself",
    "cannot start any token": "put the text in quotes",
}
# where the parser stumbles is far behind the cause: name where the thing began
_BEGINS_AT_CONTEXT = ("while scanning a quoted scalar", "while scanning a double-quoted scalar")


def problem(error: MarkedYAMLError, text: str, file: str | None) -> Problem:
    """The one problem that a syntax error is."""
    mark = error.problem_mark or error.context_mark
    if error.context in _BEGINS_AT_CONTEXT and error.context_mark is not None:
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
    if line is not None and (first := _tabbed_block(text, line)) is not None:
        return Problem(
            "tab-indent",
            f"line {first} is indented with a tab; YAML takes only spaces",
            file=file,
            line=first,
            column=text.split("\n")[first - 1].index("\t") + 1,
            remedy="replace each tab at the beginning of a line by two spaces",
        )
    said = ", ".join(part for part in (error.context, error.problem) if part) or "it does not parse"
    opened = error.context_mark
    if opened is not None and mark is not opened and opened.line + 1 != line:
        said += f" (begun on line {opened.line + 1})"
    remedy = next((cure for part, cure in _REMEDIES.items() if part in said), None)
    return Problem(
        "yaml-syntax",
        f"not valid YAML: {_shorten(said)}",
        file=file,
        line=line,
        column=column,
        remedy=remedy or "look at the quotes, brackets and indentation here",
    )


def too_deep(at: TooDeepError | Event, file: str | None) -> Problem:
    """Nesting that no spec needs."""
    mark = at.problem_mark if isinstance(at, TooDeepError) else at.start_mark
    return Problem(
        "too-deep",
        f"the spec is nested more than {MAX_DEPTH} levels deep",
        file=file,
        line=mark.line + 1,
        column=mark.column + 1,
        remedy="close the brackets that are open, or flatten it",
    )


def bad_character(error: ReaderError, text: str, file: str | None) -> Problem:
    """A control character or the like, which YAML does not allow even in quotes."""
    before = text[: int(error.position or 0)]
    character: Any = error.character
    number = character if isinstance(character, int) else ord(str(character)[:1] or "\0")
    return Problem(
        "bad-character",
        f"the character U+{number:04X} is not allowed in YAML",
        file=file,
        line=before.count("\n") + 1,
        column=len(before) - (before.rfind("\n") + 1) + 1,
        remedy="remove it; in double quotes it can be written as an escape (\\u0007)",
    )


def unreadable(error: Exception, file: str | None) -> Problem:
    """The parser fell over the text."""
    return Problem(
        "yaml-syntax",
        f"not valid YAML: the parser gives up ({type(error).__name__})",
        file=file,
        remedy="look at the quotes, brackets, anchors and the first lines",
    )


def _tabbed_block(text: str, line: int) -> int | None:
    """The first of the lines up to ``line`` that are indented with tabs, if ``line`` itself is."""
    lines = text.split("\n")
    first = None
    while 0 < line <= len(lines) and _TAB.match(lines[line - 1]):
        first = line
        line -= 1
    return first


def _shorten(said: str) -> str:
    flat = " ".join(said.split())
    return flat if len(flat) <= 200 else flat[:197] + "..."
