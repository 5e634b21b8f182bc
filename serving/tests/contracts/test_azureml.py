"""Started and asked as Azure ML does it, beside the platform's own server; the rules are in ``rules.py``."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from serving.tests import environments
from serving.tests.conftest import DEADLINE, Server
from serving.tests.contracts.container import (
    ROWS,
    SUMS,
    Container,
    answers,
    appears,
    free_port,
    listens_everywhere,
    probe_and_drain,
)

LIVE, READY, SCORE = "/live", "/ready", "/score"
JSON = {"content-type": "application/json"}

# What a script that was written for the platform does, and each kind of value that it may return.
SCORE_PY = """
import json, os
from pathlib import Path

def init():
    global factor
    factor = float((Path(os.environ["AZUREML_MODEL_DIR"]) / "factor.txt").read_text())

def run(raw_data):
    asked = json.loads(raw_data)
    if asked["do"] == "fail":
        raise RuntimeError("what only the log may say")
    return {
        "list": [factor * value for value in asked["data"]],
        "object": {"sum": factor * sum(asked["data"]), "of": asked["data"]},
        "text": json.dumps({"sum": sum(asked["data"])}),
        "number": factor,
        "nothing": None,
        "truth": True,
    }[asked["do"]]
"""
VALUES = ("list", "object", "text", "number", "nothing", "truth")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("azureml"), MLSTACK_CONTRACT="azureml", MLSTACK_PORT="0")
    (made.model / "factor.txt").write_text("2.5")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    made = container.start(AZUREML_MODEL_DIR=str(container.model))
    answers(made, READY)
    return made


@pytest.fixture(scope="module")
def scripted(container: Container) -> Server:
    made = container.start(AZUREML_MODEL_DIR=str(container.model), MLSTACK_CODE=container.code(SCORE_PY))
    answers(made, READY)
    return made


@pytest.fixture(scope="module")
def theirs(container: Container) -> Iterator[str]:
    """The platform's own server with the same script: its address."""
    port = free_port()
    python = environments.python("azureml")
    script = Path(container.code(SCORE_PY)) / "score.py"
    log = container.scratch / "theirs.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [str(python.parent / "azmlinfsrv"), "--entry_script", str(script), "--port", str(port)],
            env=environments.variables(AZUREML_MODEL_DIR=str(container.model), PATH=path_of(python)),
            stdout=stream,
            stderr=stream,
            cwd=container.scratch,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(DEADLINE)


def path_of(python: Path) -> str:
    return f"{python.parent}{os.pathsep}{os.environ['PATH']}"


def wait_for(url: str, process: Any, log: Path) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(url, timeout=120)
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_listens_on_every_address(server: Server) -> None:
    assert listens_everywhere(server)


def test_the_model_is_in_azureml_model_dir(server: Server) -> None:
    assert server.post(SCORE, json={"instances": ROWS}).json()["predictions"] == pytest.approx(SUMS)


def test_liveness_readiness_and_scoring(container: Container) -> None:
    server, files = container.slow(AZUREML_MODEL_DIR=str(container.model))
    appears(files / "init-begun", server)
    assert server.get(LIVE).status_code == 200
    assert server.get(READY).status_code == 503
    assert server.post(SCORE, json={"instances": [[1]]}).status_code == 503
    (files / "init-go").touch()
    answers(server, READY)
    assert server.post(SCORE, json={"instances": [[1]]}).status_code == 200


def test_the_root_is_the_liveness_probe(server: Server, theirs: str) -> None:
    assert requests.get(theirs, timeout=120).status_code == 200
    assert server.get("/").status_code == 200


def test_score_takes_the_request(server: Server) -> None:
    text = "\n".join(",".join(map(str, row)) for row in ROWS)
    answer = server.post(SCORE, data=text, headers={"content-type": "text/csv"})
    assert answer.json()["predictions"] == pytest.approx(SUMS)
    bad = server.post(SCORE, json={"instances": [[1, 2]]})
    assert (bad.status_code, bad.json()["field"]) == (400, "instances[0]")


