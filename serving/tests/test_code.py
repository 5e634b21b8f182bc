"""A user's own code: its shapes, its crashes, and what the server does while it is busy."""

from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

SCRIPT = """
import sys, time
from pathlib import Path
from helper import double
from mlstack_serving import BadInput

started = []

def init():
    started.append(True)

def run(data):
    assert started
    if isinstance(data, dict):
        return {name: values.tolist() for name, values in data.items()}
    what = data[0] if isinstance(data[0], str) else None
    if what == "crash":
        raise KeyError("a secret of the code")
    if what == "exit":
        sys.exit(9)
    if what == "bad":
        raise BadInput("no such word", "instances[0]")
    if what == "set":
        return object()
    if what and what.startswith("wait "):
        begun = Path(what.split()[1])
        begun.touch()
        while not begun.with_suffix(".go").exists():
            time.sleep(0.01)
        return [what]
    return double(data)
"""

CLASS = """
from pathlib import Path

class Scaler:
    def load(self, path):
        self.factor = float((Path(path) / "factor.txt").read_text())

    def predict(self, batch):
        return {"scaled": batch * self.factor, "rows": len(batch) * [1]}
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "score.py").write_text(SCRIPT)
    (folder / "helper.py").write_text("def double(values):\n    return values * 2\n")
    return folder


def wait_for(path: Path) -> None:
    end = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not appear"
        time.sleep(0.01)


def test_a_script_with_init_and_run(launch: Any, code: Path) -> None:
    server = launch("--code", str(code)).wait_ready()

    def predict(instances: Any) -> requests.Response:
        answer: requests.Response = server.post("/predict", json={"instances": instances})
        return answer

    assert predict([[1, 2], [3, 4]]).json() == {"predictions": [[2, 4], [6, 8]]}
    assert predict([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]).json() == {
        "predictions": {"a": [1, 2], "b": ["x", "y"]}
    }
    tensor = {"name": "x", "datatype": "INT32", "shape": [2], "data": [1, 2]}
    infer = server.post("/v2/models/model/infer", json={"inputs": [tensor]}).json()
    assert infer["outputs"] == [{"name": "predict", "datatype": "INT32", "shape": [2], "data": [2, 4]}]
    wrong = {"inputs": [tensor], "outputs": [{"name": "other"}]}
    assert server.post("/v2/models/model/infer", json=wrong).json()["field"] == "outputs[0].name"

    bad = predict(["bad"])
    assert (bad.status_code, bad.json()) == (400, {"error": "no such word", "field": "instances[0]"})
    for word, in_log in (
        ("crash", "a secret of the code"),
        ("exit", "SystemExit(9)"),
        ("set", "no JSON form"),
    ):
        crash = predict([word])
        assert crash.status_code == 500
        assert crash.json().keys() == {"error", "id"}
        assert "secret" not in crash.text
        assert "Traceback" not in crash.text
        log = server.log.read_text()
        assert crash.json()["id"] == crash.headers["x-request-id"]
        after = log[log.index(f"request {crash.json()['id']} crashed") :]
        assert "Traceback" in after
        assert in_log in after
    assert predict([[1]]).status_code == 200


def test_a_class_with_load_and_predict(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "factor.txt").write_text("2.5")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "scaler.py").write_text(CLASS)
    server = launch("--code", str(folder), "--script", "scaler.py", "--model", str(tmp_path)).wait_ready()
    tensor = {"name": "x", "datatype": "FP32", "shape": [2, 1], "data": [1, 2]}
    outputs = server.post("/v2/models/model/infer", json={"inputs": [tensor]}).json()["outputs"]
    assert outputs == [
        {"name": "scaled", "datatype": "FP32", "shape": [2, 1], "data": [2.5, 5.0]},
        {"name": "rows", "datatype": "INT64", "shape": [2], "data": [1, 1]},
    ]


def test_a_raw_script_reads_the_body_itself(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(
        "import json, os\n"
        "def init():\n    global folder\n    folder = os.environ['AZUREML_MODEL_DIR']\n"
        "def run(raw_data):\n    return {'sum': sum(json.loads(raw_data)['data']), 'folder': folder}\n"
    )
    model = tmp_path / "model"
    model.mkdir()
    server = launch("--code", str(tmp_path), "--model", str(model)).wait_ready()
    for route in ("/", "/v2/models/model/infer"):
        assert server.post(route, data='{"data": [1, 2]}').json() == {"sum": 3, "folder": str(model)}
    assert server.post("/", data=b"\xff").status_code == 400


def test_health_answers_and_the_queue_ends_while_code_is_busy(
    launch: Any, code: Path, tmp_path: Path
) -> None:
    server = launch("--code", str(code), "--concurrency", "1", "--queue", "1").wait_ready()
    url = server.url

    def slow(name: str) -> requests.Response:
        body = {"instances": [f"wait {tmp_path / name}"]}
        return requests.post(f"{url}/predict", json=body, timeout=120)

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(slow, "first")
        wait_for(tmp_path / "first")
        second = callers.submit(slow, "second")
        while "mlstack_requests_in_flight" not in (text := server.get("/metrics").text) or (
            'mlstack_requests_in_flight{model="model"} 3' not in text
        ):
            time.sleep(0.01)
        refused = server.post("/predict", json={"instances": [[1]]})
        assert server.get("/v2/health/ready").status_code == 200
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        (tmp_path / "first.go").touch()
        (tmp_path / "second.go").touch()
        assert [first.result().status_code, second.result().status_code] == [200, 200]
    assert server.post("/predict", json={"instances": [[1]]}).status_code == 200


def test_sigterm_finishes_what_is_in_flight_and_takes_nothing_new(
    launch: Any, code: Path, tmp_path: Path
) -> None:
    server = launch("--code", str(code)).wait_ready()
    url = server.url
    host, port = url.removeprefix("http://").split(":")
    with ThreadPoolExecutor(1) as callers:
        body = {"instances": [f"wait {tmp_path / 'started'}"]}
        answer = callers.submit(requests.post, f"{url}/predict", json=body, timeout=120)
        wait_for(tmp_path / "started")
        server.process.send_signal(signal.SIGTERM)
        while _listens(host, int(port)):
            time.sleep(0.02)
        assert not answer.done()
        (tmp_path / "started.go").touch()
        assert answer.result().status_code == 200
    assert server.process.wait(120) == 0


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_code_that_never_ends_does_not_outlive_the_drain(launch: Any, code: Path, tmp_path: Path) -> None:
    server = launch("--code", str(code), "--drain", "1").wait_ready()
    with ThreadPoolExecutor(1) as callers:
        body = {"instances": [f"wait {tmp_path / 'started'}"]}
        answer = callers.submit(requests.post, f"{server.url}/predict", json=body, timeout=120)
        wait_for(tmp_path / "started")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(120) == 0
        outcome = answer.exception() or answer.result().status_code
        assert isinstance(outcome, requests.ConnectionError) or outcome == 500


def test_sigterm_while_the_model_is_loading(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(
        "import pathlib, time\n"
        f"def init():\n    pathlib.Path({str(tmp_path / 'loading')!r}).touch()\n    time.sleep(600)\n"
        "def run(data):\n    return data\n"
    )
    server = launch("--code", str(tmp_path))
    wait_for(tmp_path / "loading")
    assert server.get("/v2/health/live").status_code == 200
    assert server.get("/v2/health/ready").status_code == 503
    assert server.get("/v2/models/model/ready").status_code == 503
    early = server.post("/predict", json={"instances": [[1]]})
    assert (early.status_code, early.headers["retry-after"]) == (503, "1")
    assert server.stop() == 0


def test_code_may_be_somewhere_else(launch: Any, code: Path) -> None:
    server = launch("--code", code.as_uri()).wait_ready()
    assert server.post("/predict", json={"instances": [[1, 2]]}).json() == {"predictions": [[2, 4]]}
