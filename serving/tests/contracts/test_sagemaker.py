"""Started and asked as SageMaker does it; the rules are in ``rules.py``."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from serving.tests.conftest import Server
from serving.tests.contracts.container import (
    ROWS,
    SUMS,
    Container,
    answers,
    appears,
    free_port,
    listens_everywhere,
    looks_for_the_model_in,
    probe_and_drain,
    wants_port,
)

PING, INVOKE = "/ping", "/invocations"
NPY = "application/x-npy"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("sagemaker"), MLSTACK_CONTRACT="sagemaker")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    made = container.start("serve", MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model))
    answers(made, PING)
    return made


def npy(rows: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(rows), **options)
    return stream.getvalue()


def invoke(server: Server, body: bytes, content_type: str, **headers: str) -> requests.Response:
    return server.post(INVOKE, data=body, headers={"content-type": content_type, **headers})


def test_is_started_with_serve(server: Server) -> None:
    assert server.process.poll() is None
    assert "serve" in server.process.args


def test_listens_on_8080_on_every_address(container: Container, server: Server) -> None:
    assert listens_everywhere(server)
    wants_port(container.start("serve", MLSTACK_MODEL=str(container.model)), 8080)


def test_the_bind_port_can_be_given(container: Container) -> None:
    port = free_port()
    env = {"SAGEMAKER_BIND_TO_PORT": str(port), "MLSTACK_MODEL": str(container.model)}
    wants_port(container.start("serve", **env), port)


def test_the_model_is_in_opt_ml_model(container: Container) -> None:
    looks_for_the_model_in(container.start("serve", MLSTACK_PORT="0"), "/opt/ml/model")


def test_ping_is_200_only_when_ready(container: Container) -> None:
    server, files = container.slow("serve", MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model))
    appears(files / "init-begun", server)
    assert server.get(PING).status_code == 503
    (files / "init-go").touch()
    assert len(answers(server, PING).content) < 1024


def test_ping_answers_while_the_model_works(container: Container) -> None:
    server, files = container.slow(
        "serve", MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model), MLSTACK_QUEUE="1"
    )
    probe_and_drain(server, files, PING, INVOKE, {"instances": [[0, 0]]})


def test_invocations_takes_json(server: Server) -> None:
    answer = invoke(server, json.dumps({"instances": ROWS}).encode(), "application/json")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["predictions"] == pytest.approx(SUMS)


def test_invocations_takes_csv_without_header(server: Server) -> None:
    body = "\n".join(",".join(map(str, row)) for row in ROWS).encode()
    for content_type in ("text/csv", "text/csv; charset=utf-8", "text/csv;label_size=0"):
        answer = invoke(server, body, content_type, accept="application/json")
        assert answer.status_code == 200, answer.text
        assert answer.json()["predictions"] == pytest.approx(SUMS)


def test_invocations_takes_npy(server: Server) -> None:
    for rows in (np.array(ROWS), np.array(ROWS, dtype="f4"), np.asfortranarray(ROWS)):
        answer = invoke(server, npy(rows), NPY, accept="application/json")
        assert answer.status_code == 200, answer.text
        assert answer.json()["predictions"] == pytest.approx(SUMS)
    cut = invoke(server, npy(ROWS)[:-3], NPY)
    assert cut.status_code == 400
    assert cut.json()["field"] == "body"


class Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> Any:
        return (open, (str(self.proof), "w"))


def test_npy_with_pickle_is_refused(server: Server, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    array = np.array([[Trap(proof)]], dtype=object)
    header = npy(np.array([[1]], dtype=object), allow_pickle=True)
    for body in (npy(array, allow_pickle=True), header.replace(b"|O", b"|O") + pickle.dumps(Trap(proof))):
        answer = invoke(server, body, NPY)
        assert answer.status_code == 400, answer.text
        assert answer.json()["field"] == "body"
    assert invoke(server, pickle.dumps(Trap(proof)), NPY).status_code == 400
    assert not proof.exists()


def test_accept_chooses_the_answers_type(server: Server) -> None:
    body = npy(ROWS)
    answer = invoke(server, body, NPY, accept=NPY)
    assert answer.headers["content-type"] == NPY
    assert np.load(io.BytesIO(answer.content)) == pytest.approx(np.array(SUMS))
    answer = invoke(server, body, NPY, accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert [float(line) for line in answer.text.split()] == pytest.approx(SUMS)
    for accept in ("*/*", "application/json", "text/html, application/json;q=0.9"):
        answer = invoke(server, json.dumps({"instances": ROWS}).encode(), "application/json", accept=accept)
        assert answer.json()["predictions"] == pytest.approx(SUMS)


def test_an_unknown_content_type_is_415(server: Server) -> None:
    answer = invoke(server, b"<a/>", "application/xml")
    assert (answer.status_code, answer.json()["field"]) == (415, "content-type")
    assert NPY in answer.json()["error"]


def test_bad_input_is_400(server: Server) -> None:
    for body, content_type in (
        (json.dumps({"instances": [[1, 2]]}).encode(), "application/json"),
        (b"1,2\n", "text/csv"),
        (npy([[1.0, 2.0]]), NPY),
        (npy(["a"]), NPY),
        (npy(np.zeros((0, 3))), NPY),
        (b"", "application/json"),
    ):
        answer = invoke(server, body, content_type)
        assert answer.status_code == 400, (body, answer.text)
        assert set(answer.json()) == {"error", "field"}


def test_the_containers_environment_reaches_the_code(container: Container) -> None:
    server, files = container.slow(
        "serve", MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model), GREETING="hello"
    )
    (files / "init-go").touch()
    answers(server, PING)
    assert server.post(INVOKE, json={"instances": [[1]]}).json() == {"predictions": ["hello"]}


def test_sigterm_drains(container: Container) -> None:
    server, files = container.slow("serve", MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model))
    probe_and_drain(server, files, PING, INVOKE, {"instances": [[0]]})


def test_other_routes_are_404(server: Server) -> None:
    assert server.get("/nothing").status_code == 404
    wrong = server.get(INVOKE)
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["allow"]


def test_mlflow_bodies(server: Server) -> None:
    columns = ["a", "b", "c"]
    for body in (
        {"dataframe_split": {"columns": columns, "data": ROWS}},
        {"dataframe_split": {"columns": columns, "index": [0, 1, 2], "data": ROWS}},
        {"dataframe_records": [dict(zip(columns, row, strict=True)) for row in ROWS]},
        {"instances": ROWS},
        {"inputs": ROWS},
    ):
        answer = server.post(INVOKE, json=body)
        assert answer.status_code == 200, (body, answer.text)
        assert answer.json()["predictions"] == pytest.approx(SUMS)
