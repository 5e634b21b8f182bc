"""Which folders of a stack, and of the caches that stacks share, are no longer needed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack.paths import cache_dir
from mlstack.provider import Record, Unused
from mlstack_local import environments, remote, serving
from mlstack_local.collection import references
from mlstack_local.jobs import RunFolder, control
from mlstack_local.layout import Layout
from mlstack_local.models import MANIFEST

#: What might be wanted again stays as long as this, unless everything is to go.
UNUSED_SECONDS = 30 * 86400.0


@dataclass(frozen=True)
class _Candidate:
    unused: Unused
    remove: Callable[[], object]


def collect(
    layout: Layout, records: Sequence[Record], *, everything: bool = False, dry_run: bool = False
) -> list[Unused]:
    """Remove what neither the stack's state, nor an endpoint, nor a living process refers to; what it was.

    ``everything``: regardless of how long ago it was last used. With ``dry_run`` nothing is removed.
    """
    age = 0.0 if everything else UNUSED_SECONDS
    used = references.of_records(records) + references.of_processes() + references.of_stack(layout.home)
    found = [*_runs(layout, records, used, age), *_models(layout, records, used)]
    shared = used + "".join(map(references.of_stack, environments.homes()))
    found += [*_environments(shared, age), *_runtimes(shared, age), *_fetched()]
    for one in found if not dry_run else ():
        one.remove()
    return [one.unused for one in found]


def _runs(layout: Layout, records: Sequence[Record], used: str, age: float) -> Iterator[_Candidate]:
    """Runs that have ended: beside the stack, and of what its jobs were before. The newest of a job's own
    stays, since its log is what is asked for when it failed."""
    for record in records:
        if record.kind != "jobs":
            continue
        for kind, home in (("run", layout.home / "runs"), ("job run", layout.home / "jobs")):
            runs = [RunFolder(path.parent) for path in (home / record.name).glob("*/run.json")]
            ended = {run: _ended(run) for run in runs}
            newest = max(runs, key=lambda run: (run.path / "run.json").stat().st_mtime, default=None)
            for run, since in ended.items():
                kept = kind == "job run" and run == newest
                if kept or since is None or time.time() - since < age or layout.relative(run.path) in used:
                    continue
                yield _folder(kind, f"{record.name} {run.path.name}", run.path, _days(since))


def _ended(run: RunFolder) -> float | None:
    """When a run ended; None while it goes on."""
    record = run.read()
    if record is None or control.is_live(record):
        return None
    if record.status == "pending":  # its runner may be about to begin
        return record.requested if time.time() - record.requested > 3600 else None
    return record.ended or record.started or record.requested


def _models(layout: Layout, records: Sequence[Record], used: str) -> Iterator[_Candidate]:
    """Versions that nothing refers to, beyond the newest ``keep`` of them."""
    for record in records:
        for child in record.children:
            if child.type != "mlstack:local:Model":
                continue
            name = str(child.inputs.get("name") or "")
            keep = int(child.inputs.get("keep") or 0)
            manifests = (layout.home / "models" / name).glob(f"*/{MANIFEST}") if name else ()
            old = [file for file in manifests if layout.relative(file.parent) not in used]
            old.sort(key=lambda file: file.stat().st_mtime, reverse=True)
            for file in old[keep:]:
                yield _folder("model", f"{name}@{file.parent.name}", file.parent, "nothing refers to it")


def _environments(used: str, age: float) -> Iterator[_Candidate]:
    for version, since in environments.unused():
        if time.time() - since >= age and version not in used:
            path = environments.folder(version)
            unused = Unused("environment", version, _days(since), _size(path))
            yield _Candidate(unused, lambda version=version: environments.remove(version))  # type: ignore[misc]


def _runtimes(used: str, age: float) -> Iterator[_Candidate]:
    """Copies of the serving runtime, of versions before the installed one."""
    home = cache_dir() / "serving"
    for path in home.iterdir() if home.is_dir() else ():
        since = path.stat().st_mtime
        if path.name != serving.runtime() and path.name not in used and time.time() - since >= age:
            yield _folder("serving runtime", path.name, path, "another version is installed")


def _fetched() -> Iterator[_Candidate]:
    found = remote.collect(dry_run=True)
    if found.paths:
        count = len(found.paths)
        name = f"{count} version{'' if count == 1 else 's'}"
        yield _Candidate(Unused("fetched data", name, "nothing refers to it", found.bytes), remote.collect)


def _folder(kind: str, name: str, path: Path, reason: str) -> _Candidate:
    def remove() -> None:
        shutil.rmtree(path, ignore_errors=True)

    return _Candidate(Unused(kind, name, reason, _size(path)), remove)


def _days(since: float) -> str:
    days = (time.time() - since) / 86400
    return f"last used {days:.0f} days ago" if days >= 1 else "last used today"


def _size(path: Path) -> int:
    """Bytes on disk that go with a folder: not those of files that uv's cache has too."""
    total = 0
    for base, _, names in os.walk(path):
        for name in names:
            found = os.lstat(os.path.join(base, name))  # noqa: PTH118 - of many thousand files
            total += found.st_blocks * 512 if found.st_nlink == 1 else 0
    return total
