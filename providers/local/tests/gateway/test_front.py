"""What callers do that they should not, over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.config import BODY_LIMIT
from mlstack_local.gateway.front import HEAD_LIMIT
from mlstack_local.gateway.totals import Row

Gateway = Any
Make = Callable[..., Any]
HEAD = "host: a\r\nauthorization: Bearer the-key\r\n"


@contextmanager
def connected(gateway: Gateway) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=120) as connection:
        yield connection


def answer(connection: socket.socket, method: str = "POST") -> tuple[int, dict[str, str], bytes]:
    found = http.client.HTTPResponse(connection, method=method)
    found.begin()
    return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read()


def post(path: str = "/", body: bytes = b"x", headers: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\n{HEAD}content-length: {len(body)}\r\n{headers}\r\n".encode() + body


def closed(connection: socket.socket) -> bool:
    return connection.recv(1) == b""


@pytest.fixture
def blue(gateway: Gateway, backends: Make) -> Any:
    made = backends("blue")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (made.port,), 20))
    return made


REFUSED = {
    "no HTTP": (b"hello\r\n\r\n", 400, "that is no HTTP request"),
    "a wrong length": (
        f"POST / HTTP/1.1\r\n{HEAD}content-length: 1x\r\n\r\n".encode(),
        400,
        "no HTTP request",
    ),
    "two framings": (
        f"POST / HTTP/1.1\r\n{HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n".encode(),
        400,
        "no HTTP request",
    ),
    "a body in another coding": (
        f"POST / HTTP/1.1\r\n{HEAD}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n".encode(),
        501,
        "'gzip, chunked' is not known",
    ),
    "chunks before HTTP/1.1": (
        f"POST / HTTP/1.0\r\n{HEAD}transfer-encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        400,
        "HTTP/1.0 has no transfer-encoding",
    ),
    "a later HTTP": (f"POST / HTTP/2.0\r\n{HEAD}content-length: 0\r\n\r\n".encode(), 505, "not HTTP/2.0"),
    "no version": (b"GET /\r\n\r\n", 505, "not HTTP/0.9"),
    "no host": (b"POST / HTTP/1.1\r\nauthorization: Bearer the-key\r\n\r\n", 400, "one header 'Host'"),
    "two hosts": (f"POST / HTTP/1.1\r\n{HEAD}host: b\r\n\r\n".encode(), 400, "one header 'Host'"),
    **{
        f"framing {number}": (b"POST / HTTP/1.1\r\n" + HEAD.encode() + sent, 400, "no HTTP request")
        for number, sent in enumerate(
            (
                b"content-length: 1\r\ncontent-length: 1\r\n\r\nx",
                b"content-length: 1, 1\r\n\r\nx",
                b"content-length : 1\r\n\r\nx",
                b"content-length: +1\r\n\r\nx",
                b"content-length: 1\n\r\nx",
                b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
                b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
                b"transfer-encoding: chunked\r\n\r\n1\nx\n0\n\n",
                b"transfer-encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n",
                b"x-a: b\r\n content-length: 3\r\n\r\nabc",
                b"x-a: b\rcontent-length: 3\r\n\r\nabc",
                b"x a: b\r\n\r\n",
            )
        )
    },
    "a large head": (
        f"POST / HTTP/1.1\r\n{HEAD}x-large: {'x' * HEAD_LIMIT}\r\n\r\n".encode(),
        431,
        "the head of the request is over 64 KiB",
    ),
    "many headers": (
        f"POST / HTTP/1.1\r\n{HEAD}".encode() + b"a: b\r\n" * 20_000,
        431,
        "the head of the request is over 64 KiB",
    ),
    "a websocket": (
        f"GET / HTTP/1.1\r\n{HEAD}connection: upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n".encode(),
        400,
        "this endpoint answers plain HTTP requests, no websocket",
    ),
    "a proxy's request": (f"CONNECT a:80 HTTP/1.1\r\n{HEAD}\r\n".encode(), 400, "'a:80' is no path"),
    "a large body": (
        f"POST / HTTP/1.1\r\n{HEAD}content-length: {BODY_LIMIT + 1}\r\n\r\n".encode(),
        413,
        f"the body is longer than the limit of {BODY_LIMIT} bytes",
    ),
    "a body that is waited for": (
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n",
        401,
        "this endpoint needs its key",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_is_told_why_in_json_before_the_connection_is_closed(
    gateway: Gateway, blue: Any, kind: str
) -> None:
    sent, status, words = REFUSED[kind]
    with connected(gateway) as connection:
        connection.sendall(sent)
        found, headers, body = answer(connection)
        assert (found, headers["connection"]) == (status, "close")
        assert headers["content-type"] == "application/json"
        assert words in json.loads(body)["error"]
        assert closed(connection)
    assert blue.seen == []


def test_a_refused_request_does_not_cost_the_connection(gateway: Gateway, blue: Any) -> None:
    with connected(gateway) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc")
        assert answer(connection)[0] == 401
        connection.sendall(post())
        assert answer(connection)[0] == 200


def test_a_body_is_asked_for_when_its_sender_waits(gateway: Gateway, blue: Any) -> None:
    with connected(gateway) as connection:
        connection.sendall(
            post(body=b"", headers="").replace(
                b"content-length: 0", b"content-length: 3\r\nexpect: 100-continue"
            )
        )
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        status, _, body = answer(connection)
        assert (status, json.loads(body)["size"]) == (200, 3)


def test_a_body_is_not_asked_for_in_the_middle_of_another_answer(gateway: Gateway, blue: Any) -> None:
    with connected(gateway) as connection:
        second = post("/2", headers="expect: 100-continue\r\n").removesuffix(b"x")
        connection.sendall(post("/1") + second)
        seen = b""
        while b"100 Continue" not in seen:
            seen += connection.recv(4096)
        assert seen.startswith(b"HTTP/1.1 200 OK\r\n")
        assert seen.endswith(b"}HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"x")
        assert json.loads(answer(connection)[2])["path"] == "/2"


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("framing", ["content-length: 3", "transfer-encoding: chunked"])
def test_a_caller_that_would_rather_have_http_2_keeps_its_body(
    gateway: Gateway, blue: Any, framing: str, pieces: int
) -> None:
    body = "3\r\nabc\r\n0\r\n\r\n" if "chunked" in framing else "abc"
    sent = (
        f"POST /java HTTP/1.1\r\n{HEAD}connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
        f"http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n{framing}\r\n\r\n{body}"
    ).encode()
    with connected(gateway) as connection:
        for _ in range(2):
            for piece in (sent[:-6], sent[-6:-2], sent[-2:]) if pieces > 1 else (sent,):
                connection.sendall(piece)
                time.sleep(0.05 * (pieces > 1))
            status, _, found = answer(connection)
            assert (status, json.loads(found)["size"]) == (200, 3)


def test_requests_that_do_not_wait_for_answers_are_answered_in_order(gateway: Gateway, blue: Any) -> None:
    with connected(gateway) as connection:
        lost = b"POST /lost HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx"
        many = b"".join(post(f"/{number}") for number in range(300))
        connection.sendall(many + lost * 2000 + post("/last", headers="connection: close\r\n"))
        stream = connection.makefile("rb")
        seen = []
        for _ in range(2301):
            status = int(stream.readline().split()[1])
            length = 0
            while (line := stream.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            body = json.loads(stream.read(length))
            seen.append(body["path"] if status == 200 else status)
        assert seen == [*(f"/{number}" for number in range(300)), *[401] * 2000, "/last"]
        assert stream.read() == b""


def test_slow_callers_hold_up_nobody(gateway: Gateway, blue: Any) -> None:
    slow = [socket.create_connection(("127.0.0.1", gateway.port), timeout=120) for _ in range(60)]
    try:
        for number, connection in enumerate(slow):
            request = post(body=b"x" * 1000)
            connection.sendall(request[: 20 if number % 2 else len(request) - 500])
        for _ in range(20):
            assert gateway.ask(data=b"quick").status_code == 200
        for number, connection in enumerate(slow):
            request = post(body=b"x" * 1000)
            connection.sendall(request[20 if number % 2 else len(request) - 500 :])
        assert {answer(connection)[0] for connection in slow} == {200}
    finally:
        for connection in slow:
            connection.close()


def test_a_caller_that_does_not_take_its_answer_holds_up_nobody(gateway: Gateway, blue: Any) -> None:
    large = b"y" * (8 << 20)

    def send(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(large) + large)
        return True

    blue.behave = send
    with connected(gateway) as connection:
        connection.sendall(post("/large"))
        time.sleep(0.3)
        assert gateway.ask(data=b"x").status_code == 200
        assert answer(connection)[2] == large


def test_a_caller_that_hangs_up_is_a_499_and_its_worker_is_let_go(gateway: Gateway, blue: Any) -> None:
    hung_up = threading.Event()

    def wait(handler: Any) -> bool:
        handler.connection.settimeout(30)
        if handler.connection.recv(1) == b"":
            hung_up.set()
        handler.close_connection = True
        return True

    blue.behave = wait
    before = admin.totals(gateway.config)
    assert before
    with connected(gateway) as connection:
        connection.sendall(post("/left"))
        while "/left" not in blue.seen:
            time.sleep(0.01)
    assert hung_up.wait(120)
    blue.behave = lambda handler: False
    deadline = time.monotonic() + 120
    while True:
        now = admin.totals(gateway.config)
        assert now
        row = now.since(before).traffic.get("blue", Row())
        if row.requests:
            break
        assert time.monotonic() < deadline
    assert (row.requests, row.refused, row.in_flight) == (1, 1, 0)
    text = gateway.ask("/metrics", "GET").text
    assert 'mlstack_gateway_requests_total{deployment="blue",endpoint="digits",status="499"}' in text


def test_a_trailer_is_no_header(gateway: Gateway, blue: Any) -> None:
    with connected(gateway) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\nx\r\n0\r\nauthorization: Bearer the-key\r\n\r\n"
        )
        assert answer(connection)[0] == 401
    assert blue.seen == []


@pytest.mark.parametrize(("version", "kept"), [("1.1", True), ("1.0", False)])
def test_connections_are_kept_where_callers_know_of_it(
    gateway: Gateway, blue: Any, version: str, kept: bool
) -> None:
    with connected(gateway) as connection:
        connection.sendall(post().replace(b"HTTP/1.1", f"HTTP/{version}".encode()))
        status, headers, _ = answer(connection)
        assert (status, headers.get("connection") != "close") == (200, kept)
        if kept:
            connection.sendall(post())
            assert answer(connection)[0] == 200
        else:
            assert closed(connection)


def test_a_kept_connection_is_not_closed_under_a_request_when_the_gateway_ends(
    gateway: Gateway, blue: Any
) -> None:
    with connected(gateway) as connection:
        connection.sendall(post())
        assert "connection" not in answer(connection)[1]
        gateway.process.terminate()
        time.sleep(0.3)
        connection.sendall(post())
        status, headers, _ = answer(connection)
        assert (status, headers["connection"]) == (200, "close")
        assert closed(connection)
    gateway.process.wait(120)
    gateway.start()
