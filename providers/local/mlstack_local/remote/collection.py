"""Which fetched versions somebody refers to, and removing the others."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mlstack_local.files import UNUSED_SECONDS, matching, modified, private_folder, write_private
from mlstack_local.layout import Layout
from mlstack_local.remote.places import folder_of, home, version_folder


@dataclass(frozen=True)
class Fetched:
    """A version, or what an interrupted download left: its folder, what it is of, when it was last used."""

    path: Path
    uri: str
    since: float


def refer(layout: Layout, name: str, uri: str, versions: Sequence[str], keep: int = 0) -> None:
    """Note which versions the stack's data of that name needs, and how many besides; remove what nobody has
    needed for a month."""
    folder = folder_of(uri)
    file = _reference(folder, layout, name)
    with FileLock(private_folder(folder) / ".lock"):
        private_folder(file.parent)
        held = [version_folder(uri, version).name for version in versions]
        _drop(file, set(held))
        write_private(file, json.dumps({"home": str(layout.home), "versions": held, "keep": keep}))
    for fetched in list(_unneeded(folder)):
        if time.time() - fetched.since >= UNUSED_SECONDS:
            remove(fetched)


def release(layout: Layout, name: str, uri: str) -> None:
    """The stack's data of that name needs nothing of the URI any more."""
    file = _reference(folder_of(uri), layout, name)
    _drop(file, set())
    file.unlink(missing_ok=True)


def unused() -> list[Fetched]:
    """Every fetched version that no stack refers to, and what interrupted downloads left."""
    folders = [path for path in matching(home(), "*/*") if path.is_dir()]
    return [fetched for folder in folders for fetched in _unneeded(folder)]


def remove(fetched: Fetched) -> bool:
    """Remove it, unless somebody has come to use it; whether it is gone."""
    folder = fetched.path.parent
    try:
        with FileLock(folder / ".lock").acquire(blocking=False):  # a download holds it, for hours maybe
            if fetched not in _unneeded(folder):
                return False
            _manifest(fetched.path).unlink(missing_ok=True)  # first: half of it is not there
            shutil.rmtree(fetched.path, ignore_errors=True)
            return True
    except Timeout:
        return False


def _unneeded(folder: Path) -> Iterator[Fetched]:
    """What nothing refers to, without the newest that somebody keeps besides."""
    needed: set[str] = set()
    keep = 0
    for file in matching(folder, "refs/*.json"):
        reference = _read(file)
        if reference is None or _is_gone(Path(reference["home"]), file):
            continue
        needed.update(reference["versions"])
        keep = max(keep, int(reference["keep"]))
    uri = _uri(folder)
    old = [
        Fetched(path, uri, _used(path))
        for path in matching(folder)
        if path.is_dir() and path.name not in needed | {"refs"}
    ]
    whole = [fetched for fetched in old if not fetched.path.name.startswith(".")]
    yield from sorted(whole, key=lambda fetched: fetched.since, reverse=True)[keep:]
    yield from (fetched for fetched in old if fetched not in whole)


def _read(reference: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(reference.read_bytes())
        return found
    except (OSError, ValueError):
        return None


def _is_gone(stack: Path, reference: Path) -> bool:
    """Whether a stack has been away for long; a disk that it is on may only be unmounted."""
    return not stack.parent.is_dir() and time.time() - (modified(reference) or 0.0) > UNUSED_SECONDS


def _drop(reference: Path, held: set[str]) -> None:
    """Note that versions of a reference were used until now."""
    for name in set((_read(reference) or {}).get("versions", ())) - held:
        with contextlib.suppress(FileNotFoundError):
            os.utime(_manifest(reference.parent.parent / name))


def _used(version: Path) -> float:
    """When it was last fetched, read or needed."""
    return max(modified(_manifest(version)) or 0.0, modified(version) or 0.0)


def _uri(folder: Path) -> str:
    try:
        return (folder / "uri").read_text().strip()
    except OSError:
        return folder.name


def _manifest(version: Path) -> Path:
    return version.with_name(f"{version.name}.json")


def _reference(folder: Path, layout: Layout, name: str) -> Path:
    return folder / "refs" / f"{layout.stack_uid}.{name}.json"
