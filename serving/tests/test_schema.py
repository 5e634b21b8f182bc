"""Each kind of signature: what it lets in, and the place and the words of what it does not."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlstack_serving import BadInput, forms
from mlstack_serving.batch import Batch
from mlstack_serving.config import Config
from mlstack_serving.errors import LoadError
from mlstack_serving.flavors import load, mlmodel
from mlstack_serving.flavors.estimators import signature
from mlstack_serving.schema import Column, Signature, Table, Tensor, Tensors
from mlstack_serving.schema.table import counted
from mlstack_serving.tables import from_csv
from mlstack_serving.tensors import read_inputs

PEOPLE = Table(
    [
        Column("age", "number"),
        Column("children", "integer"),
        Column("member", "boolean"),
        Column("city", "text"),
        Column("since", "datetime", required=False),
        Column("note", "any", required=False),
    ]
)
PERSON = {"age": 31.5, "children": 2, "member": True, "city": "Ulm"}
IMAGES = Tensors([Tensor("pixels", "FP32", (-1, 2, 2))])
PAIR = Tensors([Tensor("ids", "INT64", (-1, 3)), Tensor("scale", "FP32", (-1, 1))])


def read(signature: Signature, instances: Any) -> Batch:
    return signature.read(forms.read({"instances": instances}, signature.optional))


def people(**changes: Any) -> list[Any]:
    """Three of them, the last one changed."""
    return [PERSON, PERSON, {key: value for key, value in {**PERSON, **changes}.items() if value is not ...}]


def test_columns_come_in_order_and_typed() -> None:
    rows = [
        {"city": "Bonn", "member": False, "children": 3.0, "age": 7, "since": "2026-01-31T12:00:00Z"},
        PERSON,
    ]
    read_people = read(PEOPLE, rows)
    assert list(read_people.tensors) == list(PEOPLE.names or ())
    assert {name: str(values.dtype) for name, values in read_people.tensors.items() if name != "note"} == {
        "age": "float64",
        "children": "int64",
        "member": "bool",
        "city": "object",
        "since": "datetime64[us]",
    }
    assert read_people.tensors["age"].tolist() == [7.0, 31.5]
    assert str(read_people.tensors["since"][0]) == "2026-01-31T12:00:00.000000"
    assert np.isnat(read_people.tensors["since"][1])


WRONG: dict[str, tuple[Signature, Any, str, str]] = {
    "number": (PEOPLE, people(age="abc"), "instances[2].age", '"abc" is no number'),
    "number in quotes": (PEOPLE, people(age="3"), "instances[2].age", '"3" is no number'),
    "number a list": (PEOPLE, people(age=[3]), "instances[2].age", "[3] is no number"),
    "number a dict": (PEOPLE, people(age={"x": 3}), "instances[2].age", '{"x": 3} is no number'),
    "number too large": (PEOPLE, people(age=10**400), "instances[2].age", "is too large"),
    "fraction": (PEOPLE, people(children=2.5), "instances[2].children", "2.5 is no whole number"),
    "whole number null": (PEOPLE, people(children=None), "instances[2].children", "null is no whole number"),
    "whole number large": (PEOPLE, people(children=2**64), "instances[2].children", "is too large"),
    "not boolean": (PEOPLE, people(member="yes"), "instances[2].member", '"yes" is neither true nor false'),
    "boolean as number": (
        PEOPLE,
        [{**PERSON, "member": 1}],
        "instances[0].member",
        "1 is neither true nor false",
    ),
    "not text": (PEOPLE, people(city=7), "instances[2].city", "7 is no text"),
    "not a date": (PEOPLE, people(since="soon"), "instances[2].since", '"soon" is no date'),
    "long value": (PEOPLE, people(age="x" * 900), "instances[2].age", "xxx... is no number"),
    "missing": (PEOPLE, [{"age": 1}], "instances[0]", "missing columns: 'children', 'member', 'city'"),
    "misspelt": (
        PEOPLE,
        [{**PERSON, "sinse": "x"}],
        "instances[0]",
        "unknown columns: 'sinse' (did you mean 'since'?)",
    ),
    "missing in one": (PEOPLE, people(age=...), "instances[2]", "'age'"),
    "as rows": (
        PEOPLE,
        [[1, "two", True, "Ulm", None, 0]],
        "instances[0][1]",
        "\"two\" is no whole number (column 'children')",
    ),
    "counted": (counted(3), [[1, 2, 3], [1, "x", 3]], "instances[1][1]", '"x" is no number'),
    "counted, deep": (counted(2), [[1, 2], [1, [2, 3]]], "instances[1][1]", "[2, 3] is no number"),
    "counted, short": (counted(3), [[1, 2, 3], [1, 2]], "instances[1]", "expects 3 features, got 2"),
    "counted, value": (counted(3), [[1, 2, 3], 4], "instances[1]", "expects 3 features, got a single value"),
    "tensor value": (IMAGES, [[[1, 2], [3, "x"]]], "instances[0][1][1]", '"x" is no number'),
    "tensor shape": (IMAGES, [[[1, 2]]], "instances[0]", "expects shape [-1, 2, 2], got [1, 1, 2]"),
    "tensor ragged": (IMAGES, [[[1, 2], [3, 4]], [[1, 2], [3]]], "instances[1]", "differ in length"),
    "tensor odd row": (
        IMAGES,
        [[[1, 2], [3, 4]], [[1, 2]]],
        "instances[1]",
        "rows of shape [2, 2], got [1, 2]",
    ),
    "tensor range": (IMAGES, [[[1, 2], [3, 1e300]]], "instances[0]", "out of FP32's range"),
    "named tensor": (
        PAIR,
        [{"ids": [1, 2, 3], "scale": [1]}, {"ids": [1, 2, 0.5], "scale": [1]}],
        "instances[1].ids[2]",
        "0.5 is no whole number",
    ),
    "named tensor missing": (
        PAIR,
        [{"ids": [1, 2, 3]}],
        "instances[0]",
        "inputs are 'ids', 'scale'; got 'ids'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_named_by_its_place(case: str) -> None:
    signature, instances, place, part = WRONG[case]
    with pytest.raises(BadInput) as caught:
        read(signature, instances)
    assert caught.value.field == place
    assert part in str(caught.value)


def test_the_place_in_other_forms_of_a_request() -> None:
    def place(batch: Batch) -> str | None:
        with pytest.raises(BadInput, match="is no number") as caught:
            counted(2).read(batch)
        return caught.value.field

    assert place(from_csv(b"1,2\n3,x\n", None, "absent", typed=False)) == "body[1][1]"
    split = {"input_data": {"columns": [0, 1], "data": [[1, 2], ["x", 4]]}}
    assert place(forms.read(split)) == "input_data.data[1][0]"
    tensors = [
        {"name": "a", "datatype": "FP64", "shape": [2], "data": [1, 2]},
        {"name": "b", "datatype": "BYTES", "shape": [2], "data": ["1", "2"]},
    ]
    assert place(read_inputs(tensors)) == "inputs[1].data[0]"


def test_optional_columns_may_be_missing_in_some_rows_only() -> None:
    values = read(PEOPLE, [PERSON, {**PERSON, "note": "late"}]).tensors["note"].tolist()
    assert values == [None, "late"]


def test_all_numbers_become_one_matrix() -> None:
    table = Table([Column("a", "number"), Column("b", "number")])
    batch = read(table, [{"b": 2, "a": 1}, {"a": None, "b": 4.5}])
    assert not batch.named
    assert batch.rows.dtype == np.float64
    assert np.array_equal(batch.rows, [[1, 2], [np.nan, 4.5]], equal_nan=True)


def frame() -> tuple[pd.DataFrame, list[int]]:
    table = pd.DataFrame(
        {"city": ["Ulm", "Bonn", "Ulm", "Kiel"], "size": [1.0, 2.0, 3.0, 4.0], "kind": ["a", "b", "a", None]}
    )
    return table, [0, 1, 0, 1]


def mixed() -> Any:
    table, labels = frame()
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    parts = [("c", OneHotEncoder(), ["city"]), ("n", StandardScaler(), ["size"]), ("k", filled, ["kind"])]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(table, labels)


def test_the_types_of_columns_are_read_off_the_parts_of_a_pipeline(tmp_path: Path) -> None:
    model = mixed()
    found = signature(model)
    assert isinstance(found, Table)
    assert [(column.name, column.kind) for column in found.columns] == [
        ("city", "text"),
        ("size", "number"),
        ("kind", "text"),
    ]
    table, _ = frame()
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    loaded = load(Config(model=str(tmp_path)))
    rows = table[:3].to_dict(orient="records")
    assert loaded.predict(read(loaded.signature, rows), ()).tolist() == model.predict(table[:3]).tolist()
    with pytest.raises(BadInput, match='"big" is no number') as caught:
        read(loaded.signature, [rows[0], {**rows[1], "size": "big"}])
    assert caught.value.field == "instances[1].size"


def test_a_category_that_the_model_does_not_know_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(mixed()))
    loaded = load(Config(model=str(tmp_path)))
    rows = [{"city": "Ulm", "size": 1, "kind": "a"}, {"city": "Paris", "size": 1, "kind": "a"}]
    with pytest.raises(BadInput, match="Found unknown categories") as caught:
        loaded.predict(read(loaded.signature, rows), ())
    assert caught.value.field == "instances[1].city"


@pytest.mark.parametrize("rows", [[1.5], [["good", "bad"]], [{"a": "b"}, {"a": 3}], [None], [["good"], [7]]])
def test_a_model_of_texts_takes_texts_only(rows: list[Any]) -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(["good", "bad"], [1, 0])
    with pytest.raises(BadInput):
        read(signature(model), rows)
    assert read(signature(model), [["good"], ["bad"]]).rows.tolist() == ["good", "bad"]


def test_a_signature_in_a_file_counts_for_code_and_for_models(tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text("def run(data):\n    return data\n")
    schema = {
        "inputs": [{"name": "age", "type": "integer"}, {"name": "city", "type": "string", "required": False}]
    }
    (tmp_path / "mlstack-schema.json").write_text(json.dumps(schema))
    model = load(Config(code=str(tmp_path)))
    answer = model.predict(read(model.signature, [{"age": 3}, {"age": 4, "city": "Ulm"}]), ())
    assert {name: values.tolist() for name, values in answer.items()} == {
        "age": [3, 4],
        "city": [None, "Ulm"],
    }
    with pytest.raises(BadInput, match='"old" is no whole number'):
        read(model.signature, [{"age": "old"}])


def test_the_manifests_columns_name_those_of_a_model_without_names(tmp_path: Path) -> None:
    x, y = np.array([[0.0, 1.0], [1.0, 0.0]]), [0, 1]
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(LogisticRegression().fit(x, y)))
    (tmp_path / "mlstack-model.json").write_text(
        json.dumps({"files": {}, "columns": {"low": "number", "high": "number"}})
    )
    model = load(Config(model=str(tmp_path)))
    assert (
        model.predict(read(model.signature, [{"high": 1, "low": 0}, {"high": 0, "low": 1}]), ()).tolist() == y
    )
    with pytest.raises(BadInput, match="did you mean 'high'"):
        read(model.signature, [{"hight": 1, "low": 0}])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "is no JSON"),
        ("[]", "must be an object"),
        ('{"inputs": []}', "must be"),
        ('{"inputs": [{"name": "a", "type": "float128"}]}', "unknown type 'float128'"),
        ('{"inputs": [{"type": "number"}]}', "needs a name"),
        ('{"inputs": [{"name": "a", "datatype": "FP32", "shape": "any"}]}', "shape of 'a'"),
    ],
)
def test_a_schema_that_cannot_be_read_is_said_at_the_start(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "mlstack-schema.json").write_text(text)
    (tmp_path / "score.py").write_text("def run(data):\n    return data\n")
    with pytest.raises(LoadError, match=part):
        load(Config(code=str(tmp_path)))


MLMODEL = """\
flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '[{"type": "double", "name": "sepal length", "required": true}, {"type": "long",
    "name": "it''s", "required": true}, {"type": "string", "name": "kind", "required":
    false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
"""


def test_the_signature_of_an_mlmodel_file_folded_over_lines() -> None:
    document = mlmodel.read(MLMODEL)
    found = mlmodel.signature(document)
    assert isinstance(found, Table)
    assert found.columns == (
        Column("sepal length", "number"),
        Column("it's", "integer"),
        Column("kind", "text", required=False),
    )
    assert mlmodel.outputs(document) == (Tensor("predict", "INT64", (-1,)),)
    assert document["flavors"]["python_function"]["loader_module"] == "mlflow.sklearn"


def test_tensors_of_an_mlmodel_file() -> None:
    inputs = json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28]}}])
    found = mlmodel.signature({"signature": {"inputs": inputs}})
    assert isinstance(found, Tensors)
    assert found.tensors == (Tensor("input-0", "FP32", (-1, 28, 28)),)


def test_the_cells_of_a_csv_mean_what_their_column_is() -> None:
    text = b"zip,age,children,member,city,note\n007,1e1,2,TRUE,12,3\n10115,,0,0,x,4\n"
    table = Table(
        [Column("zip", "text"), *[c._replace(required=True) for c in PEOPLE.columns if c.name != "since"]]
    )
    read_table = table.read(from_csv(text, table.names, None, typed=False)).tensors
    assert read_table["zip"].tolist() == ["007", "10115"]
    assert np.array_equal(read_table["age"], [10.0, np.nan], equal_nan=True)
    assert read_table["children"].tolist() == [2, 0]
    assert read_table["member"].tolist() == [True, False]
    assert read_table["city"].tolist() == ["12", "x"]
    assert read_table["note"].tolist() == [3, 4]
    with pytest.raises(BadInput, match='"old" is no number') as caught:
        table.read(from_csv(text.replace(b"1e1", b"old"), table.names, None, typed=False))
    assert caught.value.field == "body[0].age"
