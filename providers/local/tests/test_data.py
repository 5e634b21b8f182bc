from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local import profiles
from mlstack_local.layout import Layout
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
    version = made.inputs["version"]
    assert made.outputs == {"uri": "rows.csv", "profile": f".mlstack/local/uid/profiles/rows/{version}.json"}
    assert Data().preview(context, made.inputs, None) == {"uri": "rows.csv"}
    assert Data().read(context, made) == made
    Data().delete(context, made)
    assert not Layout(rows.parent, "uid").home.exists()
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


def test_a_table_has_a_profile(context: Context, rows: Path) -> None:
    made = Data().create(context, inputs(rows, columns={"label": "b"}))
    found = profiles.load(context.root / made.outputs["profile"])
    assert found is not None
    assert (found.rows, found.label, found.features) == (1, "b", ("a",))


def test_profiles_of_old_versions_go(context: Context, rows: Path) -> None:
    states = [Data().create(context, inputs(rows))]
    for number in range(3):
        rows.write_text(f"a\n{number}\n")
        wanted = inputs(rows, keep=1)
        states.append(State(states[0].id, wanted.model_dump(), Data().update(context, states[-1], wanted)))
    folder = Layout(context.root, "uid").profile("rows", "x").parent
    # the present one, the one before it, and one more
    assert {path.stem for path in folder.glob("*.json")} == {s.inputs["version"] for s in states[1:]}
    assert {path.stem for path in folder.glob("*.parquet")} == {s.inputs["version"] for s in states[1:]}


def test_what_only_looks_like_a_table_is_data_too(context: Context, rows: Path, lines: list[str]) -> None:
    rows.write_text("a,b\n1\n")
    assert Data().create(context, inputs(rows)).outputs == {"uri": "rows.csv"}
    assert lines == ["no profile: rows.csv:2: Expected 2 columns, got 1: 1"]
    for changes in ({"baseline": True}, {"columns": {"label": "a"}}):
        with pytest.raises(ResourceFailed, match=r"data 'rows': rows\.csv:2: Expected 2 columns"):
            Data().create(context, inputs(rows, **changes))


def test_a_large_table_is_profiled_where_a_monitor_needs_it(context: Context, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("a\n" + f"{'7' * 1023}\n" * (50 << 10) + "7\n")
    assert "profile" not in Data().create(context, inputs(table, version="v")).outputs
    assert "profile" in Data().create(context, inputs(table, version="v", baseline=True)).outputs
