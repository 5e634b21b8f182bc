"""Profiles of tables: equal to what numpy says of the whole, in every format, in bounded memory."""

from __future__ import annotations

import datetime
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from mlstack_local import profiles, tables
from pyarrow import csv, parquet

ROWS = 25_000


@pytest.fixture(scope="module")
def table() -> Any:
    random = np.random.default_rng(3)
    numbers = random.normal(40, 12, ROWS)
    numbers[:50] = np.nan
    return pa.table(
        {
            "age": pa.array(numbers, from_pandas=True),
            "steps": random.integers(0, 5000, ROWS),
            "colour": random.choice(["red", "green", "blue"], ROWS, p=[0.5, 0.3, 0.2]),
            "member": random.random(ROWS) < 0.25,
            "seen": [datetime.datetime(2024, 1, 1) + datetime.timedelta(seconds=i) for i in range(ROWS)],
            "words": [f"row {i} of {ROWS}" for i in range(ROWS)],
            "target": random.integers(0, 3, ROWS),
        }
    )


COLUMNS = {"label": "target", "timestamp": "seen"}


def write(table: Any, path: Path) -> Path:
    if ".parquet" in path.name:
        parquet.write_table(table, path, row_group_size=4000)
    elif ".jsonl" in path.name:
        rows = table.to_pylist()
        text = "".join(json.dumps({**r, "seen": r["seen"].timestamp()}) + "\n" for r in rows)
        path.write_text(text)
    else:
        csv.write_csv(table, path)
    if path.name.endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl"])
def test_statistics_are_those_of_the_whole_table(tmp_path: Path, table: Any, name: str) -> None:
    found = profiles.profile(write(table, tmp_path / name), COLUMNS)
    assert found.rows == ROWS
    assert list(found.columns) == table.column_names
    assert [column.type for column in found.columns.values()] == [
        "numeric", "numeric", "categorical", "boolean", "timestamp", "text", "categorical",
    ]  # fmt: skip
    assert found.features == ("age", "steps", "colour", "member", "words")
    assert (found.label, found.timestamp) == ("target", "seen")
    age, values = found.columns["age"], table["age"].drop_null().to_numpy()
    assert (age.count, age.nulls) == (ROWS - 50, 50)
    assert (age.min, age.max) == pytest.approx((values.min(), values.max()))
    assert (age.mean, age.std) == pytest.approx((values.mean(), values.std()))
    assert age.quantiles[10] == pytest.approx(np.median(values), abs=0.5)  # of a sample
    colours = dict(zip(*np.unique(table["colour"].to_numpy(), return_counts=True), strict=True))
    assert found.columns["colour"].categories == colours
    assert list(found.columns["colour"].categories) == ["red", "green", "blue"]
    assert found.columns["target"].categories.keys() == {"0", "1", "2"}
    assert found.columns["member"].categories.keys() == {"true", "false"}
    assert found.columns["words"].categories == {}
    assert found.columns["steps"].distinct == len(set(table["steps"].to_pylist()))


def test_bins_are_tenths_and_fit_their_edges(tmp_path: Path, table: Any) -> None:
    file = tmp_path / "kept.json"
    age = profiles.keep(file, write(table, tmp_path / "t.parquet")).columns["age"]
    assert len(age.edges) == 9
    assert sum(age.bins) == pytest.approx(10_000, abs=50)
    assert all(count == pytest.approx(1000, abs=20) for count in age.bins)
    sample = profiles.values(file)["age"]
    counted = np.bincount(np.searchsorted(age.edges, sample, side="right"), minlength=10)
    assert tuple(counted) == age.bins


def test_the_sample_is_uniform_and_the_same_each_time(tmp_path: Path, table: Any) -> None:
    path = write(table, tmp_path / "t.parquet")
    first, second = tmp_path / "a" / "k.json", tmp_path / "b" / "k.json"
    for file in (first, second):
        profiles.keep(file, path)
    rows = profiles.sample(first)
    assert rows.num_rows == 10_000
    assert rows.equals(profiles.sample(second))
    places = np.array([int(text.split()[1]) for text in rows["words"].to_pylist()])
    assert (np.diff(places) > 0).all()
    thirds, _ = np.histogram(places, bins=[0, ROWS / 5, 2 * ROWS / 5, 3 * ROWS / 5, 4 * ROWS / 5, ROWS])
    assert abs(thirds - 2000).max() < 200  # five standard deviations
    assert rows["age"].to_pylist() == table["age"].take(pa.array(places)).to_pylist()


def test_a_small_table_is_its_own_sample(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y,when,ok\n3,a,2024-01-01,true\n1,b,2024-01-02,\n,a,,false\n")
    found = profiles.keep(tmp_path / "k.json", tmp_path / "t.csv")
    values = profiles.values(tmp_path / "k.json")
    assert values["x"].tolist() == [3.0, 1.0]
    assert values["y"].tolist() == ["a", "b", "a"]
    assert values["ok"].tolist() == ["true", "false"]
    assert values["when"].tolist() == [1704067200.0, 1704153600.0]
    assert profiles.sample(tmp_path / "k.json").num_rows == 3
    assert found.columns["x"].nulls == 1


def test_a_constant_column_has_an_interval_on_either_side(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n" + "7\n" * 30)
    column = profiles.profile(tmp_path / "t.csv").columns["x"]
    assert column.bins == (0, 30, 0)
    assert np.searchsorted(column.edges, [6.9, 7.0, 7.1], side="right").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("later", "kind", "low"),
    [("2.5", "numeric", 1.0), ("two", "categorical", None), ("", "numeric", 1.0)],
)
def test_a_later_value_widens_the_type(tmp_path: Path, later: str, kind: str, low: float | None) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "1,x\n" * 400_000 + f"{later},y\n")
    column = profiles.profile(tmp_path / "t.csv").columns["a"]
    assert (column.type, column.min) == (kind, low)
    assert column.count + column.nulls == 400_001


