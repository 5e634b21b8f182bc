"""Answers that are passed on as they come, and workers that answer in odd ways."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.totals import Row

Gateway = Any
Make = Callable[..., Any]
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@pytest.fixture
def blue(gateway: Gateway, backends: Make) -> Any:
    made = backends("blue")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (made.port,), 5))
    return made


def opened(gateway: Gateway, version: str = "1.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=120)
    connection.sendall(
        f"POST /events HTTP/{version}\r\nhost: a\r\nauthorization: Bearer the-key\r\n"
        "content-length: 1\r\n\r\nx".encode()
    )
    return connection


def eventually(gateway: Gateway, before: Any, wanted: Callable[[Row], bool]) -> Row:
    deadline = time.monotonic() + 120
    while True:
        now = admin.totals(gateway.config)
        row = now.since(before).traffic.get("blue", Row()) if now else Row()
        if wanted(row):
            return row
        assert time.monotonic() < deadline, row
        time.sleep(0.02)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_events_come_as_they_are_sent(gateway: Gateway, blue: Any, version: str) -> None:
    seen = threading.Semaphore(0)

    def stream(handler: Any) -> bool:
        handler.wfile.write(EVENTS)
        for number in range(3):
            handler.wfile.write(chunk(b"data: %d\n\n" % number))
            assert seen.acquire(timeout=20)  # the next one only once the caller has this one
        handler.wfile.write(b"0\r\n\r\n")
        return True

    blue.behave = stream
    before = admin.totals(gateway.config)
    with opened(gateway, version) as connection:
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        assert answer.getheader("content-type") == "text/event-stream"
        assert answer.getheader("transfer-encoding") == ("chunked" if version == "1.1" else None)
        for number in range(3):
            assert answer.readline() == b"data: %d\n" % number
            assert answer.readline() == b"\n"
            state = admin.state(gateway.config)
            assert state
            assert state["busy"] == {str(blue.port): 1}
            seen.release()
        assert answer.read() == b""
    row = eventually(gateway, before, lambda row: row.requests > 0)
    assert (row.requests, row.errors, row.refused, row.in_flight) == (1, 0, 0, 0)
    assert admin.state(gateway.config)["busy"] == {}


def test_a_large_answer_is_not_held_in_memory(gateway: Gateway, blue: Any) -> None:
    size, sent = 256 << 20, [0]

    def send(handler: Any) -> bool:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while sent[0] < size:
            handler.wfile.write(b"z" * (1 << 20))
            sent[0] += 1 << 20
        return True

    blue.behave = send
    with opened(gateway) as connection:
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        last = -1
        while sent[0] != last:  # nobody reads: the worker has to stop
            last = sent[0]
            time.sleep(0.5)
        assert last < size / 4
        read = 0
        while data := answer.read(1 << 20):
            read += len(data)
        assert read == size


def test_an_answer_that_breaks_off_does_not_look_whole(gateway: Gateway, blue: Any) -> None:
    def stream(handler: Any) -> bool:
        handler.wfile.write(EVENTS + chunk(b"data: 1\n\n"))
        time.sleep(0.2)
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    blue.behave = stream
    before = admin.totals(gateway.config)
    with opened(gateway) as connection:
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
        assert broken.value.partial == b"data: 1\n\n"
    assert eventually(gateway, before, lambda row: row.requests > 0).errors == 1


def test_a_caller_that_leaves_a_stream_ends_it(gateway: Gateway, blue: Any) -> None:
    ended = threading.Event()

    def stream(handler: Any) -> bool:
        handler.wfile.write(EVENTS)
        try:
            while True:
                handler.wfile.write(chunk(b"data: 1\n\n"))
                time.sleep(0.02)
        except OSError:
            ended.set()
        handler.close_connection = True
        return True

    blue.behave = stream
    before = admin.totals(gateway.config)
    with opened(gateway) as connection:
        assert connection.recv(10)
    assert ended.wait(120)
    row = eventually(gateway, before, lambda row: row.requests > 0)
    assert (row.requests, row.refused, row.in_flight) == (1, 1, 0)
    assert admin.state(gateway.config)["busy"] == {}


def test_a_mirror_that_streams_and_a_capture_of_a_stream(gateway: Gateway, backends: Make) -> None:
    blue, shadow = backends("blue"), backends("shadow")

    def stream(handler: Any) -> bool:
        handler.wfile.write(EVENTS + chunk(b"data: 1\n\n"))
        time.sleep(0.1)
        handler.wfile.write(chunk(b"data: 2\n\n") + b"0\r\n\r\n")
        return True

    blue.behave = shadow.behave = stream
    gateway.set(
        {"blue": 100},
        {"shadow": 100},
        blue=configs.Backend("g", (blue.port,), 5),
        shadow=configs.Backend("g", (shadow.port,), 5),
    )
    before = admin.totals(gateway.config)
    assert gateway.ask(data=b"x").content == b"data: 1\n\ndata: 2\n\n"
    deadline = time.monotonic() + 120
    while True:
        row = admin.totals(gateway.config).since(before).mirrored.get("shadow", Row())
        if row.requests:
            break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (row.errors, row.in_flight) == (0, 0)


def test_a_second_answer_to_one_request_reaches_nobody(gateway: Gateway, blue: Any) -> None:
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    def twice(handler: Any) -> bool:
        handler.wfile.write(ok + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n")
        time.sleep(0.1)
        handler.wfile.write(b"evil")
        return True

    blue.behave = twice
    assert [gateway.ask(data=b"x").content for _ in range(5)] == [b"ok"] * 5


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304, b""),
        (b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", 502, None),
        (b"HTTP/1.1 200 OK\ncontent-length: 2\n\nok", 502, None),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\nok", 502, None),
        (EVENTS + chunk(b"ok") + b"0\r\nx-trailer: t\r\n\r\n", 200, b"ok"),
    ],
)
def test_what_workers_may_answer(
    gateway: Gateway, blue: Any, sent: bytes, status: int, body: bytes | None
) -> None:
    def answer(handler: Any) -> bool:
        handler.wfile.write(sent)
        handler.close_connection = status == 502
        return True

    blue.behave = answer
    for _ in range(2):
        found = gateway.ask(data=b"x")
        assert found.status_code == status
        assert body is None or found.content == body
        assert not found.headers.keys() & {"link", "x-trailer"}
    blue.behave = lambda handler: False
    assert json.loads(gateway.ask(data=b"x").content)["size"] == 1


def test_headers_of_one_connection_go_no_further(gateway: Gateway, blue: Any) -> None:
    def answer(handler: Any) -> bool:
        if handler.path == "/back":
            handler.wfile.write(
                b"HTTP/1.1 200 OK\r\nconnection: x-secret\r\nx-secret: 1\r\nx-open: 2\r\n"
                b"content-length: 0\r\n\r\n"
            )
        return bool(handler.path == "/back")

    blue.behave = answer
    sent = {
        "Connection": "keep-alive, X-Mine",
        "X-Mine": "1",
        "X-Open": "2",
        "X_Request_Id": "spoofed",
        "X_Mlstack_Deployment": "green",
        "Content_Length": "9",
        "my_own": "kept",
    }
    seen = gateway.ask(data=b"x", headers=sent).json()["headers"]
    assert (seen["x-open"], seen["my_own"]) == ("2", "kept")
    assert not seen.keys() & {"x-mine", "x_request_id", "x_mlstack_deployment", "content_length"}
    back = gateway.ask("/back", data=b"x").headers
    assert back["x-open"] == "2"
    assert "x-secret" not in back
