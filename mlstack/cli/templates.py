"""The stacks that `mlstack new` starts from.

In the installed package they are below ``templates/``; in a checkout they are the examples themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlstack.errors import UsageError
from mlstack.suggest import suggest

DEFAULT = "digits"
_PACKAGE = Path(__file__).parent.parent
_NAME = re.compile(r"^name: .*$", re.MULTILINE)
_GOOD = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Template:
    """``files`` are its paths, POSIX; the spec comes first."""

    name: str
    about: str
    files: tuple[str, ...]

    @property
    def folder(self) -> Path:
        installed = _PACKAGE / "templates" / self.name
        return installed if installed.is_dir() else _PACKAGE.parent / "examples" / self.name


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            "digits",
            "train a classifier on real data, register it, serve it",
            ("mlstack.yaml", "src/train.py", "data/digits.csv", "README.md"),
        ),
        Template(
            "batch",
            "train a classifier, and score whole tables with it",
            (
                "mlstack.yaml",
                "src/train.py",
                "score/odds.py",
                "data/known.csv",
                "data/new.csv",
                "README.md",
            ),
        ),
        Template(
            "blue-green",
            "two models behind one address: the second takes over in steps",
            ("mlstack.yaml", "src/train.py", "data/wine.csv", "README.md"),
        ),
        Template("empty", "a spec with nothing in it but where to begin", ("mlstack.yaml",)),
    )
}


def template(name: str) -> Template:
    if name not in TEMPLATES:
        near = suggest(name, TEMPLATES)
        raise UsageError(
            f"there is no template {name!r}",
            code="unknown-template",
            remedy=(f"did you mean {near!r}? " if near else "") + f"there are: {', '.join(TEMPLATES)}",
        )
    return TEMPLATES[name]


def write(chosen: Template, folder: Path, *, name: str | None = None) -> Iterator[Path]:
    """Copy the template into a folder; the files written. UsageError: one of them is there already.

    ``name`` becomes the project's, if it is good for one.
    """
    there = [file for file in chosen.files if (folder / file).exists()]
    if there:
        raise UsageError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
            code="would-overwrite",
            where=str(folder),
            remedy=f"name another folder: mlstack new {chosen.name} FOLDER",
        )
    contents = {file: (chosen.folder / file).read_bytes() for file in chosen.files}
    for file, content in contents.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if file == "mlstack.yaml" and name and _GOOD.fullmatch(name):
            content = _NAME.sub(f"name: {name}", content.decode(), count=1).encode()
        target.write_bytes(content)
        yield target
