"""Pages name no command, option or target of make that does not exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.docs.fences import ROOT, commands, fences, name, pages, tokens
from tools.reference import cli

COMMANDS = cli.commands()
#: Options of other programs that pages name in running text.
OTHERS = {"--check"}
MADE = set(re.findall(r"^([\w-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
WRITTEN = [page for page in pages() if page.parent.name != "reference"]


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_commands_and_options_exist(page: Path) -> None:
    for words in mentioned(page):
        wrong = problem(words)
        assert wrong is None, f"{name(page)}: {' '.join(words)}: {wrong}"


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_targets_of_make_exist(page: Path) -> None:
    named = {word for line in code(page) for word in re.findall(r"^make ((?:[a-z-]+ ?)+)", line)}
    assert {target for words in named for target in words.split()} <= MADE


def test_what_does_not_exist_is_found() -> None:
    assert problem(["mlstack", "upp"]) is not None
    assert problem(["mlstack", "up", "--yess"]) is not None
    assert problem(["mlstack", "monitor", "walk"]) is not None
    assert problem(["mlstack", "monitor", "run", "drift", "--yess"]) is not None
    assert problem(["mlstack", "monitor", "run", "drift", "--json"]) is None
    assert problem(["mlstack", "up", "--yes", "-s", "prod"]) is None


def mentioned(page: Path) -> Iterator[list[str]]:
    """Each `mlstack …` in the text and in the fences of a page, as words."""
    for line in code(page):
        for part in re.split(r"[|;()]|&&", line):
            words = _words(part)
            if words[:1] == ["mlstack"] and len(words) > 1:
                yield words


def code(page: Path) -> list[str]:
    """Every piece of code in the text, and every line of a command."""
    inline = [
        child.content
        for token in tokens(page)
        for child in token.children or []
        if child.type == "code_inline"
    ]
    shown = [
        line for fence in fences(page) if fence.language in ("console", "sh") for line, _ in commands(fence)
    ]
    return [*inline, *shown]


def problem(words: list[str]) -> str | None:
    """What is wrong with a command line of mlstack; None for nothing."""
    command, *rest = takewhile(lambda word: word != "--", words[1:])  # what is behind it is another program's
    if command.startswith("-"):
        return None if command in ("--help", "-h", "--version") else "no such option"
    if rest and f"{command} {rest[0]}" in COMMANDS:
        command, *rest = f"{command} {rest[0]}", *rest[1:]
    if not rest and any(name.startswith(f"{command} ") for name in COMMANDS):
        return None
    if command not in COMMANDS:
        return None if command.isupper() else "no such command"
    known = cli.options(COMMANDS[command])
    unknown = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    return next((f"no option {word}" for word in unknown if word not in known), None)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()
