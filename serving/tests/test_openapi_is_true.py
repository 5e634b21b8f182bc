"""The description that the server gives of itself: valid, complete, true, and shown without the internet."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from serving.tests import environments
from serving.tests.conftest import Server
from serving.tests.contracts.container import ROWS, Container, answers

CONTRACTS: dict[str, tuple[dict[str, str], str, set[str]]] = {
    "v2": (
        {},
        "/v2/health/ready",
        {
            "/v2/models/sums/infer",
            "/v2/models/sums",
            "/v2/health/live",
            "/v2/health/ready",
            "/v2",
            "/predict",
        },
    ),
    "kserve": (
        {},
        "/v2/health/ready",
        {"/v2/models/sums/infer", "/v1/models/sums:predict", "/v1/models/sums", "/v1/models"},
    ),
    "sagemaker": ({}, "/ping", {"/ping", "/invocations"}),
    "vertex": (
        {"AIP_HEALTH_ROUTE": "/well", "AIP_PREDICT_ROUTE": "/say", "AIP_HTTP_PORT": "0"},
        "/well",
        {"/well", "/say"},
    ),
    "azureml": ({}, "/ready", {"/live", "/ready", "/score"}),
}


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("openapi"), MLSTACK_MODEL_NAME="sums")
    yield made
    made.stop()


@pytest.fixture(scope="module", params=CONTRACTS)
def server(request: pytest.FixtureRequest, container: Container) -> tuple[str, Server]:
    env, health, _ = CONTRACTS[request.param]
    made = container.start("--model", str(container.model), "--port", "0", "--contract", request.param, **env)
    answers(made, health)
    return request.param, made


def document(server: Server) -> Any:
    answer = server.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json()


def names(paths: Any, given: dict[str, str]) -> set[str]:
    """Paths with what stands in braces filled in."""
    return {re.sub(r"\{(\w+)\}", lambda found: given.get(found[1], found[0]), path) for path in paths}


def test_it_is_valid_openapi_3_1(server: tuple[str, Server]) -> None:
    said = document(server[1])
    assert said["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(said).validate()
    assert said["info"]["title"]


def test_it_names_the_routes_of_its_contract(server: tuple[str, Server]) -> None:
    contract, running = server
    said = document(running)
    given = {"model": "sums", "name": "sums", "model_name": "sums", "m": "sums"}
    assert names(said["paths"], given) >= CONTRACTS[contract][2]


def test_what_it_says_is_there_is_there(server: tuple[str, Server]) -> None:
    running = server[1]
    for path, methods in document(running)["paths"].items():
        for parameter in methods.get("parameters", []):
            assert parameter["in"] == "path"
        route = re.sub(r"\{\w+\}", "sums", path)
        for method, operation in methods.items():
            if method not in ("get", "post"):
                continue
            answer = running.get(route) if method == "get" else running.post(route, json={"instances": ROWS})
            assert str(answer.status_code) in operation["responses"], (method, path, answer.text)


def test_every_operation_says_what_goes_in_and_comes_out(server: tuple[str, Server]) -> None:
    for path, methods in document(server[1])["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post"):
                continue
            assert operation.get("summary") or operation.get("description"), (method, path)
            if method == "post":
                assert "application/json" in operation["requestBody"]["content"], path
                assert {"200", "400"} <= set(operation["responses"]), path


class Page(HTMLParser):
    """Every address that a browser would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag
        for name, value in attrs:
            if name in ("src", "srcset", "poster", "data", "action") or (name == "href" and tag != "a"):
                self.fetched.append(value or "")
            if name == "style":
                self.handle_style(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within == "style":
            self.handle_style(data)
        elif self.within == "script":
            self.fetched += re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'<>]*", data)

    def handle_style(self, text: str) -> None:
        self.fetched += re.findall(r"url\(\s*[\"']?([^)\"']*)", text)
        self.fetched += re.findall(r"@import\s+[\"']([^\"']*)", text)


def test_the_page_needs_nothing_from_outside(server: tuple[str, Server]) -> None:
    answer = server[1].get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = Page()
    page.feed(answer.text)
    for address in page.fetched:
        assert address.startswith(("data:", "/", "#")), address
        assert not address.startswith("//"), address
    assert "openapi.json" in answer.text


@pytest.mark.parametrize("server", ["v2", pytest.param("sagemaker", marks=pytest.mark.soak)], indirect=True)
def test_no_request_that_it_allows_is_a_500(server: tuple[str, Server], tmp_path: Path) -> None:
    running = server[1]
    tool = environments.python("schemathesis").parent / "schemathesis"
    done = subprocess.run(
        [
            *(str(tool), "run", f"{running.url}/openapi.json", "--checks", "not_a_server_error"),
            *("--max-examples", "10", "--phases", "examples,coverage,fuzzing", "--seed", "7"),
        ],
        env=environments.variables(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert running.process.poll() is None
    route = "/predict" if server[0] == "v2" else "/invocations"
    assert running.post(route, json={"instances": ROWS}).status_code == 200
