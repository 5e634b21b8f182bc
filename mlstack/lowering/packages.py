"""What a user asks for in packages, as one conda file that an image is built of elsewhere.

The builder sees the file's text alone, so files that it includes are written into it, and what is on this
machine cannot be part of it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mlstack.spec import Environment

_INCLUDE = re.compile(r"(?:-r|--requirement)[= ]?\s*(\S.*)")
_CONSTRAIN = re.compile(r"(?:-c|--constraint)[= ]?\s*(\S.*)")
_PATH = re.compile(r"\.{1,2}$|[./~]*/|\.\\|file:|[^@]*\.(whl|zip|tar\.gz|tgz)(\[.*\])?$")
_WAY_OUT = (
    "put it on an index or at an https address, or write dockerfile: FILE, with all of it in its folder"
)


@dataclass(frozen=True)
class Fault:
    """What cannot be carried over, at ``place`` ("requirements.txt:3"), and the way out."""

    place: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Packages:
    """``conda`` is the document of the conda file."""

    conda: dict[str, Any]
    faults: tuple[Fault, ...] = ()

    @property
    def text(self) -> str:
        """The file, keys in order: the same packages have the same text."""
        return _dumped(self.conda)

    def and_also(self, requirements: Sequence[str]) -> Packages:
        """The same with more from PyPI; what is asked for already stays as it is."""
        present = {name for line in self._pip() if (name := _name(line))}
        more = [line for line in requirements if _name(line) not in present]
        others = [item for item in self.conda["dependencies"] if not isinstance(item, dict)]
        if "pip" not in {str(item).partition("=")[0] for item in others}:
            others.append("pip")
        dependencies = [*others, {"pip": [*self._pip(), *more]}]
        return Packages({**self.conda, "dependencies": dependencies}, self.faults)

    def _pip(self) -> list[str]:
        nested = [item["pip"] for item in self.conda["dependencies"] if isinstance(item, dict)]
        return [line for lines in nested for line in lines]


def of_spec(spec: Environment, root: Path, name: str) -> Packages:
    """The packages of an environment that has any. Faults are collected, never raised."""
    if spec.conda is not None:
        return _conda(root / spec.conda, spec.conda)
    lines, faults = list(spec.packages), [*_checked(spec.packages)]
    if spec.requirements is not None:
        held, wrong = _read(root / spec.requirements, spec.requirements, ())
        lines, faults = [*held, *lines], [*wrong, *faults]
    return Packages(_document(name, spec.python, lines), tuple(faults))


def of_requirements(name: str, requirements: Sequence[str]) -> Packages:
    """Requirements alone, on mlstack's own Python."""
    return Packages(_document(name, None, list(requirements)))


def _document(name: str, python: str | None, requirements: list[str]) -> dict[str, Any]:
    version = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    nested: list[Any] = [{"pip": requirements}] if requirements else []
    return {
        "name": name,
        "channels": ["conda-forge"],
        "dependencies": [f"python={version}", "pip", *nested],
    }


def _conda(file: Path, shown: str) -> Packages:
    nothing: dict[str, Any] = {"dependencies": []}
    try:
        document = YAML(typ="safe", pure=True).load(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Packages(nothing, (_unread(shown, error, "paths are relative to the spec's folder"),))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Packages(nothing, (Fault(f"{shown}:{line}", f"no YAML: {error.problem}", "mend the file"),))
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list):
        remedy = "write dependencies: [python=3.11]"
        return Packages(nothing, (Fault(shown, "it has no list of dependencies", remedy),))
    dependencies, faults = [], []
    for item in document["dependencies"]:
        if isinstance(item, dict) and isinstance(item.get("pip"), list):
            lines: list[str] = []
            for line in item["pip"]:
                held, wrong = _line(str(line), shown, file.parent, (file.resolve(),))
                lines += held
                faults += wrong
            item = {**item, "pip": lines}
        dependencies.append(item)
    return Packages({**document, "dependencies": dependencies}, tuple(faults))


def _read(file: Path, shown: str, above: tuple[Path, ...]) -> tuple[list[str], list[Fault]]:
    """The lines of a requirements file and of those that it includes."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [], [_unread(shown, error, "paths are relative to the file that names them")]
    lines: list[str] = []
    faults: list[Fault] = []
    for number, raw in enumerate(text.replace("\\\n", " ").splitlines(), start=1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        if line:
            held, wrong = _line(line, f"{shown}:{number}", file.parent, (*above, file.resolve()))
            lines += held
            faults += wrong
    return lines, faults


def _line(line: str, place: str, folder: Path, above: tuple[Path, ...]) -> tuple[list[str], list[Fault]]:
    included = _INCLUDE.match(line)
    if included:
        file = folder / included[1]
        if file.resolve() in above:
            return [], [Fault(place, f"{included[1]} includes itself", "take out one of the two lines")]
        return _read(file, included[1], above)
    fault = _fault(line, place)
    return ([], [fault]) if fault else ([line], [])


def _checked(lines: Sequence[str]) -> Iterator[Fault]:
    for number, line in enumerate(lines):
        if fault := _fault(line.strip(), f"packages.{number}"):
            yield fault


def _fault(line: str, place: str) -> Fault | None:
    if _CONSTRAIN.match(line):
        return Fault(place, f"{line!r}: a conda file has no constraints", "pin the packages themselves")
    if re.match(r"(-e|--editable)\b", line) or (_PATH.match(line) and " @ " not in line):
        return Fault(place, f"{line!r} is on this machine, and the image is built in the cloud", _WAY_OUT)
    if line.startswith("-") or "git+" in line:
        return None  # options and repositories are pip's own affair
    try:
        Requirement(re.sub(r"\s+--hash[= ]\S+", "", line))
    except InvalidRequirement as error:
        why = str(error).splitlines()[0]
        return Fault(place, f"{line!r} is no requirement: {why}", "write NAME, NAME==VERSION or NAME @ URL")
    return None


def _name(line: str) -> str | None:
    try:
        return canonicalize_name(Requirement(line.partition(" --hash")[0]).name)
    except InvalidRequirement:
        return None


def _unread(shown: str, error: Exception, remedy: str) -> Fault:
    why = error.strerror if isinstance(error, OSError) else "it is no text"
    return Fault(shown, f"it cannot be read: {why}", remedy)


def _dumped(document: Any) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
