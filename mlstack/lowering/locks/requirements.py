"""A requirements file, and single requirements, read as pip reads them and as far as a lock can hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from mlstack.lowering.locks.faults import Fault, Listed

_INDEX = "settings of the package index are uv's own: set them in uv.toml or UV_DEFAULT_INDEX"
_FILE = "put the file on an index or at an https address, and write NAME @ https://…/FILE.whl"
_FOLDER = (
    "a folder has no hash that a lock could hold: name it as `code` of the job or deployment, or build a "
    "wheel of it and write NAME @ https://…/FILE.whl"
)
_GIT = "a repository has no hash that a lock could hold: write NAME @ https://…/archive/COMMIT.zip"
_HASH = re.compile(r"\s+--hash[= ](\S+)")
_INCLUDE = re.compile(r"(?:-r|--requirement)[= ]?\s*(\S.*)")
_CONSTRAIN = re.compile(r"(?:-c|--constraint)[= ]?\s*(\S.*)")
_PATH = re.compile(r"\.{1,2}$|[./~]*/|\.\\|file:|.*\.(whl|zip|tar\.gz|tgz|tar\.bz2)(\[.*\])?$")
_VCS = re.compile(r"(?:[\w.\[\],-]+\s*@\s*)?(git|hg|svn|bzr)\+")


def read(file: Path, shown: str) -> Listed:
    """What a requirements file asks for, with the files that it includes by ``-r`` and ``-c``.

    ``shown`` is the file's name in messages. Raises OSError and UnicodeDecodeError for the file itself.
    """
    return _merged(_read(file, shown, (), constraint=False))


def check(lines: Sequence[str], folder: Path) -> list[Fault]:
    """What is wrong with requirements that are written in the spec itself, each with its index as place."""
    found: list[Fault] = []
    for number, line in enumerate(lines):
        for one in _line(line.strip(), str(number), folder, (), constraint=False, include=False):
            found += one.faults
    return found


def of_lines(lines: Sequence[tuple[int, str]], folder: Path, shown: str) -> Listed:
    """The same of numbered lines that stand in some other file, in ``folder``."""
    parts: list[Listed] = []
    for number, line in lines:
        parts += _line(line.strip(), f"{shown}:{number}", folder, (), constraint=False)
    return _merged(parts)


def without_hashes(requirement: str) -> str:
    return _HASH.sub("", requirement)


def hashes(requirement: str) -> list[str]:
    """The hashes that were written with a requirement ("sha256:…")."""
    return _HASH.findall(requirement)


def of_serving() -> list[str]:
    """What the serving runtime needs beside a user's own packages."""
    return sorted(line for line in requires("mlstack-serving") or [] if "extra ==" not in line)


def _read(file: Path, shown: str, above: tuple[Path, ...], *, constraint: bool) -> Iterator[Listed]:
    for number, line in _logical(file.read_text("utf-8-sig")):
        yield from _line(
            line, f"{shown}:{number}", file.parent, (*above, file.resolve()), constraint=constraint
        )


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines that are continued joined, comments gone; with the number of the first of each."""
    pending, begun = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        begun = begun if pending else number
        if raw.endswith("\\"):
            pending += raw[:-1] + " "
            continue
        line = re.sub(r"(^|\s)#.*$", "", pending + raw).strip()
        pending = ""
        if line:
            yield begun, line
    if pending.strip():
        yield begun, pending.strip()


def _line(
    line: str,
    place: str,
    folder: Path,
    above: tuple[Path, ...],
    *,
    constraint: bool,
    include: bool = True,
) -> Iterator[Listed]:
    if line.startswith("-"):
        yield from _option(line, place, folder, above, constraint=constraint, include=include)
        return
    bare = without_hashes(line)
    fault = _fault(bare, place)
    if fault:
        yield Listed(faults=(fault,))
    elif constraint:
        yield Listed(constraints=(bare,))
    else:
        yield Listed(requirements=(line,))


def _option(
    line: str, place: str, folder: Path, above: tuple[Path, ...], *, constraint: bool, include: bool
) -> Iterator[Listed]:
    if re.match(r"(-e|--editable)\b", line):
        yield Listed(faults=(Fault(place, f"{line!r} is a folder to be edited in place", _FOLDER),))
        return
    included, constrained = _INCLUDE.match(line), _CONSTRAIN.match(line)
    found = included or constrained
    if not include or found is None:
        yield Listed(faults=(Fault(place, f"{line!r} is an option of pip, not a requirement", _INDEX),))
        return
    file = folder / found[1]
    shown = found[1]
    if file.resolve() in above:
        yield Listed(faults=(Fault(place, f"{shown} includes itself", "take out one of the two lines"),))
        return
    try:
        yield from _read(file, shown, above, constraint=constraint or bool(constrained))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        remedy = "paths in a requirements file are relative to that file"
        yield Listed(faults=(Fault(place, f"{shown} cannot be read: {why}", remedy),))


def _fault(line: str, place: str) -> Fault | None:
    if _VCS.match(line):
        return Fault(place, f"{line!r} is a repository", _GIT)
    if _PATH.match(line) and " @ " not in line:
        is_file = re.search(r"\.(whl|zip|gz|tgz|bz2)(\[.*\])?$", line)
        return Fault(place, f"{line!r} is a path on this machine", _FILE if is_file else _FOLDER)
    try:
        parsed = Requirement(line)
    except InvalidRequirement as error:
        why = str(error).splitlines()[0]
        return Fault(place, f"{line!r} is no requirement: {why}", "write NAME, NAME==VERSION or NAME @ URL")
    if parsed.url and parsed.url.startswith(("file:", ".", "/")):
        return Fault(place, f"{line!r} is a path on this machine", _FOLDER)
    return None


def _merged(parts: Iterator[Listed] | list[Listed]) -> Listed:
    whole = Listed()
    for part in parts:
        whole = Listed(
            (*whole.requirements, *part.requirements),
            (*whole.constraints, *part.constraints),
            part.python or whole.python,
            (*whole.faults, *part.faults),
            (*whole.warnings, *part.warnings),
        )
    return whole
