"""What production is compared with: a table of this machine, as Model Monitor is to read it.

Model Monitor has no names for the columns of captured requests in CSV, and of those in JSON it takes the
order of their names. So the columns are in that order here too, and `container/record_preprocessor.py` puts
what is captured under the same names.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from mlstack.lowering import staging
from mlstack.provider import Build
from mlstack_aws import uploads
from mlstack_aws.uploads import Uploaded

FILE = "baseline.csv"
PREPROCESSOR = "record_preprocessor.py"
_SETTINGS = '"@settings@"'


@dataclass(frozen=True)
class Baseline:
    """``features`` are in the order of the file, which is that of rows without names; ``label`` the column of
    what is predicted, where the spec says which."""

    features: tuple[str, ...]
    label: str | None
    text: str


def baseline(build: Build) -> Baseline:
    """Of the monitor's baseline; SpecError where that is no table with names."""
    name = str(build.spec.baseline).split(".")[1]
    spec = build.spec_of("data", name)
    path = build.root / str(spec.path)
    rows = _rows(build, path.read_text(encoding="utf-8") if path.is_file() else "")
    names, columns = rows[0], spec.columns
    meant = [getattr(columns, word) for word in ("label", "prediction", "timestamp")] if columns else []
    features = tuple(columns.features) if columns and columns.features else None
    label = columns.label if columns else None
    chosen = features or tuple(each for each in names if each not in meant)
    for each in (*chosen, *([label] if label else []), *(build.spec.features or ())):
        if each not in names:
            raise build.wrong("baseline", f"{spec.path} has no column {each!r}", f"it has {', '.join(names)}")
    kept = sorted({*chosen, *([label] if label else [])})
    places = [names.index(each) for each in kept]
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerows([row[at] for at in places] for row in rows)
    return Baseline(chosen, label, made.getvalue())


def _rows(build: Build, text: str) -> list[list[str]]:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    names = rows[0] if rows else []
    if len(rows) < 2 or not all(names) or len(set(names)) != len(names):
        raise build.wrong(
            "baseline",
            f"{build.spec.baseline} is no table whose columns have names",
            "name a CSV file of this machine with names in its first line, and a row",
        )
    if any(len(row) != len(names) for row in rows):
        raise build.wrong("baseline", f"{build.spec.baseline} has rows of several lengths", "mend the file")
    return rows


def upload(build: Build, found: Baseline) -> tuple[Uploaded, Uploaded]:
    """The table, and the script that makes rows like its own of what is captured."""
    table = staging.folder(build, "aws", "baseline", files={FILE: found.text})
    script = uploads.upload_texts(build, {PREPROCESSOR: _script(found.features, found.label)}, "preprocessor")
    return uploads.upload(build, table, "baseline", plain=True), script


def _script(features: Sequence[str], label: str | None) -> str:
    text = files("mlstack_aws.container").joinpath(PREPROCESSOR).read_text(encoding="utf-8")
    settings = json.dumps({"features": list(features), "label": label}, sort_keys=True)
    return text.replace(_SETTINGS, json.dumps(settings))
