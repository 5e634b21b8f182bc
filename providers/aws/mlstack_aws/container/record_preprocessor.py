"""Run by SageMaker Model Monitor for each captured request: rows of it under the names of the baseline.

The requests are those that mlstack's own server takes: CSV, or JSON with rows under one of a few keys. What
is neither (a form of a model's own, bytes) is passed over. It runs by the Python of Amazon's image.

Source: SageMaker AI developer guide, "Preprocessing and postprocessing".
"""

import csv
import json
from typing import Any

_SETTINGS = json.loads("@settings@")
_KEYS = ("instances", "dataframe_records", "dataframe_split", "input_data", "inputs")


def preprocess_handler(inference_record: Any) -> Any:
    """A dictionary for each row; none where there is nothing to read."""
    rows = _rows(inference_record.endpoint_input)
    label = _SETTINGS["label"]
    answers = _answers(inference_record.endpoint_output) if label else None
    if answers is not None and len(answers) != len(rows):
        answers = None
    found = []
    for at, row in enumerate(rows):
        if label:
            row[label] = answers[at] if answers is not None else None
        found.append({name: row[name] for name in sorted(row)})
    return found


def _rows(captured: Any) -> Any:
    if captured is None or not captured.data:
        return []
    if captured.encoding == "CSV":
        lines = [line for line in csv.reader(captured.data.splitlines()) if line]
        named = bool(lines) and set(_SETTINGS["features"]) <= set(lines[0])
        names = lines.pop(0) if named else None
        return _under(names, [[_value(cell) for cell in line] for line in lines])
    try:
        body = json.loads(captured.data)
    except ValueError:
        return []
    held = next((body[key] for key in _KEYS if key in body), None) if isinstance(body, dict) else None
    if isinstance(held, dict) and isinstance(held.get("data"), list):
        return _under(held.get("columns"), held["data"])
    if isinstance(held, dict):  # by columns
        return _under(list(held), [list(row) for row in zip(*held.values())])  # noqa: B905  of older Pythons
    return _under(None, held if isinstance(held, list) else [])


def _under(names: Any, rows: Any) -> Any:
    """The features of each row by name; those of rows without names by their places."""
    features = _SETTINGS["features"]
    if not names or not all(isinstance(name, str) for name in names):
        names = features
    found = []
    for row in rows:
        if not isinstance(row, (dict, list)):
            row = [row]
        by_name = row if isinstance(row, dict) else dict(zip(names, row))  # noqa: B905
        if isinstance(row, dict) or len(row) == len(names):
            found.append({name: _scalar(by_name.get(name)) for name in features})
    return found


def _answers(captured: Any) -> Any:
    """One for each row; None where they cannot be told."""
    if captured is None or not captured.data:
        return None
    if captured.encoding == "CSV":
        return [_value(line[0]) for line in csv.reader(captured.data.splitlines()) if line]
    try:
        body = json.loads(captured.data)
    except ValueError:
        return None
    held = body.get("predictions") if isinstance(body, dict) else None
    if not isinstance(held, list):
        return None
    return [_scalar(each[0] if isinstance(each, list) and len(each) == 1 else each) for each in held]


def _scalar(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else None


def _value(cell: Any) -> Any:
    if cell == "":
        return None
    try:
        return json.loads(cell) if cell[:1] in "-0123456789" else cell
    except ValueError:
        return cell
