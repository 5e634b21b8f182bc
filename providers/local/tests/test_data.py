from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local.resources.data import Data, DataInputs

from mlstack import content
from mlstack.resource import Context, ResourceFailed, State


def inputs(file: Path, /, **changes: Any) -> DataInputs:
    given = {
        "stack_uid": "uid",
        "name": "rows",
        "path": file.name,
        "version": content.version(file),
        "type": "file",
    }
    return DataInputs.model_validate({**given, **changes})


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    return path


def test_it_is_the_users_own_file(context: Context, rows: Path) -> None:
    made = Data().create(context, inputs(rows, columns={"label": "b", "features": ["a"]}))
    assert made.id == "uid/data/rows"
    assert made.outputs == {"uri": "rows.csv"}
    assert Data().preview(context, made.inputs, None) == {"uri": "rows.csv"}
    assert Data().read(context, made) == made
    Data().delete(context, made)
    assert rows.read_text() == "a,b\n1,2\n"


def test_a_change_is_seen(context: Context, rows: Path) -> None:
    made = Data().create(context, inputs(rows))
    rows.write_text("a,b\n3,4\n")
    seen = Data().read(context, made)
    assert seen is not None
    assert seen.inputs == {**made.inputs, "version": content.version(rows)}
    assert seen.inputs["version"] != made.inputs["version"]


def test_a_folder_is_known_by_all_its_files(context: Context, rows: Path) -> None:
    made = Data().create(context, inputs(rows.parent, path=".", type="folder"))
    (rows.parent / "more.csv").write_text("x")
    seen = Data().read(context, made)
    assert seen is not None
    assert seen.inputs["version"] != made.inputs["version"]


def test_a_removed_file_is_gone(context: Context, rows: Path) -> None:
    made = Data().create(context, inputs(rows))
    rows.unlink()
    assert Data().read(context, made) is None
    assert Data().find(context, made.inputs) is None
    with pytest.raises(ResourceFailed, match=r"no file rows\.csv"):
        Data().create(context, DataInputs.model_validate(made.inputs))


def test_a_folder_is_no_file(context: Context, rows: Path) -> None:
    with pytest.raises(ResourceFailed, match=r"no folder rows\.csv"):
        Data().create(context, inputs(rows, type="folder"))


def test_an_import_finds_nothing(context: Context) -> None:
    assert Data().read(context, State("uid/data/rows", {}, {})) is None
