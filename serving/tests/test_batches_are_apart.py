"""Micro-batches: each caller gets their own answer, whatever else was in the batch; and the full queue."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from serving.tests.conftest import DEADLINE, Server
from serving.tests.contracts.container import Container, appears

# Each row's answer says how many rows were in the call, so that a caller sees what it was batched with.
COUNTING = """
import time
from mlstack_serving import BadInput

def run(data):
    if isinstance(data, dict):
        (data,) = [values.reshape(len(values), -1) for values in data.values()]
    if any(row[0] == -1 for row in data):
        raise RuntimeError("poisoned")
    if any(row[0] == -2 for row in data):
        raise BadInput("poisoned", "instances[0]")
    time.sleep(0.002)
    return [[float(sum(row)), len(data)] for row in data]
"""

# One answer for all rows together, which nobody can share out again.
MEAN = """
def run(data):
    return {"mean": float(sum(row[0] for row in data) / len(data))}
"""

BATCHING = ("--port", "0", "--batch-size", "16", "--batch-wait", "20")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("batching"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    return container.start("--code", container.code(COUNTING), *BATCHING, "--queue", "1000").wait_ready()


def all_at_once(server: Server, bodies: list[Any], route: str = "/predict") -> list[requests.Response]:
    url = server.url + route
    with ThreadPoolExecutor(32) as callers:
        return list(callers.map(lambda body: requests.post(url, json=body, timeout=120), bodies))


def bodies_of(count: int, seed: int, most: int = 3) -> list[Any]:
    draw = random.Random(seed)
    return [
        {"instances": [[float(i), draw.random()] for _ in range(draw.randint(1, most))]} for i in range(count)
    ]


def check(body: Any, answer: requests.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    said = answer.json()["predictions"]
    assert [value for value, _ in said] == pytest.approx([sum(row) for row in body["instances"]])
    return [int(together) for _, together in said]


def test_each_caller_gets_its_own_answer_and_calls_are_batched(server: Server) -> None:
    bodies = bodies_of(300, seed=1)
    together = [check(body, answer) for body, answer in zip(bodies, all_at_once(server, bodies), strict=True)]
    sizes = {size for one in together for size in one}
    assert max(sizes) <= 16
    shared = sum(one[0] > len(body["instances"]) for one, body in zip(together, bodies, strict=True))
    assert shared > len(bodies) / 2


def test_a_request_alone_is_answered(server: Server) -> None:
    for _ in range(3):
        assert server.post("/predict", json={"instances": [[1, 2]]}).json() == {"predictions": [[3, 1]]}


def test_a_request_of_more_rows_than_a_batch(server: Server) -> None:
    body = {"instances": [[float(i), 1.0] for i in range(50)]}
    bodies = [body, *bodies_of(30, seed=2), body]
    for one, answer in zip(bodies, all_at_once(server, bodies), strict=True):
        check(one, answer)


@pytest.mark.parametrize(("poison", "status"), [(-1, 500), (-2, 400)])
def test_a_poisoned_request_fails_alone(server: Server, poison: int, status: int) -> None:
    bodies = bodies_of(150, seed=3)
    poisoned = set(range(5, 150, 30))
    for i in poisoned:
        bodies[i] = {"instances": [[float(poison), 0.0]]}
    for i, answer in enumerate(all_at_once(server, bodies)):
        if i in poisoned:
            assert answer.status_code == status
            assert "Traceback" not in answer.text
            if status == 400:
                assert answer.json() == {"error": "poisoned", "field": "instances[0]"}
        else:
            check(bodies[i], answer)


def test_requests_of_other_widths_do_not_meet(server: Server) -> None:
    bodies = [{"instances": [[float(i)] * (1 + i % 3)]} for i in range(90)]
    for body, answer in zip(bodies, all_at_once(server, bodies), strict=True):
        check(body, answer)


def test_what_is_malformed_fails_alone(server: Server) -> None:
    bodies: list[Any] = bodies_of(60, seed=4)
    for i in range(0, 60, 10):
        bodies[i] = {"instances": 3} if i % 20 else {"rows": []}
    for i, answer in enumerate(all_at_once(server, bodies)):
        if i % 10:
            check(bodies[i], answer)
        else:
            assert answer.status_code == 400


def test_inference_requests_of_every_datatype_get_their_own(server: Server) -> None:
    datatypes = ["FP32", "FP64", "INT8", "INT64", "UINT16"]
    bodies = [
        {
            "id": str(i),
            "inputs": [{"name": "x", "datatype": datatypes[i % 5], "shape": [1, 2], "data": [i, 1]}],
        }
        for i in range(100)
    ]
    for i, answer in enumerate(all_at_once(server, bodies, "/v2/models/model/infer")):
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["id"] == str(i)
        (output,) = said["outputs"]
        assert output["shape"] == [1, 2]
        assert output["data"][0] == i + 1


def test_inputs_of_other_names_do_not_meet(server: Server) -> None:
    def body(i: int) -> Any:
        return {"instances": [{f"c{i % 4}": float(i)}]}

    bodies = [body(i) for i in range(80)]
    for i, answer in enumerate(all_at_once(server, bodies)):
        assert answer.status_code == 200, answer.text
        assert answer.json()["predictions"][0][0] == i


def test_an_answer_that_cannot_be_shared_out_is_never_another_callers(container: Container) -> None:
    server = container.start("--code", container.code(MEAN), *BATCHING).wait_ready()
    bodies = [{"instances": [[float(i)]] * (1 + i % 2)} for i in range(60)]
    for i, answer in enumerate(all_at_once(server, bodies)):
        if answer.status_code == 200:
            said = answer.json()["predictions"]
            assert said in ({"mean": i}, [{"mean": i}])
        else:
            assert answer.status_code == 500, answer.text
            assert set(answer.json()) == {"error", "id"}


def test_without_batching_each_call_is_one_request(container: Container) -> None:
    server = container.start(
        "--code", container.code(COUNTING), "--port", "0", "--queue", "1000"
    ).wait_ready()
    bodies = bodies_of(60, seed=5)
    for body, answer in zip(bodies, all_at_once(server, bodies), strict=True):
        assert check(body, answer) == [len(body["instances"])] * len(body["instances"])


def test_a_model_is_asked_in_batches_too(container: Container) -> None:
    server = container.start("--model", str(container.model), *BATCHING, "--queue", "1000").wait_ready()
    bodies = [{"instances": [[float(i), 0.0, 0.0]]} for i in range(200)]
    for i, answer in enumerate(all_at_once(server, bodies)):
        assert answer.json()["predictions"] == pytest.approx([i], abs=1e-9)


@pytest.mark.parametrize("batching", [False, True])
def test_a_full_queue_is_a_429_and_the_others_are_answered(container: Container, batching: bool) -> None:
    more = ("--batch-size", "4", "--batch-wait", "1") if batching else ()
    server, files = container.slow("--port", "0", "--concurrency", "1", "--queue", "2", *more)
    (files / "init-go").touch()
    server.wait_ready()
    url = f"{server.url}/predict"
    with ThreadPoolExecutor(12) as callers:
        first = callers.submit(requests.post, url, json={"instances": [[0]]}, timeout=120)
        appears(files / "run-begun", server)
        others = [
            callers.submit(requests.post, url, json={"instances": [[0]]}, timeout=120) for _ in range(11)
        ]
        end = time.monotonic() + DEADLINE
        while sum(one.done() for one in others) < 9:
            assert time.monotonic() < end, "nobody was turned away"
            time.sleep(0.01)
        assert server.get("/v2/health/ready").status_code == 200
        assert not first.done()
        (files / "run-go").touch()
        answers = [one.result() for one in [first, *others]]
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * 3 + [429] * 9
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["error"]
    assert server.post("/predict", json={"instances": [[1]]}).status_code == 200


def test_code_can_be_written_once_for_both(container: Container, tmp_path: Path) -> None:
    """A class is batched as a script is."""
    text = "class Sums:\n    def load(self, path): ...\n    def predict(self, batch):\n"
    text += "        return [[float(sum(row)), len(batch)] for row in batch]\n"
    code = container.code(text)
    server = container.start(
        "--code", code, "--model", str(tmp_path), *BATCHING, "--queue", "1000"
    ).wait_ready()
    bodies = bodies_of(100, seed=6)
    together = [check(body, answer) for body, answer in zip(bodies, all_at_once(server, bodies), strict=True)]
    assert max(max(one) for one in together) > 3
