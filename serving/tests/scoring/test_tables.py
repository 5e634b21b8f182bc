"""Predictions of whole tables equal those of the same model in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from serving.tests.scoring.conftest import COLUMNS, ROWS, Score, contents, errors, metrics, readers
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

pytestmark = pytest.mark.drawn

WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "csv": lambda table, path: table.to_csv(path, index=False),
    "jsonl": lambda table, path: table.to_json(path, orient="records", lines=True, double_precision=15),
    "parquet": lambda table, path: table.to_parquet(path, index=False),
}


@pytest.mark.parametrize("form", WRITERS)
def test_a_table_comes_back_with_the_models_own_predictions(
    form: str, model: tuple[Path, Any], table: Any, score: Score, tmp_path: Path
) -> None:
    folder, made = model
    data = tmp_path / f"in.{form}"
    WRITERS[form](table, data)
    score("--model", folder, "--data", data)
    scored = readers()[form](tmp_path / "out" / f"predictions.{form}")
    given = readers()[form](data)
    assert list(scored.columns) == [*given.columns, "prediction"]
    pd.testing.assert_frame_equal(scored.drop(columns="prediction"), given)
    assert scored["prediction"].tolist() == made.predict(given[COLUMNS]).tolist()
    assert errors(tmp_path / "out") == []
    found = metrics(tmp_path / "out")
    assert (found["rows"], found["scored"], found["failed"]) == (ROWS, ROWS, 0)
    assert found["rows_per_second"] > 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["state"] == "finished"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "errors.jsonl",
        "manifest.json",
        "metrics.json",
        f"predictions.{form}",
    ]


def test_size_of_mini_batches_and_number_of_processes_change_nothing(
    model: tuple[Path, Any], table: Any, score: Score, tmp_path: Path
) -> None:
    table.to_csv(tmp_path / "in.csv", index=False)
    made = []
    for name, args in {"a": (), "b": ("--mini-batch", 777), "c": ("--replicas", 3)}.items():
        score("--model", model[0], "--data", tmp_path / "in.csv", "--output", tmp_path / name, *args)
        made.append(contents(tmp_path / name))
    assert made[0] == made[1] == made[2]


def test_a_folder_of_tables_gives_one_of_the_same_names(
    model: tuple[Path, Any], table: Any, score: Score, tmp_path: Path
) -> None:
    data = tmp_path / "in"
    (data / "more").mkdir(parents=True)
    table[:150].to_csv(data / "a.csv", index=False)
    table[150:300].to_parquet(data / "more" / "b.parquet", index=False)
    table[300:310].to_json(data / "c.jsonl", orient="records", lines=True)
    (data / "_SUCCESS").touch()
    (data / ".hidden").touch()
    score("--model", model[0], "--data", data)
    out = tmp_path / "out" / "predictions"
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")) == [
        "a.csv",
        "c.jsonl",
        "more/b.parquet",
    ]
    expected = model[1].predict(table[COLUMNS])
    assert pd.read_csv(out / "a.csv")["prediction"].tolist() == expected[:150].tolist()
    assert pd.read_parquet(out / "more/b.parquet")["prediction"].tolist() == expected[150:300].tolist()
    assert metrics(tmp_path / "out")["rows"] == 310
    (data / "notes.txt").touch()
    said = score("--model", model[0], "--data", data, "--output", tmp_path / "other", code=6).stderr
    assert "tables and other files, such as notes.txt" in said


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    import joblib

    data = load_digits()
    made = DecisionTreeClassifier(max_depth=8, random_state=0).fit(data.data, data.target)
    folder = tmp_path_factory.mktemp("digits")
    joblib.dump(made, folder / "model.joblib")
    return folder, made, data


@pytest.mark.parametrize("header", [True, False])
def test_a_model_without_names_takes_columns_in_their_order(
    digits: tuple[Path, Any, Any], score: Score, tmp_path: Path, header: bool
) -> None:
    folder, made, data = digits
    names = [f"p{n}" for n in range(64)]
    pd.DataFrame(data.data, columns=names).to_csv(tmp_path / "in.csv", index=False, header=header)
    score("--model", folder, "--data", tmp_path / "in.csv")
    scored = pd.read_csv(tmp_path / "out" / "predictions.csv", header=0 if header else None)
    assert scored.iloc[:, -1].tolist() == made.predict(data.data).tolist()
    assert scored.shape == (1797, 65)


def test_a_label_is_left_out_or_its_presence_is_told_at_once(
    digits: tuple[Path, Any, Any], score: Score, tmp_path: Path
) -> None:
    folder, made, data = digits
    table = pd.DataFrame(data.data, columns=[f"p{n}" for n in range(64)]).assign(target=data.target)
    table.to_csv(tmp_path / "in.csv", index=False)
    said = score("--model", folder, "--data", tmp_path / "in.csv", code=6).stderr
    assert "has 65 columns for the model, which takes 64" in said
    args = ("--model", folder, "--data", tmp_path / "in.csv", "--output", tmp_path / "out2")
    score(*args, "--ignore", "target")
    scored = pd.read_csv(tmp_path / "out2" / "predictions.csv")
    assert scored["prediction"].tolist() == made.predict(data.data).tolist()
    assert "target" in scored


def test_json_lines_keep_their_text(score: Score, code: Any, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a": 1.0, "b": "é"}\n\n{}\n  {"a":1e3}  \n')
    script = "def run(data):\n    return [{'sum': v} for v in data['a']]\n"
    score(*code(script), "--data", tmp_path / "in.jsonl")
    assert (tmp_path / "out" / "predictions.jsonl").read_text().splitlines() == [
        '{"a": 1.0, "b": "é", "prediction": {"sum":1.0}}',
        '{"prediction": {"sum":null}}',
        '{"a":1e3, "prediction": {"sum":1000.0}}',
    ]


def test_lines_without_names(score: Score, code: Any, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("[1, 2]\n[3, 4]\n")
    score(*code("def run(data):\n    return data.sum(axis=1)\n"), "--data", tmp_path / "in.jsonl")
    assert (tmp_path / "out" / "predictions.jsonl").read_text() == (
        '{"instance": [1, 2], "prediction": 3}\n{"instance": [3, 4], "prediction": 7}\n'
    )


def test_csv_cells_that_are_no_plain_numbers(score: Score, code: Any, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('\ufeffa,b\r\n1,"x\ny"\r\n2,\r\n', newline="")
    script = (
        "def run(data):\n    return [[float(a), None, f'{b}, \"'] for a, b in zip(data['a'], data['b'])]\n"
    )
    score(*code(script), "--data", tmp_path / "in.csv")
    scored = pd.read_csv(tmp_path / "out" / "predictions.csv")
    assert scored["b"].fillna("").tolist() == ["x\ny", ""]
    assert [json.loads(cell) for cell in scored["prediction"]] == [
        [1.0, None, 'x\ny, "'],
        [2.0, None, 'None, "'],
    ]


def test_parquet_takes_the_widest_kind_of_all_mini_batches(score: Score, code: Any, tmp_path: Path) -> None:
    pd.DataFrame({"a": range(6), "when": pd.Timestamp("2024-05-01")}).to_parquet(tmp_path / "in.parquet")
    script = "def run(data):\n    a = data['a']\n"
    script += "    return [None] if a[0] == 0 else a * (1 if a[0] < 4 else 0.5)\n"
    score(*code(script), "--data", tmp_path / "in.parquet", "--mini-batch", 1)
    scored = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert np.array_equal(scored["prediction"], [np.nan, 1, 2, 3, 2, 2.5], equal_nan=True)
    assert scored["when"].dtype == pd.read_parquet(tmp_path / "in.parquet")["when"].dtype


def test_files_of_a_folder_are_items(score: Score, code: Any, tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / "in" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / str(number % 2) / f"{number:02}.txt").write_text("x" * number)
    script = (
        "from pathlib import Path\n"
        "def init(): pass\n"
        "def run(mini_batch):\n"
        "    assert isinstance(mini_batch, list) and len(mini_batch) <= 4\n"
        "    return [{'bytes': len(Path(p).read_bytes())} for p in mini_batch if Path(p).stem != '13']\n"
    )
    score(*code(script), "--data", tmp_path / "in", "--mini-batch", 4)
    lines = [json.loads(s) for s in (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == 24
    assert lines[1] == {"file": "0/02.txt", "prediction": {"bytes": 2}}
    assert errors(tmp_path / "out") == [
        {"file": "1/13.txt", "error": "ValueError: the model returned 0 predictions for 1 items"}
    ]


def test_files_need_code(model: tuple[Path, Any], score: Score, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    assert "code of your own" in score("--model", model[0], "--data", tmp_path / "in", code=6).stderr


def test_a_script_of_the_request_body_and_a_class_work_through_tables_too(
    score: Score, code: Any, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n3,4\n")
    raw = "import json\ndef run(raw_data):\n    rows = json.loads(raw_data)['instances']\n"
    raw += "    return json.dumps({'predictions': [r['a'] + r['b'] for r in rows]})\n"
    score(*code(raw), "--data", tmp_path / "in.csv")
    (tmp_path / "model").mkdir()
    cls = "class M:\n    def load(self, path): self.n = 1\n"
    cls += "    def predict(self, batch): return batch['a'] + self.n\n"
    args = (*code(cls), "--model", tmp_path / "model", "--data", tmp_path / "in.csv")
    score(*args, "--output", tmp_path / "out2")
    assert (tmp_path / "out" / "predictions.csv").read_text() == "a,b,prediction\n1,2,3\n3,4,7\n"
    assert (tmp_path / "out2" / "predictions.csv").read_text() == "a,b,prediction\n1,2,2\n3,4,4\n"


def test_a_table_without_rows(model: tuple[Path, Any], score: Score, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("alcohol,malic_acid,hue\n")
    score("--model", model[0], "--data", tmp_path / "in.csv")
    assert (tmp_path / "out" / "predictions.csv").read_text() == "alcohol,malic_acid,hue,prediction\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("in.csv", "alcohol,hue\n1,2\n", "lacks columns of the model: 'malic_acid'"),
        ("in.csv", "alcohol,malic_acid,hue,prediction\n1,2,3,4\n", "has a column 'prediction' already"),
        ("in.csv", "hue,hue\n1,2\n", "names a column twice"),
        ("in.parquet", "no parquet", "is no parquet file"),
        ("in.xlsx", "", "is no table: one of .csv"),
    ],
)
def test_what_cannot_be_scored_is_told_before_anything_is(
    model: tuple[Path, Any], score: Score, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    assert said in score("--model", model[0], "--data", tmp_path / name, code=6).stderr


def test_wrong_settings(model: tuple[Path, Any], score: Score, tmp_path: Path) -> None:
    args = ("--model", model[0], "--data", tmp_path / "none.csv")
    assert "must be at least 1" in score(*args, "--mini-batch", 0, code=2).stderr
    assert "there is no file or folder" in score(*args, code=6).stderr
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert "is not empty" in score(*args, "--output", tmp_path / "full", code=2).stderr
    assert "unknown flavor" in score(*args, "--flavor", "x", "--output", tmp_path / "new", code=4).stderr


def test_parquet_needs_pyarrow(model: tuple[Path, Any], score: Score, tmp_path: Path) -> None:
    (tmp_path / "in.parquet").touch()
    (tmp_path / "shadow").mkdir()
    # as in an environment that lacks it: the import system says no
    (tmp_path / "shadow" / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    args = ("--model", model[0], "--data", tmp_path / "in.parquet")
    said = score(*args, code=6, PYTHONPATH=str(tmp_path / "shadow")).stderr
    assert "need the package pyarrow: add it to the deployment's environment" in said


def test_an_output_within_the_data_is_refused_and_leaves_nothing(
    score: Score, code: Any, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "in.csv").write_text("a\n1\n")
    args = (*code("def run(data):\n    return data['a']\n"), "--data", data, "--output", data / "out")
    assert "is within the data" in score(*args, code=2).stderr
    assert [path.name for path in data.iterdir()] == ["in.csv"]


def test_parquet_takes_objects_of_several_members(score: Score, code: Any, tmp_path: Path) -> None:
    """The members of all mini-batches are one struct; what an object lacks is null."""
    pd.DataFrame({"a": range(4), "c": pd.Categorical(list("xyxz"))}).to_parquet(tmp_path / "in.parquet")
    script = "def run(data):\n    return [{f'm{int(a) % 2}': float(a)} for a in data['a']]\n"
    score(*code(script), "--data", tmp_path / "in.parquet", "--mini-batch", 1)
    found = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert found["prediction"].tolist()[:2] == [{"m0": 0.0, "m1": None}, {"m0": None, "m1": 1.0}]
    assert found["c"].tolist() == list("xyxz")


def test_the_kind_of_a_column_of_numbers_is_one_in_all_mini_batches(
    score: Score, code: Any, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,1\n2,2\n3.5,3\n,4\n")
    script = "def run(data):\n    return [f\"{data['a'].dtype} {data['b'].dtype}\"] * len(data['a'])\n"
    score(*code(script), "--data", tmp_path / "in.csv", "--mini-batch", 1)
    found = pd.read_csv(tmp_path / "out" / "predictions.csv")["prediction"]
    assert found.tolist() == ["float64 int64"] * 4
