"""Profiles that are kept: the JSON, and beside it the sample as parquet. Made once for a version."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from filelock import FileLock
from pyarrow import parquet

from mlstack_local.files import private_folder, write_private
from mlstack_local.profiles.columns import as_numbers, text_of
from mlstack_local.profiles.profile import Profile
from mlstack_local.profiles.scan import scanned


def keep(file: Path, source: Path, columns: Mapping[str, Any] | None = None) -> Profile:
    """The profile in ``file`` (NAME.json), made of ``source`` where it is not there or was made for other
    ``columns``. Whoever names the file sees to it that it is another one for another content.

    Raises `mlstack_local.profiles.Unparsable`.
    """
    wanted = {key: value for key, value in (columns or {}).items() if value is not None}
    private_folder(file.parent)
    with FileLock(file.parent / ".lock"):
        document = _read(file)
        found = (
            Profile.from_json(document["profile"]) if document and document["made_for"] == wanted else None
        )
        if found is not None and _sample(file).is_file():
            return found
        made, rows = scanned(source, wanted)
        _write_sample(_sample(file), rows)
        write_private(file, json.dumps({"made_for": wanted, "profile": made.as_json()}))
        return made


def load(file: Path) -> Profile | None:
    """The profile that is kept in a file; None where there is none that this version can read."""
    document = _read(file)
    return Profile.from_json(document["profile"]) if document else None


def sample(file: Path) -> Any:
    """The sampled rows beside a kept profile, as a `pyarrow.Table`: 10,000 at most, in their order."""
    return parquet.read_table(_sample(file))


def values(file: Path) -> Mapping[str, Any]:
    """The sampled values of each column beside a kept profile, as numpy arrays without nulls.

    Numbers and times (seconds since 1970) are float64. All else is text (object), named as the profile's
    categories are: classes and booleans too.
    """
    found = load(file)
    if found is None:
        raise FileNotFoundError(file)
    table = sample(file)
    arrays = {}
    for name, column in found.columns.items():
        sampled = table.column(name).combine_chunks()
        numbers = as_numbers(sampled) if column.type in ("numeric", "timestamp") else None
        arrays[name] = _texts(sampled) if numbers is None else numbers
    return arrays


def _texts(column: Any) -> Any:
    return np.array([text_of(value) for value in column.drop_null().to_pylist()], dtype=object)


def _sample(file: Path) -> Path:
    return file.with_suffix(".parquet")


def _read(file: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and {"made_for", "profile"} <= document.keys() else None


def _write_sample(file: Path, rows: pa.Table) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(handle)
    try:
        parquet.write_table(rows, name, compression="zstd")
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
