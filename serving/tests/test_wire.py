"""Below requests: what comes in pieces, all at once, too much, too slowly or not as HTTP at all."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from serving.tests.conftest import DEADLINE, Server
from serving.tests.contracts.container import ROWS, SUMS, Container

MB = 1 << 20
BODY = json.dumps({"instances": ROWS}).encode()


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(tmp_path_factory.mktemp("wire"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(container: Container) -> Server:
    return container.start("--model", str(container.model), "--port", "0", "--access-log").wait_ready()


def connect(server: Server) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE)


def request(
    body: bytes = BODY, route: str = "/predict", *, length: int | None = None, **headers: str
) -> bytes:
    lines = [
        "POST /predict HTTP/1.1",
        "host: model",
        "content-type: application/json",
        f"content-length: {len(body) if length is None else length}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def read(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    answer = HTTPResponse(connection)
    answer.begin()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def still_answers(server: Server) -> None:
    answer = server.post("/predict", json={"instances": ROWS})
    assert answer.json()["predictions"] == pytest.approx(SUMS)


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    asked = [[float(i), 0.0, 0.0] for i in range(40)]
    with connect(server) as connection:
        bad = request(b'{"instances": [[1]]}')
        connection.sendall(
            b"".join(request(json.dumps({"instances": [row]}).encode()) + bad for row in asked)
        )
        stream = connection.makefile("rb")
        for row in asked:
            status, said = one(stream)
            assert (status, said["predictions"]) == (200, pytest.approx([row[0]]))
            status, said = one(stream)
            assert (status, said["field"]) == (400, "instances[0]")
    still_answers(server)


def one(stream: Any) -> tuple[int, Any]:
    """The next of several answers on a connection."""
    status = int(stream.readline().split()[1])
    length = 0
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, json.loads(stream.read(length))


IDS = {
    "long": "a" * 5000,
    "markup": '"><script>alert(1)</script>',
    "a quote and a brace": '"}, {"level": "evil"',
    "not ascii": "\xe9\xff\x80",
    "an escape": "\x1b[31mred",
    "a tab": "a\tb",
    "spaces": "a b c",
    "encoded line ends": "a%0d%0aset-cookie: x=1",
}


@pytest.mark.parametrize("name", IDS)
def test_a_request_id_cannot_inject(server: Server, name: str) -> None:
    with connect(server) as connection:
        connection.sendall(request(b"{}", x_request_id=IDS[name]))
        status, headers, body = read(connection)
    assert "set-cookie" not in headers
    if status == 400 and "x-request-id" not in headers:
        assert IDS[name].encode("latin-1") not in body
        return still_answers(server)  # no HTTP: the parser reads no further
    assert json.loads(body)["error"]
    assert re.fullmatch(r"[\x21-\x7e]{1,256}", headers["x-request-id"])
    assert headers["x-request-id"] == IDS[name] or re.fullmatch(r"[\w.-]+", headers["x-request-id"])
    still_answers(server)
    for line in server.log.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            assert isinstance(json.loads(line), dict)
    assert "\x1b" not in server.log.read_text(errors="replace")


def test_a_good_request_id_comes_back(server: Server) -> None:
    with connect(server) as connection:
        for given in ("7f3c", "a-b_c.d", "A" * 128, "{x/y+z=}#~"):
            connection.sendall(request(x_request_id=given))
            status, headers, _ = read(connection)
            assert (status, headers["x-request-id"]) == (200, given)
        connection.sendall(request())
        first = read(connection)[1]["x-request-id"]
        connection.sendall(request())
        assert read(connection)[1]["x-request-id"] != first


HEAD = b"POST /predict HTTP/1.1\r\nhost: m\r\ncontent-type: application/json\r\n"
NOT_HTTP = {
    "a tls greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "rubbish": b"\x00\xff\xfe rubbish \r\n\r\n",
    "another protocol": b"GET / RTSP/9.9\r\n\r\n",
    "two lengths": HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\n{}    ",
    "a length below zero": HEAD + b"content-length: -5\r\n\r\n{}",
    "a length that is no number": HEAD + b"content-length: 1e3\r\n\r\n{}",
    "a length and chunks": HEAD + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "a chunk of no size": HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk of the universe": HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "a header with a zero byte": HEAD + b"x-a: b\x00c\r\ncontent-length: 2\r\n\r\n{}",
    "a header of a megabyte": HEAD + b"x-a: " + b"a" * MB + b"\r\ncontent-length: 2\r\n\r\n{}",
    "fifty thousand headers": HEAD + b"".join(b"x-%d: 1\r\n" % i for i in range(50_000)) + b"\r\n",
}


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_no_http_is_refused_or_cut_off(server: Server, name: str) -> None:
    with connect(server) as connection:
        try:
            connection.sendall(NOT_HTTP[name])
            connection.shutdown(socket.SHUT_WR)
            said = connection.recv(65536)
        except OSError:  # it has hung up already
            said = b""
    assert not said or 400 <= int(said.split()[1]) < 500, said
    assert server.process.poll() is None
    still_answers(server)
    assert "Traceback" not in server.log.read_text(errors="replace")


@pytest.mark.parametrize("sent", [b"POST /pre", HEAD, request()[:-10], request(length=10**6)])
def test_callers_that_hang_up_leave_no_trace(server: Server, sent: bytes) -> None:
    for _ in range(10):
        with connect(server) as connection:
            connection.sendall(sent)
    still_answers(server)
    assert "Traceback" not in server.log.read_text(errors="replace")


def memory(server: Server) -> int:
    used: int = psutil.Process(server.process.pid).memory_info().rss
    return used


def send_until_refused(connection: socket.socket, pieces: Iterator[bytes]) -> int:
    """Send until the other side has answered or has hung up; the bytes that went out."""
    sent = 0
    for piece in pieces:
        if select.select([connection], [], [], 0)[0]:
            return sent
        try:
            connection.sendall(piece)
        except ConnectionError:
            return sent
        sent += len(piece)
    return sent


def chunked(size: int, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"%x\r\n" % size + b" " * size + b"\r\n"
    yield b"0\r\n\r\n"


def test_a_body_of_100_mb_is_refused_before_it_is_sent(server: Server) -> None:
    still_answers(server)
    before = memory(server)
    with connect(server) as connection:
        connection.sendall(request(b"", length=100 * MB))
        status, _, body = read(connection)  # not a byte of the body has been sent
    assert (status, json.loads(body)["field"]) == (413, "body")
    with connect(server) as connection:
        connection.sendall(request(b"", length=100 * MB))
        sent = send_until_refused(connection, iter([b" " * MB] * 100))
    assert sent < 50 * MB
    assert memory(server) - before < 40 * MB
    still_answers(server)


def test_a_caller_that_awaits_leave_to_send_gets_a_413_instead(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(request(b"", length=100 * MB, expect="100-continue"))
        assert read(connection)[0] == 413
    with connect(server) as connection:
        connection.sendall(request(b"", length=len(BODY), expect="100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(BODY)
        assert read(connection)[0] == 200


def test_100_mb_in_chunks_are_refused_before_they_are_sent(server: Server) -> None:
    still_answers(server)
    before = memory(server)
    with connect(server) as connection:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        sent = send_until_refused(connection, chunked(MB, 100))
        try:
            status, _, body = read(connection)
            assert (status, json.loads(body)["field"]) == (413, "body")
        except ConnectionError:
            pass  # the answer is lost where the server hangs up on what is still coming
    assert sent < 80 * MB
    assert memory(server) - before < 60 * MB
    still_answers(server)


def test_a_chunked_body_just_over_the_limit_gets_its_413(container: Container) -> None:
    small = container.start("--model", str(container.model), "--port", "0", "--max-body", "1000").wait_ready()
    with connect(small) as connection:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"".join(chunked(600, 2)))
        status, _, body = read(connection)
    assert (status, json.loads(body)["field"]) == (413, "body")
    assert "1000" in json.loads(body)["error"]
    assert small.post("/predict", data=BODY + b" " * (1000 - len(BODY))).status_code == 200
    assert small.post("/predict", data=BODY + b" " * (1001 - len(BODY))).status_code == 413


class Drips:
    """Fifty callers that send a byte now and then, until ``stop``."""

    def __init__(self, server: Server, texts: list[bytes]) -> None:
        self.connections = [connect(server) for _ in texts]
        self.texts = texts
        self.sent = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.drip)
        self.thread.start()

    def drip(self) -> None:
        while not self.stopped.wait(0.02):
            for connection, text in zip(self.connections, self.texts, strict=True):
                try:
                    connection.send(text[self.sent : self.sent + 1])
                except OSError:
                    continue
            self.sent += 1

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()


@pytest.mark.parametrize("part", ["headers", "bodies"])
def test_slow_callers_block_nobody(container: Container, part: str) -> None:
    server = container.start(
        *("--model", str(container.model), "--port", "0", "--concurrency", "1", "--queue", "4")
    ).wait_ready()
    text = request(BODY + b" " * 10_000)
    start = 0 if part == "headers" else text.index(b"\r\n\r\n") + 4
    drips = Drips(server, [text[start:]] * 50)
    try:
        for connection in drips.connections:
            connection.sendall(text[:start])
        wait_until(lambda: drips.sent > 3)
        for _ in range(30):
            still_answers(server)
        assert server.get("/v2/health/ready").status_code == 200
        assert drips.sent < len(text) - start
    finally:
        drips.stop()
    still_answers(server)


def wait_until(done: Any) -> None:
    end = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("part", ["headers", "bodies"])
def test_a_slow_caller_is_cut_off_in_the_end(container: Container, part: str) -> None:
    server = container.start(
        "--model", str(container.model), "--port", "0", "--read-timeout", "1"
    ).wait_ready()
    text = request(BODY, length=10_000)
    with connect(server) as connection:
        connection.sendall(text[: 30 if part == "headers" else len(text)])
        said = connection.recv(65536)  # times out where the server waits for ever
    assert not said or said.split()[1] in (b"408", b"400")
    still_answers(server)


def test_callers_that_read_nothing_block_nobody(container: Container) -> None:
    code = "def run(data):\n    return [['x' * 100] * 20000 if row[0] else 1 for row in data]\n"
    server = container.start("--code", container.code(code), "--port", "0", "--concurrency", "1").wait_ready()
    large, small = json.dumps({"instances": [[1]]}).encode(), {"instances": [[0]]}
    connections = [connect(server) for _ in range(20)]
    try:
        for connection in connections:
            connection.sendall(request(large))
        for _ in range(20):
            wait_until(lambda: server.post("/predict", json=small).json() == {"predictions": [1]})
        for connection in connections:
            status, _, body = read(connection)
            assert status == 200
            assert len(body) > 20000 * 100
    finally:
        for connection in connections:
            connection.close()


def test_many_connections_at_once(server: Server) -> None:
    def ask(i: int) -> float:
        connection = HTTPConnection(urlsplit(server.url).netloc, timeout=DEADLINE)
        body = json.dumps({"instances": [[float(i), 0, 0]]})
        for _ in range(3):
            connection.request("POST", "/predict", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 200, said
        connection.close()
        value: float = said["predictions"][0]
        return value

    with ThreadPoolExecutor(50) as callers:
        assert list(callers.map(ask, range(200))) == pytest.approx([float(i) for i in range(200)])


def test_a_head_and_an_http_1_0_request(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /v2/health/live HTTP/1.0\r\n\r\n")
        assert read(connection)[0] == 200
        assert connection.recv(10) == b""
    assert requests.head(server.url + "/v2/health/live", timeout=120).status_code in (200, 405)
