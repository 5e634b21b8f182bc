"""The script that Model Monitor runs on what is captured: rows as the baseline's, whatever form was sent."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from mlstack_aws.baselines import _script
from mlstack_serving import forms


def _rows(sent: Any, answered: Any = None, *, label: str | None = None) -> Any:
    scope: dict[str, Any] = {}
    exec(compile(_script(("b", "a"), label), "record_preprocessor.py", "exec"), scope)

    def captured(body: Any) -> Any:
        if body is None:
            return None
        if isinstance(body, str):
            return SimpleNamespace(encoding="CSV", data=body)
        return SimpleNamespace(encoding="JSON", data=json.dumps(body))

    record = SimpleNamespace(endpoint_input=captured(sent), endpoint_output=captured(answered))
    return scope["preprocess_handler"](record)


FORMS = {
    "instances": [[1, 2], [3, 4]],
    "dataframe_records": [{"a": 2, "b": 1}, {"a": 4, "b": 3, "more": 9}],
    "dataframe_split": {"columns": ["a", "b"], "data": [[2, 1], [4, 3]]},
    "input_data": {"columns": ["b", "a"], "index": [0, 1], "data": [[1, 2], [3, 4]]},
    "inputs": {"b": [1, 3], "a": [2, 4]},
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_that_is_served(form: str) -> None:
    forms.read({form: FORMS[form]}, ("more",))  # the server takes it
    assert _rows({form: FORMS[form]}) == [{"a": 2, "b": 1}, {"a": 4, "b": 3}]
    assert set(FORMS) == set(forms.FORMS)


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "b,a\n1,2\n3,4\n", "a,b\n2,1\n4,3\n"])
def test_csv_with_names_and_without(text: str) -> None:
    assert _rows(text) == [{"a": 2, "b": 1}, {"a": 4, "b": 3}]


def test_names_are_in_their_order() -> None:
    [row] = _rows({"instances": [[1, 2]]}, {"predictions": [7]}, label="aa")
    assert list(row.items()) == [("a", 2), ("aa", 7), ("b", 1)]


@pytest.mark.parametrize(
    ("answered", "told"),
    [({"predictions": [7, 8]}, [7, 8]), ({"predictions": [[7], ["x"]]}, [7, "x"]), ("7\n8\n", [7, 8]),
     ({"predictions": [7]}, [None, None]), ({"outputs": []}, [None, None]), (None, [None, None])],
)  # fmt: skip
def test_predictions_stand_under_the_label(answered: Any, told: list[Any]) -> None:
    rows = _rows({"instances": [[1, 2], [3, 4]]}, answered, label="label")
    assert [row["label"] for row in rows] == told


@pytest.mark.parametrize(
    "sent", [None, {"inputs": "free text"}, {"question": 1}, [1, 2], "", {"instances": [[1]]}]
)
def test_what_is_no_row_is_passed_over(sent: Any) -> None:
    assert _rows(sent) == []


def test_what_is_missing_is_missing() -> None:
    assert _rows({"instances": [{"a": 2}, {"a": None, "b": [1]}]}) == [
        {"a": 2, "b": None},
        {"a": None, "b": None},
    ]
    assert _rows(",x\n") == [{"a": "x", "b": None}]
