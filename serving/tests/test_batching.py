"""Requests that arrive together are one call of the model, and stay apart in all that their callers see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

#: Tells how many rows each call had, so that an answer shows whom it was given together with.
SCRIPT = """
from pathlib import Path
from mlstack_serving import BadInput

def init():
    global log
    log = Path(__file__).with_name("calls")

def run(data):
    with log.open("a") as stream:
        stream.write(f"{len(data)}\\n")
    if isinstance(data, dict):
        return [len(values) for values in data.values()]
    for index, row in enumerate(data):
        if row[0] == -1:
            raise BadInput("minus one is not wanted", f"instances[{index}]")
        if row[0] == -2:
            raise KeyError("the code's own mistake")
        if row[0] == -3:
            return "no list at all"
    return [float(row[0]) * 10 for row in data]
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "score.py").write_text(SCRIPT)
    return tmp_path


def together(server: Any, bodies: list[Any]) -> list[requests.Response]:
    """The answers to requests that are sent at the same time."""
    url = server.url

    def send(instances: Any) -> requests.Response:
        return requests.post(f"{url}/predict", json={"instances": instances}, timeout=120)

    with ThreadPoolExecutor(len(bodies)) as callers:
        return list(callers.map(send, bodies))


def calls(code: Path) -> list[int]:
    return [int(line) for line in (code / "calls").read_text().splitlines()]


def test_each_caller_gets_the_answer_to_its_own_rows(launch: Any, code: Path) -> None:
    # They go as soon as their six rows are together, long before the minute is over.
    server = launch("--code", str(code), "--batch-size", "6", "--batch-wait", "60000").wait_ready()
    answers = together(server, [[[1]], [[2], [3]], [[4], [5], [6]]])
    assert [answer.json()["predictions"] for answer in answers] == [[10], [20, 30], [40, 50, 60]]
    assert calls(code) == [6]
    metrics = server.get("/metrics").text
    assert 'mlstack_batch_rows_bucket{model="model",le="4"} 0' in metrics
    assert 'mlstack_batch_rows_bucket{model="model",le="8"} 1' in metrics
    assert 'mlstack_batch_rows_sum{model="model"} 6.0' in metrics


def test_a_lone_request_is_answered_after_the_wait(launch: Any, code: Path) -> None:
    server = launch("--code", str(code), "--batch-size", "6", "--batch-wait", "20").wait_ready()
    assert together(server, [[[7]]])[0].json() == {"predictions": [70]}


def test_more_rows_than_a_batch_holds_go_at_once_and_whole(launch: Any, code: Path) -> None:
    server = launch("--code", str(code), "--batch-size", "2", "--batch-wait", "60000").wait_ready()
    assert together(server, [[[1], [2], [3]]])[0].json() == {"predictions": [10, 20, 30]}
    assert calls(code) == [3]


def test_rows_that_do_not_fit_wait_for_the_next_batch(launch: Any, code: Path) -> None:
    server = launch("--code", str(code), "--batch-size", "4", "--batch-wait", "300").wait_ready()
    answers = together(server, [[[1], [2], [3]], [[4], [5], [6]]])
    assert [answer.json()["predictions"] for answer in answers] == [[10, 20, 30], [40, 50, 60]]
    assert calls(code) == [3, 3]


@pytest.mark.parametrize(("bad", "status"), [(-1, 400), (-2, 500), (-3, 200)])
def test_one_that_fails_fails_alone(launch: Any, code: Path, bad: int, status: int) -> None:
    server = launch("--code", str(code), "--batch-size", "3", "--batch-wait", "60000").wait_ready()
    one, odd, other = together(server, [[[1]], [[bad]], [[2]]])
    assert (one.json(), other.json()) == ({"predictions": [10]}, {"predictions": [20]})
    assert odd.status_code == status
    assert calls(code) == [3, 1, 1, 1]
    if status == 400:
        assert odd.json() == {"error": "minus one is not wanted", "field": "instances[0]"}
    if status == 500:
        assert odd.json()["id"] == odd.headers["x-request-id"]


def test_other_shapes_and_names_are_other_batches(launch: Any, code: Path) -> None:
    server = launch("--code", str(code), "--batch-size", "2", "--batch-wait", "60000").wait_ready()
    bodies = [[[1]], [[2, 0]], [{"a": 1}], [[3]], [[4, 0]], [{"a": 2}]]
    answers = [answer.json()["predictions"] for answer in together(server, bodies)]
    assert [answers[0], answers[3]] == [[10], [30]]
    assert [answers[1], answers[4]] == [[20], [40]]
    # The code answers a dict by one number: that is no row each, so both are called again by themselves.
    assert [answers[2], answers[5]] == [[1], [1]]


def test_a_request_with_a_bad_value_never_gets_into_a_batch(
    launch: Any, digits: tuple[Path, Any, Any]
) -> None:
    folder, model, images = digits
    server = launch("--model", str(folder), "--batch-size", "32", "--batch-wait", "30").wait_ready()
    bad = images[0].tolist()
    bad[17] = "abc"
    bodies = [[image.tolist()] if index % 4 else [bad] for index, image in enumerate(images[:24])]
    answers = together(server, bodies)
    for index, answer in enumerate(answers):
        if index % 4:
            assert answer.json()["predictions"] == model.predict(images[index : index + 1]).tolist()
        else:
            assert answer.json() == {"error": '"abc" is no number', "field": "instances[0][17]"}
    failed = [line for line in server.log.read_text().splitlines() if "tried by itself" in line]
    assert failed == []


def test_tensors_are_batched_with_their_outputs(launch: Any, digits: tuple[Path, Any, Any]) -> None:
    folder, model, images = digits
    server = launch("--model", str(folder), "--batch-size", "4", "--batch-wait", "60000").wait_ready()
    url = server.url

    def infer(index: int) -> Any:
        data = images[index : index + 1].ravel().tolist()
        tensor = {"name": "x", "datatype": "FP64", "shape": [1, 64], "data": data}
        message = {"id": str(index), "inputs": [tensor], "outputs": [{"name": "predict_proba"}]}
        return requests.post(f"{url}/v2/models/model/infer", json=message, timeout=120).json()

    with ThreadPoolExecutor(4) as callers:
        for index, answer in enumerate(callers.map(infer, range(4))):
            assert answer["id"] == str(index)
            assert answer["outputs"][0]["shape"] == [1, 10]
            expected = model.predict_proba(images[index : index + 1]).ravel().tolist()
            assert answer["outputs"][0]["data"] == pytest.approx(expected, abs=1e-12)
    assert 'mlstack_batch_rows_count{model="model"} 1' in server.get("/metrics").text


def test_more_than_the_queue_is_refused_while_a_batch_waits(launch: Any, code: Path) -> None:
    server = launch(
        *("--code", str(code), "--batch-size", "2", "--batch-wait", "1500"),
        *("--concurrency", "1", "--queue", "0"),
    ).wait_ready()
    # Two rows of other shapes wait for company that never comes; they are all that is let in.
    statuses = sorted(answer.status_code for answer in together(server, [[[1]], [[1, 2]], [[1, 2, 3]]]))
    assert statuses == [200, 200, 429]


def test_without_a_size_every_request_is_called_alone(launch: Any, code: Path) -> None:
    server = launch("--code", str(code)).wait_ready()
    together(server, [[[1]], [[2]], [[3]]])
    assert calls(code) == [1, 1, 1]
    assert "mlstack_batch_rows" not in server.get("/metrics").text
