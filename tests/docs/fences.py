"""The pages of the docs, and the code fences in them, read by markdown-it (which rich brings along).

What a fence is for is said by the first word of its info string, what is special about it by the others:

    console            `$ ` lines are run in order, what is shown below each is compared with what it prints
    sh                 run as it stands
    python             run as it stands;   python program: a Pulumi program, previewed
    yaml               a whole spec;       yaml fragment: laid over the example digits
    json               parsed
    text               not code: a picture, a list of files

    unordered          the lines that are printed come in any order
    asks               its `mlstack up` and `down` ask at a terminal; here they get --yes
    exit=3             the last command ends with that code
    file=NAME          written to the page's folder, for what comes after
    from=PATH          the fence is a part of that file of the repository
    port=8080          a free port stands for that one
    skip="why"         cannot be run here

A page with `<!-- in: digits -->` runs in a folder where the example digits is up.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fence:
    """``words`` of the info string after the language have no value, ``options`` have one."""

    page: str
    line: int
    language: str
    words: frozenset[str]
    options: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that a reader may find, in a fixed order; those that are generated too."""
    globs = (
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "serving/README.md",
        "docs/**/*.md",
        "examples/*/README.md",
    )
    return sorted({path for glob in globs for path in ROOT.glob(glob)})


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text())


def fences(page: Path) -> Iterator[Fence]:
    for token in tokens(page):
        if token.type == "fence":
            language, *words = shlex.split(token.info) or [""]
            options = dict(word.split("=", 1) for word in words if "=" in word)
            plain = frozenset(word for word in words if "=" not in word)
            line = (token.map or [0])[0] + 1
            yield Fence(name(page), line, language, plain, options, token.content)


def runs_in(page: Path) -> str | None:
    """The name of the folder that a page asks for; None for one of its own."""
    found = re.search(r"<!-- in: ([\w-]+) -->", page.read_text())
    return found[1] if found else None


def commands(fence: Fence) -> Iterator[tuple[str, str]]:
    """(command, what is shown below it) of a console fence or, with nothing shown, of a sh fence."""
    if fence.language == "console":
        yield from _transcript(fence)
    else:
        for line in fence.text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.startswith("#"):
                yield line, ""


def _transcript(fence: Fence) -> Iterator[tuple[str, str]]:
    command: str | None = None
    shown: list[str] = []
    for line in fence.text.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, "\n".join(shown)
            command, shown = line[2:], []
        else:
            assert command is not None, f"{fence.place}: a console fence begins with a `$ ` line"
            shown.append(line)
    if command is not None:
        yield command, "\n".join(shown)
