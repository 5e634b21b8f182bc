"""The output folder of a run, and how the run survives its process.

    manifest.json    what is scored, by what; written before the first mini-batch
    journal.jsonl    a line for each mini-batch that is finished: counts, errors, checksum of its part
    parts/           a file for each mini-batch: its items with their predictions
    progress.json    for who looks on

A part is renamed into place before its line is written, and a line is the commit: what follows the last
whole line whose part is whole is done again. At the end the parts become

    predictions.<ending>, or predictions/ for a folder of tables
    errors.jsonl     {"row": 17, "error": …}, from 1, the header not counted; with "file" for a folder
    metrics.json     rows, failed, scored, seconds, rows_per_second

and the journal and the parts go.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack_serving import codec
from mlstack_serving.errors import UsageError
from mlstack_serving.scoring.errors import InputError
from mlstack_serving.scoring.sources import Source

VERSION = 1


@dataclass(frozen=True)
class Committed:
    """What the journal says: mini-batches, items of them, and how many of those failed."""

    batches: int = 0
    rows: int = 0
    failed: int = 0


class Output:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.committed = Committed()
        self._manifest = folder / "manifest.json"
        self._journal = folder / "journal.jsonl"
        self._parts = folder / "parts"
        self._progress = folder / "progress.json"

    def claim(self, identity: dict[str, Any]) -> dict[str, Any]:
        """Make the folder this run's own; its manifest. ``identity`` says what is scored by what.

        UsageError where it has something else, InputError where it is of the same run with another identity.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._manifest.exists():
            if any(not entry.name.startswith(".") for entry in self.folder.iterdir()):
                raise UsageError(f"the output folder {self.folder} is not empty: name another one")
            fresh = self.folder / f".manifest.{os.getpid()}"
            fresh.write_text(json.dumps({"version": VERSION, "state": "planned", "identity": identity}))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, self._manifest)
            fresh.unlink()
        found: dict[str, Any] = json.loads(self._manifest.read_text())
        known = found["identity"]
        if known.get("run") != identity["run"]:
            raise UsageError(
                f"the output folder {self.folder} belongs to the run {known.get('run')!r}: name another one"
            )
        if odd := sorted(key for key in identity if identity[key] != known.get(key)):
            raise InputError(
                f"the run in {self.folder} began with another {', '.join(odd)}: start one in a new folder"
            )
        return found

    def plan(self, manifest: dict[str, Any], sources: Sequence[Source]) -> None:
        self._note({**manifest, "state": "running", "sources": [source.as_json() for source in sources]})

    def load(self) -> None:
        """Find what is committed, and forget all that is not."""
        self._parts.mkdir(exist_ok=True)
        self._journal.touch()
        done, good = Committed(), 0
        with self._journal.open("rb") as stream:
            for line in stream:
                entry = _entry(line)
                if entry is None or entry["batch"] != done.batches or not self._is_whole(entry):
                    break
                good += len(line)
                done = _after(done, entry)
        os.truncate(self._journal, good)
        self.committed = done

    def commit(self, source: int, part: bytes, rows: int, errors: list[dict[str, Any]]) -> None:
        number = self.committed.batches
        entry = {"batch": number, "source": source, "rows": rows, "failed": errors, "crc": zlib.crc32(part)}
        target = self._part(number)
        _write(target, part)
        with self._journal.open("ab") as stream:
            stream.write(codec.dumps(entry) + b"\n")
        self.committed = _after(self.committed, entry)

    def progress(self, facts: dict[str, Any]) -> None:
        _write(self._progress, json.dumps(facts).encode())

    def finish(self, manifest: dict[str, Any], sources: Sequence[Source], metrics: dict[str, Any]) -> None:
        """Put the parts together. May be killed anywhere, and called again."""
        parts: dict[int, list[Path]] = {}
        fresh = self.folder / ".errors.jsonl"
        with fresh.open("wb") as errors:
            for entry in self._entries():
                parts.setdefault(entry["source"], []).append(self._part(entry["batch"]))
                errors.writelines(codec.dumps(error) + b"\n" for error in entry["failed"])
        for number, source in enumerate(sources):
            target = self.predictions(source, alone=len(sources) == 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.parent / f".{target.name}"
            source.format.join(parts.get(number, []), source.path, source.scan, partial)
            partial.replace(target)
        fresh.replace(self.folder / "errors.jsonl")
        _write(self.folder / "metrics.json", (json.dumps(metrics, indent=2) + "\n").encode())
        self._note({**manifest, "state": "finished"})
        self.tidy()

    def last_error(self) -> dict[str, Any]:
        """The newest error in the journal; there is one."""
        found: dict[str, Any] = {}
        for entry in self._entries():
            found = entry["failed"][-1] if entry["failed"] else found
        return found

    def tidy(self) -> None:
        shutil.rmtree(self._parts, ignore_errors=True)
        self._journal.unlink(missing_ok=True)
        self._progress.unlink(missing_ok=True)

    def predictions(self, source: Source, *, alone: bool) -> Path:
        if source.form == "files":
            return self.folder / "predictions.jsonl"
        if alone and "/" not in source.name:
            return self.folder / f"predictions{source.path.suffix.lower()}"
        return self.folder / "predictions" / source.name

    def _entries(self) -> Iterator[dict[str, Any]]:
        with self._journal.open("rb") as stream:
            for line in stream:
                yield json.loads(line)

    def _is_whole(self, entry: dict[str, Any]) -> bool:
        try:
            return zlib.crc32(self._part(entry["batch"]).read_bytes()) == int(entry["crc"])
        except FileNotFoundError:
            return False

    def _part(self, number: int) -> Path:
        return self._parts / f"{number:08d}"

    def _note(self, manifest: dict[str, Any]) -> None:
        _write(self._manifest, (json.dumps(manifest, indent=1) + "\n").encode())


def _after(done: Committed, entry: dict[str, Any]) -> Committed:
    return Committed(done.batches + 1, done.rows + entry["rows"], done.failed + len(entry["failed"]))


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found if line.endswith(b"\n") else None


def _write(path: Path, content: bytes) -> None:
    fresh = path.parent / f".{path.name}.new"
    fresh.write_bytes(content)
    fresh.replace(path)
