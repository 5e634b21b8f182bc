"""Started and asked as KServe does it, with both protocols; the rules are in ``rules.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
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

READY, MODEL, V1 = "/v2/health/ready", "/v2/models/sums", "/v1/models/sums"
TENSOR = {"name": "x", "datatype": "FP64", "shape": [3, 3], "data": [value for row in ROWS for value in row]}


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("kserve"), MLSTACK_CONTRACT="kserve", MLSTACK_MODEL_NAME="sums")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    made = container.start(MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model), MLSTACK_MODEL_VERSION="7")
    answers(made, READY)
    return made


def test_listens_on_8080_on_every_address(container: Container, server: Server) -> None:
    assert listens_everywhere(server)
    wants_port(container.start(MLSTACK_MODEL=str(container.model)), 8080)


def test_knative_gives_the_port(container: Container) -> None:
    port = free_port()
    env = {"PORT": str(port), "K_SERVICE": "sums", "MLSTACK_MODEL": str(container.model)}
    wants_port(container.start(**env), port)


def test_the_model_is_in_mnt_models(container: Container) -> None:
    looks_for_the_model_in(container.start(MLSTACK_PORT="0"), "/mnt/models")


def test_live_and_ready(container: Container) -> None:
    server, files = container.slow(MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model))
    appears(files / "init-begun", server)
    assert server.get("/v2/health/live").status_code == 200
    assert server.get(READY).status_code == 503
    assert server.get(f"{MODEL}/ready").status_code == 503
    assert server.get(V1).status_code == 503
    (files / "init-go").touch()
    answers(server, READY)
    assert server.get("/v2/health/live").status_code == 200


def test_model_ready(server: Server) -> None:
    assert server.get(f"{MODEL}/ready").status_code == 200
    assert server.get("/v2/models/others/ready").status_code == 404


def test_server_metadata(server: Server) -> None:
    said = server.get("/v2").json()
    assert isinstance(said["name"], str)
    assert isinstance(said["version"], str)
    assert isinstance(said["extensions"], list)


def test_model_metadata(server: Server) -> None:
    said = server.get(MODEL).json()
    assert said["name"] == "sums"
    assert said["versions"] == ["7"]
    assert isinstance(said["platform"], str)
    assert [item["shape"] for item in said["inputs"]] == [[-1, 3]]
    assert [set(item) for item in said["outputs"]] == [{"name", "datatype", "shape"}]


def test_infer(server: Server) -> None:
    answer = server.post(f"{MODEL}/infer", json={"id": "42", "inputs": [TENSOR]})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    said = answer.json()
    assert (said["model_name"], said["model_version"], said["id"]) == ("sums", "7", "42")
    (output,) = said["outputs"]
    assert set(output) >= {"name", "shape", "datatype", "data"}
    assert (output["shape"], output["datatype"]) == ([3], "FP64")
    assert output["data"] == pytest.approx(SUMS)


def test_data_may_be_nested(server: Server) -> None:
    for data in (ROWS, TENSOR["data"], [ROWS[0], ROWS[1], ROWS[2]]):
        answer = server.post(f"{MODEL}/infer", json={"inputs": [{**TENSOR, "data": data}]})
        assert answer.json()["outputs"][0]["data"] == pytest.approx(SUMS)


def test_versions_have_routes(server: Server) -> None:
    body = {"inputs": [TENSOR]}
    assert server.get(f"{MODEL}/versions/7").json()["name"] == "sums"
    assert server.get(f"{MODEL}/versions/7/ready").status_code == 200
    assert server.post(f"{MODEL}/versions/7/infer", json=body).json()["model_version"] == "7"
    assert server.post(f"{MODEL}/versions/8/infer", json=body).status_code == 404


def test_outputs_can_be_chosen(server: Server) -> None:
    (known,) = server.get(MODEL).json()["outputs"]
    body = {"inputs": [TENSOR], "outputs": [{"name": known["name"], "parameters": {"binary_data": False}}]}
    answer = server.post(f"{MODEL}/infer", json=body)
    assert [item["name"] for item in answer.json()["outputs"]] == [known["name"]]
    body["outputs"] = [{"name": "unknown"}]
    refused = server.post(f"{MODEL}/infer", json=body)
    assert (refused.status_code, refused.json()["field"]) == (400, "outputs[0].name")


def test_parameters_are_no_error(server: Server) -> None:
    body = {"parameters": {"a": 1}, "inputs": [{**TENSOR, "parameters": {"content_type": "np"}}]}
    assert server.post(f"{MODEL}/infer", json=body).status_code == 200


def test_errors_have_a_message(server: Server) -> None:
    for route, body in ((f"{MODEL}/infer", {"inputs": []}), (f"{V1}:predict", {"instances": 1})):
        answer = server.post(route, json=body)
        assert answer.status_code == 400
        assert isinstance(answer.json()["error"], str)


def test_an_unknown_model_is_404(server: Server) -> None:
    for route in ("/v2/models/other", "/v1/models/other"):
        assert server.get(route).status_code == 404
    for route in ("/v2/models/other/infer", "/v1/models/other:predict"):
        answer = server.post(route, json={"inputs": [TENSOR], "instances": ROWS})
        assert answer.status_code == 404
        assert isinstance(answer.json()["error"], str)


def test_v1_lists_models(server: Server) -> None:
    assert server.get("/v1/models").json() == {"models": ["sums"]}


def test_v1_model_ready(server: Server) -> None:
    assert server.get(V1).json() == {"name": "sums", "ready": True}


def test_v1_predict(server: Server) -> None:
    answer = server.post(f"{V1}:predict", json={"instances": ROWS})
    assert set(answer.json()) == {"predictions"}
    assert answer.json()["predictions"] == pytest.approx(SUMS)
    assert server.get(f"{V1}:predict").status_code == 405


def test_v1_predict_takes_inputs(server: Server) -> None:
    assert server.post(f"{V1}:predict", json={"inputs": ROWS}).json()["predictions"] == pytest.approx(SUMS)


def test_sigterm_drains(container: Container) -> None:
    server, files = container.slow(MLSTACK_PORT="0", MLSTACK_MODEL=str(container.model))
    probe_and_drain(server, files, READY, f"{V1}:predict", {"instances": [[0]]})
