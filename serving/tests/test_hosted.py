"""Models and code under another server: Azure ML's score scripts, called as its servers call them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from mlstack_serving.errors import NotReady
from mlstack_serving.hosted import Files, Online, model_folder

ROWS = "import os\n\ndef run(data):\n    return [sum(row) for row in data]\n"
CLASS = (
    "class Model:\n    def load(self, path):\n        self.path = path\n"
    "    def predict(self, batch):\n        return [self.path.rsplit('/', 1)[1]] * len(batch)\n"
)
RAW = "def run(raw_data):\n    return raw_data.upper()\n"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's folder where Azure puts it: below folders of its own name and version."""
    folder = tmp_path / "azureml-models" / "net" / "3" / "files"
    folder.mkdir(parents=True)
    joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), folder / "model.joblib")
    digest = hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest()
    (folder / "mlstack-model.json").write_text(json.dumps({"files": {"model.joblib": digest}}))
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(tmp_path / "azureml-models" / "net" / "3"))
    return folder


def code(tmp_path: Path, text: str) -> str:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "score.py").write_text(text)
    return str(folder)


def test_the_models_own_folder_is_found(model: Path) -> None:
    assert model_folder({"AZUREML_MODEL_DIR": str(model.parents[1])}) == str(model)
    assert model_folder({}) is None


def test_a_flavor_answers(model: Path) -> None:
    served = Online(flavor="sklearn")
    served.init()
    assert served.run('{"instances": [[0.0], [1.0]]}') == {"predictions": [0, 1]}


def test_code_with_rows_answers(model: Path, tmp_path: Path) -> None:
    served = Online(code=code(tmp_path, ROWS))
    served.init()
    assert served.run('{"input_data": [[1, 2], [3, 4]]}') == {"predictions": [3, 7]}


def test_a_class_is_handed_the_models_folder(model: Path, tmp_path: Path) -> None:
    served = Online(code=code(tmp_path, CLASS))
    served.init()
    assert served.run('{"instances": [[1]]}') == {"predictions": ["files"]}


def test_code_that_reads_the_body_itself_gets_it(model: Path, tmp_path: Path) -> None:
    served = Online(code=code(tmp_path, RAW))
    served.init()
    assert served.run("any text") == "ANY TEXT"


def test_bad_input_names_the_field(model: Path) -> None:
    served = Online(flavor="sklearn")
    served.init()
    told = json.loads(served.run('{"instances": [["wide"]]}'))
    assert told["field"] == "instances[0][0]"


def test_nothing_is_answered_before_init(model: Path) -> None:
    with pytest.raises(NotReady):
        Files(flavor="sklearn").run(["rows.csv"])


def test_tables_are_scored_row_by_row(model: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("x\n0\n1\n")
    served = Files(flavor="sklearn")
    served.init()
    assert [json.loads(line) for line in served.run([str(rows)])] == [
        {"file": "rows.csv", "row": 1, "prediction": 0},
        {"file": "rows.csv", "row": 2, "prediction": 1},
    ]


def test_other_files_go_to_the_code_by_path(model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    served = Files(code=code(tmp_path, "def run(data):\n    return [path[-5:] for path in data]\n"))
    served.init()
    assert [json.loads(line) for line in served.run([str(picture)])] == [
        {"file": "a.png", "prediction": "a.png"[-5:]}
    ]


def test_a_broken_row_is_named(model: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"x": 0}\n{"x": \n')
    served = Files(flavor="sklearn")
    served.init()
    with pytest.raises(ValueError, match=r"rows\.jsonl, row 2"):
        served.run([str(rows)])
