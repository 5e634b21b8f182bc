"""From a path to text: find the file, read no more of it than is sensible, decode it."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from mlstack.errors import Problem, SpecError
from mlstack.spec.load.limits import MAX_BYTES

FILE_NAME = "mlstack.yaml"


def find(path: str | Path) -> Path:
    """The spec file that ``path`` (itself, or the folder that holds ``mlstack.yaml``) means."""
    given = Path(path)
    try:
        file = given / FILE_NAME if given.is_dir() else given
        mode = file.stat().st_mode
    except (OSError, ValueError):
        raise SpecError([_missing(given)]) from None
    if not stat.S_ISREG(mode):
        problem = Problem(
            "unreadable-spec",
            f"{file.name} is no regular file",
            file=str(file),
            remedy="name a file, or the folder that holds mlstack.yaml, with -f",
        )
        raise SpecError([problem])
    return file


def read_text(file: Path) -> str:
    """The text of a spec file. SpecError: unreadable, larger than MAX_BYTES, not UTF-8."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problem = Problem(
            "unreadable-spec",
            f"{file.name} cannot be read: {error.strerror or error}",
            file=str(file),
            remedy="look at the file's owner and permissions",
        )
        raise SpecError([problem]) from None
    return decode(raw, str(file))


def decode(raw: bytes, file: str) -> str:
    """UTF-8 text, with or without a byte order mark, of at most MAX_BYTES."""
    if len(raw) > MAX_BYTES:
        problem = Problem(
            "too-large",
            f"the spec is larger than {MAX_BYTES // 1024} KiB",
            file=file,
            remedy="keep data out of the spec: put it into files and name their paths",
        )
        raise SpecError([problem])
    marked = raw.startswith(codecs.BOM_UTF8)
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        guess = "UTF-16" if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "another encoding"
        offset = error.start + len(codecs.BOM_UTF8) * marked
        problem = Problem(
            "bad-encoding",
            f"the spec is not UTF-8: byte 0x{raw[offset]:02x} at offset {offset}",
            file=file,
            line=before.count("\n") + 1,
            column=len(before) - (before.rfind("\n") + 1) + 1,
            remedy=f"it looks like {guess}; save the file as UTF-8",
        )
        raise SpecError([problem]) from None


def _missing(given: Path) -> Problem:
    other = given / "mlstack.yml"
    try:
        renamed = other.is_file()
    except (OSError, ValueError):
        renamed = False
    remedy = (
        f"the file's name is {FILE_NAME}: mv mlstack.yml {FILE_NAME}"
        if renamed
        else "`mlstack new` starts one; -f names one that is elsewhere"
    )
    return Problem("no-spec", f"there is no spec at {given}", file=str(given), remedy=remedy)
