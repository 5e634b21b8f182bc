"""Which fetched versions somebody refers to, and removing the others."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from mlstack_local.files import private_folder, write_private
from mlstack_local.layout import Layout
from mlstack_local.remote.places import folder_of, home, version_folder

#: A reference of a stack whose folder is gone counts as long as this: the disk may only be unmounted.
_GRACE_SECONDS = 30 * 86_400.0


@dataclass(frozen=True)
class Collected:
    """Folders that were removed (or would be), and their bytes."""

    paths: tuple[Path, ...]
    bytes: int


def refer(layout: Layout, name: str, uri: str, versions: Sequence[str], keep: int) -> None:
    """Note which versions the stack's data of that name needs, and remove old ones that nobody does, but for
    the newest ``keep``."""
    folder = folder_of(uri)
    file = _reference(folder, layout, name)
    with FileLock(private_folder(folder) / ".lock"):
        private_folder(file.parent)
        held = [version_folder(uri, version).name for version in versions]
        write_private(file, json.dumps({"home": str(layout.home), "versions": held, "keep": keep}))
        for version in list(_unneeded(folder)):
            _remove(version)


def release(layout: Layout, name: str, uri: str) -> None:
    """The stack's data of that name needs nothing of the URI any more; what is there stays for `collect`."""
    _reference(folder_of(uri), layout, name).unlink(missing_ok=True)


def collect(*, dry_run: bool = False) -> Collected:
    """Remove every fetched version that no stack refers to, and what interrupted downloads left."""
    removed: list[Path] = []
    size = 0
    for folder in sorted(home().glob("*/*")) if home().is_dir() else ():
        with FileLock(folder / ".lock"):
            for path in [*_unneeded(folder), *folder.glob(".new-*")]:
                size += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
                removed.append(path)
                if not dry_run:
                    _remove(path)
        if not dry_run and not any(path.is_dir() and path.name != "refs" for path in folder.iterdir()):
            _remove_empty(folder)
    return Collected(tuple(removed), size)


def _unneeded(folder: Path) -> Iterator[Path]:
    """Versions that nothing refers to, without the newest that somebody keeps besides."""
    needed: set[str] = set()
    keep = 0
    for file in folder.glob("refs/*.json"):
        try:
            reference = json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue
        if (
            not Path(reference["home"]).parent.is_dir()
            and time.time() - file.stat().st_mtime > _GRACE_SECONDS
        ):
            continue
        needed.update(reference["versions"])
        keep = max(keep, int(reference["keep"]))
    old = [path for path in folder.iterdir() if path.is_dir() and path.name not in needed | {"refs"}]
    old = [path for path in old if not path.name.startswith(".")]
    yield from sorted(old, key=_used, reverse=True)[keep:]


def _used(version: Path) -> float:
    manifest = version.with_name(f"{version.name}.json")
    return manifest.stat().st_mtime if manifest.exists() else 0.0


def _remove(version: Path) -> None:
    version.with_name(f"{version.name}.json").unlink(missing_ok=True)  # first: half of it is not there
    shutil.rmtree(version, ignore_errors=True)


def _remove_empty(folder: Path) -> None:
    if not any(folder.glob("refs/*.json")):
        shutil.rmtree(folder, ignore_errors=True)


def _reference(folder: Path, layout: Layout, name: str) -> Path:
    return folder / "refs" / f"{layout.stack_uid}.{name}.json"
