"""Files that are tables: told by their endings, and the names of their columns.

Quick to import: every command asks, when it checks a spec. `mlstack_local.profiles` reads the rows.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from mlstack import content
from mlstack.suggest import suggest

_TEXTS = (".csv", ".tsv", ".jsonl", ".ndjson")
SUFFIXES = (*_TEXTS, ".parquet", ".pq")

#: Lines of a JSON file that its column names are taken from.
_LINES = 100


class Unparsable(Exception):  # noqa: N818 - reads as what the file is
    """A file is no table of the kind that its ending says. ``row`` counts lines, the header included."""

    def __init__(
        self, file: Path, message: str, row: int | None = None, *, remedy: str | None = None
    ) -> None:
        super().__init__(f"{file}{f':{row}' if row else ''}: {message}")
        self.file = file
        self.message = message
        self.row = row
        self.remedy = remedy

    def shown(self, table: Path, name: str) -> str:
        """The message with what the spec calls the table in place of where it is."""
        place = name
        if self.file != table and self.file.is_relative_to(table):
            place = f"{name.rstrip('/')}/{self.file.relative_to(table).as_posix()}"
        return f"{place}{f':{self.row}' if self.row else ''}: {self.message}"


def is_table(path: Path) -> bool:
    """Whether a file, or each file that counts in a folder, ends as a table does."""
    return bool(parts(path))


def parts(path: Path) -> list[tuple[Path, str]]:
    """The files of a table, with what each ends in; none where it is no table."""
    files = list(_data_files(path)) if path.is_dir() else [path]
    found = [(file, suffix_of(file)) for file in files]
    return found if all(suffix for _, suffix in found) else []


def suffix_of(file: Path) -> str:
    """What a table's file ends in, .gz left out; "" where it is none."""
    name = file.name.lower()
    plain = name.removesuffix(".gz")
    suffix = Path(plain).suffix
    return suffix if suffix in (SUFFIXES if plain == name else _TEXTS) else ""


def header(path: Path) -> list[str]:
    """The names of the columns; of a folder, those of all its files in their order. Raises `Unparsable`."""
    names: dict[str, None] = {}
    for file, suffix in parts(path):
        names |= dict.fromkeys(_HEADERS[suffix](file))
    return list(names)


def lacking(name: str, known: Iterable[str]) -> tuple[str, str]:
    """(what is wrong, what to do) of a column that a table does not have."""
    names = list(known)
    near = suggest(name, names)
    listed = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"has no column {name!r}", f"did you mean {near!r}?" if near else f"it has: {listed}"


def opened(file: Path) -> IO[bytes]:
    """The bytes of a text table, unpacked."""
    return cast("IO[bytes]", gzip.open(file, "rb") if file.name.lower().endswith(".gz") else file.open("rb"))


def delimiter(file: Path) -> str:
    return "\t" if suffix_of(file) == ".tsv" else ","


def objects(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines. Raises `Unparsable`."""
    try:
        with opened(file) as stream:
            for number, line in enumerate(stream, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise Unparsable(file, f"is no JSON: {error}", number) from None
                if not isinstance(row, dict):
                    raise Unparsable(file, "is no JSON object: each line has to be one", number)
                yield row
    except (OSError, EOFError) as error:
        raise Unparsable(file, f"cannot be read: {error}") from error


def _data_files(folder: Path) -> Iterator[Path]:
    for file in content.files(folder):
        if not file.name.startswith(("_", ".")):  # markers and checksums that engines leave beside
            yield file


def _csv(file: Path) -> list[str]:
    try:
        with opened(file) as stream, TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            names = next(csv.reader(text, delimiter=delimiter(file)), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Unparsable(file, f"cannot be read: {error}") from error
    if not names:
        raise Unparsable(file, "is empty")
    return names


def _json(file: Path) -> list[str]:
    return list(dict.fromkeys(key for row in islice(objects(file), _LINES) for key in row))


def _parquet(file: Path) -> list[str]:
    from mlstack_local.profiles.parquets import header

    return header(file)


_HEADERS: dict[str, Callable[[Path], list[str]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".jsonl": _json,
    ".ndjson": _json,
    ".parquet": _parquet,
    ".pq": _parquet,
}