def test_numbers_beyond_all_fractions_are_text(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(f'{{"x": 1}}\n{{"x": 1{"0" * 400}}}\n')
    assert profiles.profile(tmp_path / "t.jsonl").columns["x"].count == 2


def test_categories_are_what_the_spec_calls_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("code,w\n" + "".join(f"{i % 400},{i % 7 / 2}\n" for i in range(2000)))
    path = tmp_path / "t.csv"
    column = profiles.profile(path, {"categorical": ["code"]}).columns["code"]
    assert column.type == "categorical"
    assert (column.distinct, len(column.categories), column.other) == (400, 100, 1500)
    assert profiles.profile(path).columns["code"].type == "numeric"
    halves = profiles.profile(path, {"categorical": ["w"]}).columns["w"]
    assert halves.categories["1"] == len([i for i in range(2000) if i % 7 == 2])


def test_a_folder_is_one_table(tmp_path: Path, table: Any) -> None:
    folder = tmp_path / "rows"
    (folder / "later").mkdir(parents=True)
    write(table.slice(0, 9000), folder / "a.parquet")
    write(table.slice(9000), folder / "later" / "b.parquet")
    (folder / "_SUCCESS").touch()
    whole = profiles.profile(write(table, tmp_path / "t.parquet"), COLUMNS)
    assert tables.is_table(folder)
    parts = profiles.profile(folder, COLUMNS)
    assert (parts.rows, parts.features) == (whole.rows, whole.features)
    for name, column in whole.columns.items():
        assert parts.columns[name].bins == column.bins
        assert parts.columns[name].categories == column.categories
        assert parts.columns[name].std == pytest.approx(column.std)
    (folder / "notes.txt").touch()
    assert not tables.is_table(folder)


def test_parts_of_a_folder_may_differ_in_types_and_columns(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.csv").write_text("a,b\n1,x\n2,y\n")
    (tmp_path / "d" / "2.csv").write_text("a,c\n0.5,7\n")
    found = profiles.profile(tmp_path / "d")
    assert found.rows == 3
    assert {name: (c.type, c.count, c.nulls) for name, c in found.columns.items()} == {
        "a": ("numeric", 3, 0),
        "b": ("categorical", 2, 1),
        "c": ("numeric", 1, 2),
    }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("t.csv", "a,b\n1,2\n1,2,3\n", r"t\.csv:3: Expected 2 columns, got 3"),
        ("t.csv", "", r"t\.csv: Empty CSV file"),
        ("t.csv", "a,b\n", r"t\.csv: has no rows"),
        ("t.csv", "a,a\n1,2\n", r"t\.csv:1: has 2 columns 'a'"),
        ("t.jsonl", '{"a": 1}\n{"a": \n', r"t\.jsonl:2: is no JSON"),
        ("t.jsonl", "[1]\n", r"t\.jsonl:1: is no JSON object"),
        ("t.parquet", "PAR1 no", r"t\.parquet: is no parquet file"),
        ("t.csv.gz", "a,b\n1,2\n", r"t\.csv\.gz: "),
    ],
)
def test_what_is_no_table_is_told_with_its_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(profiles.Unparsable, match=told):
        profiles.profile(tmp_path / name)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(profiles.Unparsable, match="has no column 'b'"):
        profiles.profile(tmp_path / "t.csv", {"label": "b"})


def test_it_is_made_once_for_one_meaning_of_the_columns(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "k.json"
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    first = profiles.keep(file, tmp_path / "t.csv", {"label": "a"})
    (tmp_path / "t.csv").unlink()
    assert profiles.keep(file, tmp_path / "t.csv", {"label": "a", "features": None}) == first
    assert profiles.load(file) == first
    with pytest.raises(profiles.Unparsable, match="cannot be read"):
        profiles.keep(file, tmp_path / "t.csv", {"label": "b"})
    file.write_text(file.read_text().replace('"format": 1', '"format": 0'))
    assert profiles.load(file) is None


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """The peak of a table of 12 times the rows is no more than a few blocks above."""
    code = (
        "import sys, resource; from pathlib import Path; from mlstack_local import profiles;"
        "rows = profiles.profile(Path(sys.argv[1])).rows;"
        "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    line = "".join(f"{number / 7:.6f}," for number in range(20)) + "name\n"
    peaks = []
    for rows in (20_000, 240_000):
        path = tmp_path / "t.csv"
        with path.open("w") as stream:
            stream.write(",".join(f"c{number}" for number in range(21)) + "\n")
            for _ in range(rows // 1000):
                stream.write(line * 1000)
        ran = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
        count, peak = map(int, ran.stdout.split())
        assert count == rows
        peaks.append(peak / 1024)
    assert peaks[1] - peaks[0] < 40, peaks
