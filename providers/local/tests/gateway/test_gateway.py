"""A real gateway over real HTTP, before servers of the test's own."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from mlstack_local import ports
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.config import BODY_LIMIT
from prometheus_client.parser import text_string_to_metric_families

Gateway = Any
Make = Callable[..., Any]
KEY = "the-key"


def behind(*backends: Any, timeout: float = 20) -> configs.Backend:
    return configs.Backend("g", tuple(backend.port for backend in backends), timeout)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": KEY},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"x-mlstack-admin": "wrong"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/v2", "/metrics", "/-/state", "/v2/health/ready/", "/anything"])
def test_without_the_key_there_is_no_answer(
    gateway: Gateway, backends: Make, headers: dict[str, str], path: str
) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=behind(blue))
    answer = requests.post(gateway.url(path), headers=headers, json={"instances": []}, timeout=120)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="mlstack"'
    assert "Authorization: Bearer KEY" in answer.json()["error"]
    assert blue.seen == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [({}, "this endpoint needs its key"), ({"Authorization": "Bearer wrong"}, "that is not the key")],
)
def test_a_wrong_key_is_not_called_a_missing_one(
    gateway: Gateway, headers: dict[str, str], words: str
) -> None:
    gateway.set({})
    answer = requests.post(gateway.url("/"), headers=headers, json={"instances": []}, timeout=120)
    assert answer.json()["error"].startswith(words)


def test_a_request_arrives_as_it_was_sent_but_for_the_key(gateway: Gateway, backends: Make) -> None:
    gateway.set({"blue": 100}, blue=behind(backends("blue")))
    answer = gateway.ask(
        "/v2/models/digits/in%20fer?a=1&b=%2F",
        "PUT",
        data=b"x" * 1000,
        headers={"x-thing": "y", "content-type": "text/csv", "x-request-id": "mine-1"},
    )
    assert answer.status_code == 200
    sent = answer.json()
    assert (sent["method"], sent["path"]) == ("PUT", "/v2/models/digits/in%20fer?a=1&b=%2F")
    assert sent["size"] == 1000
    assert sent["headers"]["x-thing"] == "y"
    assert sent["headers"]["content-type"] == "text/csv"
    assert sent["headers"]["x-request-id"] == "mine-1"
    assert "authorization" not in sent["headers"]
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["x-mlstack-deployment"] == "blue"
    assert answer.headers["x-own"] == "kept"
    assert len(gateway.ask().headers["x-request-id"]) == 24


def test_the_split_holds_and_a_header_skips_it(gateway: Gateway, backends: Make) -> None:
    gateway.set({"blue": 90, "green": 10}, blue=behind(backends("blue")), green=behind(backends("green")))
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {KEY}"
        chosen = Counter(session.post(gateway.url()).json()["server"] for _ in range(500))
        assert chosen == {"blue": 450, "green": 50}
        named = [
            session.post(gateway.url(), headers={"x-mlstack-deployment": "green"}).json()["server"]
            for _ in range(20)
        ]
    assert named == ["green"] * 20
    lost = gateway.ask(headers={"x-mlstack-deployment": "red"})
    assert lost.status_code == 404
    assert lost.json() == {"error": "there is no deployment 'red'; there is: blue, green"}


def test_without_traffic_or_workers_it_says_so(gateway: Gateway, backends: Make) -> None:
    gateway.set({}, blue=behind(backends("blue")))
    answer = gateway.ask()
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": "no deployment of this endpoint has traffic"},
    )
    assert answer.headers["retry-after"] == "5"
    assert gateway.ask(headers={"x-mlstack-deployment": "blue"}).status_code == 200
    gateway.set({"blue": 100}, blue=behind())
    assert gateway.ask().json() == {"error": "no worker of this deployment is ready"}


def test_health_is_open_and_tells_of_every_deployment_with_traffic(gateway: Gateway, backends: Make) -> None:
    blue, green = backends("blue"), backends("green")
    gateway.set({"blue": 100, "green": 0}, blue=behind(blue), green=behind(green))
    assert requests.get(gateway.url("/v2/health/live"), timeout=120).json() == {"live": True}
    assert requests.get(gateway.url("/v2/health/ready"), timeout=120).json() == {"ready": True}
    blue.behave = lambda handler: handler.answer(503, {"ready": False}) or True
    answer = requests.get(gateway.url("/v2/health/ready"), timeout=120)
    assert (answer.status_code, answer.json()["error"]) == (503, "deployment 'blue' has no ready worker")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (ports.free(f"{gateway.folder} nobody"),), 20))
    assert requests.get(gateway.url("/v2/health/ready"), timeout=120).status_code == 503
    gateway.set({})
    assert (
        requests.get(gateway.url("/v2/health/ready"), timeout=120).json()["error"]
        == "no deployment has traffic"
    )


def test_a_worker_that_is_not_there_is_passed_over(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    gateway.set(
        {"blue": 100}, blue=configs.Backend("g", (ports.free(f"{gateway.folder} nobody"), blue.port), 20)
    )
    assert [gateway.ask().status_code for _ in range(10)] == [200] * 10


def test_requests_wait_for_a_worker_that_is_coming_back(gateway: Gateway, backends: Make) -> None:
    port = ports.free(f"{gateway.folder} comes later")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (port,), 20))
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(gateway.ask().status_code)) for _ in range(5)]
    for thread in threads:
        thread.start()
    time.sleep(0.6)
    backend = backends("late", port)
    busy = True

    def not_yet(handler: Any) -> bool:
        if busy:
            handler.answer(503, {"error": "loading"})
        return busy

    backend.behave = not_yet
    time.sleep(0.4)
    assert codes == []
    busy = False
    for thread in threads:
        thread.join()
    assert codes == [200] * 5


@pytest.mark.timeout(60)
def test_a_worker_that_never_comes_is_a_503_in_time(gateway: Gateway) -> None:
    gateway.set({"blue": 100}, blue=configs.Backend("g", (ports.free(f"{gateway.folder} nobody"),), 1))
    started = time.monotonic()
    answer = gateway.ask()
    assert (answer.status_code, answer.json()) == (503, {"error": "no worker can be reached"})
    assert answer.headers["x-mlstack-deployment"] == "blue"
    assert time.monotonic() - started > 0.9, "it gave up before the deployment's time-out"


def test_what_may_have_been_done_is_not_done_twice(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")

    def hang_up(handler: Any) -> bool:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
        return True

    blue.behave = hang_up
    gateway.set({"blue": 100}, blue=behind(blue, timeout=1))
    answer = gateway.ask("/once")
    assert (answer.status_code, blue.seen) == (502, ["/once"])
    assert answer.json() == {"error": "the worker ended while it worked on this request"}
    assert gateway.ask("/again", "GET").status_code == 502
    assert blue.seen.count("/again") > 1


RAW = {
    "chunked": (b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, b"abcde"),
    "until closed": (b"\r\nabcde", 200, b"abcde"),
    "closed after": (b"connection: close\r\ncontent-length: 5\r\n\r\nabcde", 200, b"abcde"),
    "cut short": (b"connection: close\r\ncontent-length: 50\r\n\r\nabcde", 502, None),
    "no HTTP": (b"content-length: five\r\n\r\n", 502, None),
}


@pytest.mark.parametrize("kind", RAW)
def test_answers_of_every_form_are_understood(gateway: Gateway, backends: Make, kind: str) -> None:
    raw, status, body = RAW[kind]
    blue = backends("blue")

    def write(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + raw)
        handler.close_connection = True
        return True

    blue.behave = write
    gateway.set({"blue": 100}, blue=behind(blue))
    for _ in range(2):
        answer = gateway.ask()
        assert answer.status_code == status
        assert body is None or answer.content == body


def test_the_answer_to_head_has_no_body(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")

    def head(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\nx-own: kept\r\n\r\n")
        return True

    blue.behave = head
    gateway.set({"blue": 100}, blue=behind(blue))
    for _ in range(2):
        answer = gateway.ask("/v2", "HEAD")
        assert (answer.status_code, answer.content, answer.headers["x-own"]) == (200, b"", "kept")


def test_connections_are_kept_and_a_closed_one_is_not_used(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    peers: list[Any] = []

    def note(handler: Any) -> bool:
        peers.append(handler.connection)
        return False

    blue.behave = note
    gateway.set({"blue": 100}, blue=behind(blue))
    assert [gateway.ask().status_code for _ in range(3)] == [200] * 3
    assert len(set(peers)) == 1
    peers[0].shutdown(socket.SHUT_RDWR)
    time.sleep(0.2)
    assert gateway.ask().status_code == 200
    assert len(set(peers)) == 2


def test_an_answer_that_takes_too_long_is_a_504(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    release = threading.Event()
    blue.behave = lambda handler: release.wait(120) and False
    gateway.set({"blue": 100}, blue=behind(blue, timeout=0.3))
    answer = gateway.ask()
    release.set()
    assert (answer.status_code, answer.json()["error"]) == (504, "the deployment did not answer within 0.3 s")


def test_errors_of_a_worker_are_passed_on(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    blue.behave = lambda handler: handler.answer(400, {"error": "bad row", "field": "instances[0]"}) or True
    gateway.set({"blue": 100}, blue=behind(blue))
    answer = gateway.ask()
    assert (answer.status_code, answer.json()) == (400, {"error": "bad row", "field": "instances[0]"})


@pytest.mark.parametrize("told", [True, False])
def test_a_body_over_the_limit_is_refused(gateway: Gateway, backends: Make, told: bool) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=behind(blue))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=120) as connection:
        length = f"content-length: {BODY_LIMIT + 1}" if told else "transfer-encoding: chunked"
        connection.sendall(
            f"POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {KEY}\r\n{length}\r\n\r\n".encode()
        )
        if not told:
            chunk = b"%x\r\n%s\r\n" % (1 << 20, b"x" * (1 << 20))
            for _ in range((BODY_LIMIT >> 20) + 1):
                connection.sendall(chunk)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 413
        assert json.loads(answer.read())["error"].endswith(f"longer than the limit of {BODY_LIMIT} bytes")
    assert blue.seen == []


def test_metrics_count_by_deployment_and_status(gateway: Gateway, backends: Make) -> None:
    gateway.set({"shown": 100}, shown=behind(backends("shown")))
    for _ in range(3):
        gateway.ask()
    assert requests.get(gateway.url("/metrics"), timeout=120).status_code == 401
    text = gateway.ask("/metrics", "GET").text
    shown = 'deployment="shown",endpoint="digits"'
    assert f'mlstack_gateway_requests_total{{{shown},status="200"}} 3.0' in text
    assert 'mlstack_gateway_requests_total{deployment="none",endpoint="digits",status="401"}' in text
    assert f"mlstack_gateway_request_duration_seconds_count{{{shown}}} 3.0" in text
    assert f'mlstack_gateway_request_duration_seconds_bucket{{{shown},le="+Inf"}} 3.0' in text
    assert f'mlstack_gateway_request_size_bytes_bucket{{{shown},le="256.0"}} 3.0' in text
    assert f"mlstack_gateway_requests_in_flight{{{shown}}} 0.0" in text
    assert f'mlstack_gateway_config_number{{endpoint="digits"}} {float(gateway.config.number)}' in text
    assert "process_resident_memory_bytes" in text


def test_metrics_tell_of_workers_and_of_what_was_sent_again(gateway: Gateway, backends: Make) -> None:
    ready, loading = backends("ready"), backends("loading")
    loading.behave = lambda handler: handler.answer(503, {"ready": False}) or True
    nobody = ports.free(f"{gateway.folder} nobody at all")
    both = configs.Backend("g", (ready.port, loading.port, nobody), 20)
    gateway.set({"both": 100}, both=both, asleep=configs.Backend("g", (), 20, scaled=True))
    for _ in range(3):
        assert gateway.ask(data=b"x").status_code == 200
    text = gateway.ask("/metrics", "GET").text
    place = 'deployment="both",endpoint="digits"'
    assert f"mlstack_gateway_workers{{{place}}} 3.0" in text
    assert f"mlstack_gateway_workers_ready{{{place}}} 1.0" in text
    assert 'mlstack_gateway_workers{deployment="asleep",endpoint="digits"} 0.0' in text
    retries = text.partition(f"mlstack_gateway_retries_total{{{place}}} ")[2]
    assert float(retries.split()[0]) >= 2


def test_metrics_are_what_prometheus_reads(gateway: Gateway, backends: Make) -> None:
    gateway.set({"parsed": 100}, parsed=behind(backends("parsed")))
    gateway.ask(data=b"x" * 300)
    text = gateway.ask("/metrics", "GET").text
    found = {family.name: family for family in text_string_to_metric_families(text)}
    sizes = found["mlstack_gateway_request_size_bytes"].samples
    size = [s for s in sizes if s.labels["deployment"] == "parsed"]
    assert {s.labels["le"]: s.value for s in size if s.name.endswith("_bucket")}["256.0"] == 0
    assert [s.value for s in size if s.name.endswith("_sum")] == [300]
    assert found["mlstack_gateway_requests"].type == "counter"
    assert found["mlstack_gateway_request_duration_seconds"].type == "histogram"


def test_a_change_written_by_someone_who_was_killed_is_found(gateway: Gateway, backends: Make) -> None:
    gateway.set({})
    changed = replace(gateway.config, weights={"blue": 1}, deployments={"blue": behind(backends("blue"))})
    gateway.config = configs.write(gateway.folder, changed)
    deadline = time.monotonic() + 120
    while gateway.ask().status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_admin_sees_what_is_in_flight(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    release = threading.Event()
    blue.behave = lambda handler: release.wait(120) and False
    gateway.set({"blue": 100}, blue=behind(blue))
    thread = threading.Thread(target=gateway.ask)
    thread.start()
    while not blue.seen:
        time.sleep(0.01)
    state = admin.state(gateway.config)
    assert state
    assert (state["number"], state["busy"]) == (gateway.config.number, {str(blue.port): 1})
    assert not admin.drained(gateway.config, {blue.port}, 0.2)
    release.set()
    assert admin.drained(gateway.config, {blue.port}, 120)
    thread.join()
    newer = replace(gateway.config, number=gateway.config.number + 1)
    assert not admin.confirmed(newer, 0.2)
    assert admin.state(replace(gateway.config, admin="wrong")) is None


def test_requests_in_flight_are_answered_when_it_ends(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    release = threading.Event()
    blue.behave = lambda handler: release.wait(120) and False
    gateway.set({"blue": 100}, blue=behind(blue))
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(gateway.ask().status_code))
    thread.start()
    while not blue.seen:
        time.sleep(0.01)
    assert gateway.process
    gateway.process.terminate()
    time.sleep(0.3)
    release.set()
    thread.join()
    gateway.process.wait(120)
    gateway.start()
    assert codes == [200]


def test_the_page_to_try_a_model_asks_for_the_key_itself(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=behind(blue))
    url = f"http://127.0.0.1:{gateway.port}"
    page = requests.get(f"{url}/docs", timeout=120)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "openapi.json" in page.text
    assert blue.seen == []
    assert requests.get(f"{url}/openapi.json", timeout=120).status_code == 401
    wrong = requests.get(f"{url}/docs", headers={"authorization": "Bearer wrong"}, timeout=120)
    assert wrong.status_code == 401
