"""Registered models: copies that nothing changes, a folder per version, complete or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from mlstack import content
from mlstack_local.files import matching, modified, private_folder, prune, write_private
from mlstack_local.layout import Layout
from mlstack_local.models import flavor as flavors

MANIFEST = "mlstack-model.json"


class Changed(Exception):  # noqa: N818
    """The source is not, or no longer, of the version that was asked for."""


class NoFlavor(Exception):  # noqa: N818
    """The files tell no flavor, and none was given."""


@dataclass(frozen=True)
class Registered:
    """A model's folder, its flavor, and the SHA-256 of its manifest, which holds those of its files."""

    folder: Path
    flavor: str
    digest: str


def register(
    layout: Layout,
    name: str,
    source: Path,
    version: str,
    flavor: str | None,
    lineage: Mapping[str, Any],
    *,
    hashed: bool = True,
) -> Registered:
    """Copy the source, a file or a folder, into the registry, where that version is not there whole.

    ``hashed`` says that the version is that of the content, and so is compared with it. A version's files
    never change; where they came from is told of the first time. Raises
    FileNotFoundError, `Changed`, `NoFlavor`.
    """
    folder = layout.model(name, version)
    private_folder(folder.parent)
    with FileLock(folder.parent / ".lock"):
        found = look(folder)
        if found is not None and flavor in (None, found.flavor):
            return found
        if found is not None:
            manifest = {**json.loads((folder / MANIFEST).read_text()), "flavor": flavor}
            write_private(folder / MANIFEST, json.dumps(manifest, indent=1))
        else:
            _copy(folder, name, source, version, flavor, lineage, hashed)
        made = look(folder)
        assert made is not None
        return made


def look(folder: Path) -> Registered | None:
    """The model of a folder; None when it is not there, or not whole.

    Files that were touched since the manifest was written are hashed; the others are taken as they are.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
        manifest = json.loads(text)
        since = path.stat().st_ctime_ns
        for name, digest in manifest["files"].items():
            file = folder / name
            if file.stat().st_ctime_ns > since and content.file_digest(file) != digest:
                return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Registered(folder, manifest["flavor"], hashlib.sha256(text).hexdigest())


def versions(layout: Layout, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Versions of a model that are whole, each with its lineage, the newest first."""
    found = matching(layout.model(name, "any").parent, f"*/{MANIFEST}")
    for path in sorted(found, key=lambda path: modified(path) or 0.0, reverse=True):
        if look(path.parent) is not None:
            with contextlib.suppress(FileNotFoundError):
                yield path.parent.name, json.loads(path.read_text()).get("lineage") or {}


def remove(layout: Layout, name: str) -> None:
    """All versions of a model."""
    folder = layout.model(name, "any").parent
    shutil.rmtree(folder, ignore_errors=True)
    prune(folder.parent, layout.home)


def _copy(
    folder: Path,
    name: str,
    source: Path,
    version: str,
    flavor: str | None,
    lineage: Mapping[str, Any],
    hashed: bool,
) -> None:
    if flavor is None:
        flavor = flavors.find(source) if source.exists() else None
        if flavor is None and source.exists():
            raise NoFlavor
    for left in folder.parent.glob(".new-*"):  # of a run that was killed; we hold the lock
        shutil.rmtree(left)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        if source.is_dir():
            for file in content.files(source):
                target = fresh / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
            held = content.digests_of(fresh)
            copied = content.digest_of(fresh, held)[:12]
        else:
            kept = fresh / flavors.kept_name(source)
            shutil.copyfile(source, kept)
            held = content.digests_of(fresh)
            copied = held[kept][:12]
        if hashed and copied != version:
            raise Changed(copied)
        files = {file.relative_to(fresh).as_posix(): digest for file, digest in held.items()}
        files.pop(MANIFEST, None)  # of a source that is itself a registered model
        manifest = {
            "name": name,
            "version": version,
            "flavor": flavor,
            "files": files,
            "lineage": dict(lineage),
        }
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1))
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
