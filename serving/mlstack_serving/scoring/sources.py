"""Which files are the input: one table, a folder of tables, or a folder of other files.

Files that begin with "." or "_" are no input (`_SUCCESS` and the like). A source is one output file; a
folder of files that are no tables is one source, each file an item of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlstack_serving.scoring.errors import InputError
from mlstack_serving.scoring.formats import ENDINGS, Format, Scan, format_named

#: Relative path, size, time of change in ns.
Stat = tuple[str, int, int]


@dataclass(frozen=True)
class Source:
    """``name`` is relative to the data's folder, "" for a folder of files; ``sha256`` None for that."""

    name: str
    form: str
    path: Path
    scan: Scan
    stats: list[Stat]
    sha256: str | None

    @property
    def format(self) -> Format:
        return format_named(self.form)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Source:
        stats = [(name, size, changed) for name, size, changed in value["stats"]]
        return cls(**{**value, "path": Path(value["path"]), "scan": Scan(**value["scan"]), "stats": stats})

    def is_same(self) -> bool:
        """Whether the files are those that were looked at. One that was only touched is read again."""
        try:
            if self.form == "files":
                return _stats(self.path, _files(self.path)) == self.stats
            return _stat(self.path.parent, self.path) == self.stats[0] or _digest(self.path) == self.sha256
        except OSError:
            return False


def find(data: Path, hints: Sequence[str]) -> list[Source]:
    """The sources of ``data``, looked over once. InputError where they make no input."""
    if data.is_file():
        if data.suffix.lower() not in ENDINGS:
            raise InputError(f"{data.name} is no table: one of {', '.join(ENDINGS)}, or a folder is needed")
        return [_table(data, data.name, hints)]
    if not data.is_dir():
        raise InputError(f"there is no file or folder {data}")
    files = list(_files(data))
    if not files:
        raise InputError(f"the folder {data} has no files")
    tables = [file for file in files if file.suffix.lower() in ENDINGS]
    if not tables:
        names = [file.relative_to(data).as_posix() for file in files]
        scan = Scan(len(names), None, {"files": names})
        return [Source("", "files", data, scan, _stats(data, files), None)]
    if len(tables) < len(files):
        other = next(file for file in files if file not in tables).relative_to(data)
        raise InputError(
            f"the folder {data} has tables and other files, such as {other}: move one kind elsewhere"
        )
    return [_table(file, file.relative_to(data).as_posix(), hints) for file in tables]


def _table(path: Path, name: str, hints: Sequence[str]) -> Source:
    form = ENDINGS[path.suffix.lower()]
    try:
        stats = [_stat(path.parent, path)]
        scan = format_named(form).scan(path, hints)
        return Source(name, form, path, scan, stats, _digest(path))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _files(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    kept = [path for path in found if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
    yield from sorted(kept, key=lambda path: path.relative_to(folder).as_posix())


def _stats(folder: Path, files: Iterator[Path] | list[Path]) -> list[Stat]:
    return [_stat(folder, file) for file in files]


def _stat(folder: Path, file: Path) -> Stat:
    found = file.stat()
    return file.relative_to(folder).as_posix(), found.st_size, found.st_mtime_ns


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