def test_the_entry_script_can_be_given(container: Container) -> None:
    root = Path(container.code("raise RuntimeError('another script')"))
    (root / "serve").mkdir()
    (root / "serve" / "main.py").write_text(SCORE_PY)
    server = container.start(
        AZUREML_MODEL_DIR=str(container.model), AML_APP_ROOT=str(root), AZUREML_ENTRY_SCRIPT="serve/main.py"
    )
    answers(server, READY)
    assert server.post(SCORE, json={"do": "list", "data": [1, 2]}).json() == [2.5, 5.0]


def test_the_same_script_answers_the_same(scripted: Server, theirs: str) -> None:
    for word in VALUES:
        body = json.dumps({"do": word, "data": [1, 2, 3]})
        expected = requests.post(theirs + SCORE, data=body, headers=JSON, timeout=120)
        assert expected.status_code == 200, expected.text
        answer = scripted.post(SCORE, data=body, headers=JSON)
        assert answer.status_code == 200, answer.text
        assert answer.json() == expected.json(), word
        assert answer.headers["content-type"].split(";")[0] == "application/json"
    for body in (b"\xff\xfe",):
        assert requests.post(theirs + SCORE, data=body, headers=JSON, timeout=120).status_code == 400
        assert scripted.post(SCORE, data=body, headers=JSON).status_code == 400


def test_a_crash_of_the_script_is_500(scripted: Server, theirs: str) -> None:
    for body in (b'{"do": "fail", "data": []}', b'{"do": "unknown", "data": []}'):
        assert requests.post(theirs + SCORE, data=body, headers=JSON, timeout=120).status_code == 500
        answer = scripted.post(SCORE, data=body, headers=JSON)
        assert answer.status_code == 500
        assert set(answer.json()) == {"error", "id"}
        assert "what only the log may say" not in answer.text
    assert scripted.post(SCORE, json={"do": "number", "data": [1]}).json() == 2.5


def test_the_request_id_comes_back(scripted: Server, theirs: str) -> None:
    for send in (requests.post(theirs + SCORE, **asked(), timeout=120), scripted.post(SCORE, **asked())):
        assert send.headers["x-request-id"] == "a-b.c_1"


def asked() -> dict[str, Any]:
    return {"json": {"do": "number", "data": [1]}, "headers": {"x-request-id": "a-b.c_1"}}


def test_input_data_of_mlflow(server: Server) -> None:
    columns = ["a", "b", "c"]
    for data in (
        {"columns": columns, "index": [0, 1, 2], "data": ROWS},
        {"columns": columns, "data": ROWS},
        ROWS,
    ):
        answer = server.post(SCORE, json={"input_data": data})
        assert answer.status_code == 200, (data, answer.text)
        said = answer.json()
        assert (said["predictions"] if isinstance(said, dict) else said) == pytest.approx(SUMS)


def test_mlflow_bodies(server: Server) -> None:
    columns = ["a", "b", "c"]
    for body in (
        {"dataframe_split": {"columns": columns, "data": ROWS}},
        {"dataframe_records": [dict(zip(columns, row, strict=True)) for row in ROWS]},
        {"instances": ROWS},
        {"inputs": ROWS},
    ):
        answer = server.post(SCORE, json=body)
        assert answer.status_code == 200, (body, answer.text)
        assert answer.json()["predictions"] == pytest.approx(SUMS)
    for body, part in (
        ({"dataframe_split": {"columns": columns}}, "dataframe_split"),
        ({"dataframe_split": {"columns": columns, "data": [[1, 2]]}}, "dataframe_split"),
        ({"dataframe_records": [1]}, "dataframe_records"),
        ({"input_data": 3}, "input_data"),
    ):
        answer = server.post(SCORE, json=body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["field"].startswith(part)


def test_sigterm_drains(container: Container) -> None:
    server, files = container.slow(AZUREML_MODEL_DIR=str(container.model))
    probe_and_drain(server, files, READY, SCORE, {"instances": [[0]]})
