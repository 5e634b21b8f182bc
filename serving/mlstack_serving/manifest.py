"""Model files are checked before they are loaded: a pickle is code, so it must be the registered one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mlstack_serving.errors import IntegrityError

MANIFEST = "mlstack-model.json"
_REMEDY = "restore the file, or register the model again"


def verify(model: Path, expected: str | None) -> None:
    """Compare the model with its hashes; IntegrityError where one differs.

    A folder's ``mlstack-model.json`` (``{"files": {path: sha256}}``) must list every file of it.
    ``expected`` is the hash of the model where that is a file, else of the manifest, else of the only
    file in the folder.
    """
    if model.is_file():
        _compare(model, expected, model.name)
        return
    manifest = model / MANIFEST
    if manifest.is_file():
        _compare(manifest, expected, MANIFEST)
        _verify_files(model, _read(manifest))
    elif expected is not None:
        files = _files(model)
        if len(files) != 1:
            raise IntegrityError(
                f"--sha256 was given, but the model's folder has {len(files)} files and no {MANIFEST}: "
                "write one that lists them"
            )
        _compare(model / next(iter(files)), expected, next(iter(files)))


def _verify_files(folder: Path, hashes: dict[str, str]) -> None:
    present = _files(folder)
    for name in sorted(present - hashes.keys()):
        raise IntegrityError(f"{name} is not in {MANIFEST}: remove the file, or register the model again")
    for name, expected in sorted(hashes.items()):
        if name not in present:
            raise IntegrityError(f"{name} is in {MANIFEST} but not in the model's folder: {_REMEDY}")
        _compare(folder / name, expected, name)


def _read(manifest: Path) -> dict[str, str]:
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        if all(isinstance(value, str) for value in files.values()):
            return dict(files)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise IntegrityError(f'{MANIFEST} is not of the form {{"files": {{path: sha256}}}}: {_REMEDY}')


def _files(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return {
        path.as_posix() for path in found if path.as_posix() != MANIFEST and "__pycache__" not in path.parts
    }


def _compare(path: Path, expected: str | None, shown: str) -> None:
    if expected is None:
        return
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            digest.update(chunk)
    if digest.hexdigest() != expected.lower():
        raise IntegrityError(
            f"{shown} has sha256 {digest.hexdigest()}, but {expected.lower()} was registered; "
            f"it is not loaded: {_REMEDY}"
        )
