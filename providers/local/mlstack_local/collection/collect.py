"""Which folders of a stack, and of the caches that stacks share, are no longer needed.

There is one rule: what nothing refers to any more goes when its last use is a month ago, or at once if
everything is to go.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlstack.paths import cache_dir
from mlstack.runtime import Record, Unused
from mlstack_local import environments, remote, serving
from mlstack_local.collection import references
from mlstack_local.files import UNUSED_SECONDS, matching, modified
from mlstack_local.jobs import RunFolder, control
from mlstack_local.layout import Layout
from mlstack_local.models import MANIFEST

#: Runs by what they are called: their folder below the stack's.
_RUNS = {"run": "runs", "job run": "jobs", "batch run": "batch"}
#: Of these the newest stays: its log is what is asked for when it failed.
_NEWEST_STAYS = ("job run", "batch run")


@dataclass(frozen=True)
class _Candidate:
    kind: str
    name: str
    path: Path
    since: float
    remove: Callable[[], bool | None]

    def told(self) -> Unused:
        days = (time.time() - self.since) / 86400
        reason = f"last used {days:.0f} days ago" if days >= 1 else "last used today"
        return Unused(self.kind, self.name, reason, _size(self.path))


def collect(
    layout: Layout, records: Sequence[Record], *, everything: bool = False, dry_run: bool = False
) -> list[Unused]:
    """Remove what neither the stack's state, nor an endpoint, nor a living process refers to; what it was.

    ``everything``: regardless of how long ago it was last used. With ``dry_run`` nothing is removed.
    """
    used = references.of_records(records) + references.of_processes() + references.of_stack(layout.home)
    shared = used + "".join(map(references.of_stack, environments.homes()))
    found = [
        *_runs(layout, used),
        *_models(layout, records, used),
        *_environments(shared),
        *_runtimes(shared),
        *_fetched(shared),
    ]
    old = [one for one in found if everything or time.time() - one.since >= UNUSED_SECONDS]
    told = [(one, one.told()) for one in old]
    return [what for one, what in told if dry_run or one.remove() is not False]


def _runs(layout: Layout, used: str) -> Iterator[_Candidate]:
    """Runs that have ended."""
    for kind, folder in _RUNS.items():
        for home in matching(layout.home / folder):
            runs = [RunFolder(path.parent) for path in matching(home, "*/run.json")]
            ended = {run: _ended(run) for run in runs}
            newest = max(runs, key=lambda run: modified(run.path / "run.json") or 0.0, default=None)
            for run, since in ended.items():
                kept = kind in _NEWEST_STAYS and run == newest
                if not kept and since is not None and layout.relative(run.path) not in used:
                    yield _folder(kind, f"{home.name} {run.path.name}", run.path, since)


def _ended(run: RunFolder) -> float | None:
    """When a run ended; None while it goes on."""
    record = control.settled(run)
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
            manifests = matching(layout.home / "models" / name, f"*/{MANIFEST}") if name else ()
            old = [file for file in manifests if layout.relative(file.parent) not in used]
            old.sort(key=lambda file: modified(file) or 0.0, reverse=True)
            for file in old[keep:]:
                if since := modified(file.parent):
                    yield _folder("model", f"{name}@{file.parent.name}", file.parent, since)


def _environments(used: str) -> Iterator[_Candidate]:
    for version, since in environments.unused():
        if version not in used:
            path = environments.folder(version)
            yield _Candidate("environment", version, path, since, partial(environments.remove, version))


def _runtimes(used: str) -> Iterator[_Candidate]:
    """Copies of the serving runtime, of versions before the installed one."""
    home = cache_dir() / "serving"
    for path in matching(home):
        if path.name != serving.runtime() and path.name not in used and (since := modified(path)):
            yield _folder("serving runtime", path.name, path, since)


def _fetched(used: str) -> Iterator[_Candidate]:
    for one in remote.unused():
        if str(one.path) not in used:
            name = f"{one.uri}@{one.path.name}"
            yield _Candidate("fetched data", name, one.path, one.since, partial(remote.remove, one))


def _folder(kind: str, name: str, path: Path, since: float) -> _Candidate:
    return _Candidate(kind, name, path, since, partial(shutil.rmtree, path, ignore_errors=True))


def _size(path: Path) -> int:
    """Bytes on disk that go with a folder: not those of files that uv's cache has too."""
    total = 0
    for base, _, names in os.walk(path):
        for name in names:
            found = os.lstat(os.path.join(base, name))  # noqa: PTH118 - of many thousand files
            total += found.st_blocks * 512 if found.st_nlink == 1 else 0
    return total
