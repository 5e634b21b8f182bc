"""Started and asked as Vertex AI does it; the rules are in ``rules.py``."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
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
    wants_port,
)

HEALTH = "/v1/endpoints/123/deployedModels/456"
PREDICT = f"{HEALTH}:predict"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(
        tmp_path_factory.mktemp("vertex"),
        MLSTACK_CONTRACT="vertex",
        AIP_HTTP_PORT="0",
        AIP_HEALTH_ROUTE=HEALTH,
        AIP_PREDICT_ROUTE=PREDICT,
    )
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    made = container.start(MLSTACK_MODEL=str(container.model))
    answers(made, HEALTH)
    return made


def test_listens_on_aip_http_port_on_every_address(container: Container, server: Server) -> None:
    assert listens_everywhere(server)
    port = free_port()
    wants_port(container.start(AIP_HTTP_PORT=str(port), MLSTACK_MODEL=str(container.model)), port)


def test_the_health_route_is_given(container: Container) -> None:
    server, files = container.slow(AIP_HEALTH_ROUTE="/is/it/well", MLSTACK_MODEL=str(container.model))
    appears(files / "init-begun", server)
    assert server.get("/is/it/well").status_code == 503
    (files / "init-go").touch()
    answers(server, "/is/it/well")


def test_the_predict_route_is_given(server: Server) -> None:
    answer = server.post(PREDICT, json={"instances": ROWS})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.json()) == {"predictions"}
    assert server.get(PREDICT).status_code == 405
    assert server.post("/elsewhere", json={"instances": ROWS}).status_code == 404


def test_predictions_are_as_many_as_instances(server: Server) -> None:
    assert server.post(PREDICT, json={"instances": ROWS}).json()["predictions"] == pytest.approx(SUMS)
    assert server.post(PREDICT, json={"instances": ROWS[1:2]}).json()["predictions"] == pytest.approx(
        SUMS[1:2]
    )


def test_parameters_are_no_error(server: Server) -> None:
    body = {"instances": ROWS, "parameters": {"confidence": 0.5}}
    assert server.post(PREDICT, json=body).json()["predictions"] == pytest.approx(SUMS)


def test_instances_may_be_objects(container: Container) -> None:
    code = "def run(data):\n    return [f'{a}{b}' for a, b in zip(data['a'], data['b'])]\n"
    server = container.start(MLSTACK_CODE=container.code(code))
    answers(server, HEALTH)
    body = {"instances": [{"a": 1, "b": "x"}, {"b": "y", "a": 2}]}
    assert server.post(PREDICT, json=body).json() == {"predictions": ["1x", "2y"]}


def test_raw_predict_hands_any_type_on(server: Server) -> None:
    text = "\n".join(",".join(map(str, row)) for row in ROWS)
    answer = server.post(PREDICT, data=text, headers={"content-type": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["predictions"] == pytest.approx(SUMS)


def test_bad_input_is_400(server: Server) -> None:
    for body in (b"{}", b'{"instances": 3}', b'{"instances": [[1]]}', b"[]", b"nothing"):
        answer = server.post(PREDICT, data=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"error", "field"}


@pytest.fixture
def bucket(container: Container, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A Cloud Storage emulator with the model in it: its address, and the folder's URI."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "gcp-storage-emulator"), "start"]
    with (tmp_path / "emulator.log").open("wb") as log:
        emulator = subprocess.Popen(
            [
                *command,
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--in-memory",
                "--default-bucket",
                "models",
            ],
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + DEADLINE
        while True:
            try:
                requests.get(url, timeout=120)
                break
            except requests.ConnectionError:
                assert time.monotonic() < end, (tmp_path / "emulator.log").read_text()
                time.sleep(0.05)
        file = container.model / "model.joblib"
        upload = f"{url}/upload/storage/v1/b/models/o?uploadType=media&name=sums/7/{file.name}"
        requests.post(upload, data=file.read_bytes(), timeout=120).raise_for_status()
        yield url, "gs://models/sums/7/"
    finally:
        emulator.terminate()
        emulator.wait(DEADLINE)


def test_artifacts_come_from_the_storage_uri(container: Container, bucket: tuple[str, str]) -> None:
    url, uri = bucket
    server = container.start(AIP_STORAGE_URI=uri, STORAGE_EMULATOR_HOST=url)
    answers(server, HEALTH)
    assert server.post(PREDICT, json={"instances": ROWS}).json()["predictions"] == pytest.approx(SUMS)


def test_other_aip_variables_do_no_harm(container: Container) -> None:
    server = container.start(
        MLSTACK_MODEL=str(container.model),
        AIP_MODE="PREDICTION",
        AIP_ENDPOINT_ID="123",
        AIP_DEPLOYED_MODEL_ID="456",
        AIP_ACCELERATOR_TYPE="",
        AIP_FRAMEWORK="CUSTOM_CONTAINER",
        AIP_VERSION_NAME="456",
        AIP_STORAGE_URI="gs://models/unreached/",
    )
    answers(server, HEALTH)


def test_sigterm_drains(container: Container) -> None:
    server, files = container.slow(MLSTACK_MODEL=str(container.model))
    probe_and_drain(server, files, HEALTH, PREDICT, {"instances": [[0]]})
