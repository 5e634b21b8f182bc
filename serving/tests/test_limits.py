"""What is too large, too slow or too much is refused, and nobody else waits for it."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from typing import Any

import pytest
import requests

Address = tuple[str, int]
ROW = json.dumps({"instances": [[0.5] * 64]}).encode()


def address(server: Any) -> Address:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def read_all(caller: socket.socket) -> bytes:
    """Until the server closes the connection."""
    caller.settimeout(30)
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := caller.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.fixture
def strict(launch: Any, digits: Any) -> Any:
    """A server of short patience."""
    server = launch("--model", str(digits[0]), "--max-body", "100000", "--read-timeout", "1.5")
    return server.wait_ready()


def test_a_declared_length_over_the_limit_ends_the_connection(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n")
        head, _, body = read_all(caller).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["field"] == "body"


def test_a_caller_that_sends_a_large_body_regardless_can_read_the_refusal(strict: Any) -> None:
    answer = strict.post("/predict", data=b"x" * (8 << 20))
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def test_one_that_asks_first_is_told_at_once(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(
            b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\nexpect: 100-continue\r\n\r\n"
        )
        answer = read_all(caller)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_an_upload_without_a_length_is_cut_off_as_it_passes_the_limit(strict: Any) -> None:
    chunk = b"%x\r\n%b\r\n" % (50000, b"x" * 50000)
    sent = 0
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent < 10**10:  # it would go on for ever
                caller.sendall(chunk)
                sent += len(chunk)
                time.sleep(0.001)
    assert 0 < sent < 10**10


@pytest.mark.parametrize("sent", [b"", b"POST /predict HT", b"POST /predict HTTP/1.1\r\nhost: x\r\nx-a: "])
def test_a_head_that_does_not_end_is_cut_off(strict: Any, sent: bytes) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(sent)
        answer = read_all(caller)
    assert answer.startswith(b"HTTP/1.1 408 ") if sent else answer == b""


def test_a_byte_at_a_time_does_not_hold_a_connection_open(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\nx-a: ")
        sent = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent < 1000:
                caller.sendall(b"a")
                sent += 1
                time.sleep(0.05)
    assert sent < 1000


def test_a_second_request_of_a_connection_is_timed_too(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n")
        first = b""
        while not first.endswith(b"}"):
            first += caller.recv(65536)
        assert first.startswith(b"HTTP/1.1 200 ")
        caller.sendall(b"GET /v2/health/li")
        assert read_all(caller).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_end_is_cut_off(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{")
        head, _, body = read_all(caller).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert json.loads(body) == {"error": "the body was not there after 1.5 s", "field": "body"}


def test_a_head_without_end_is_refused_before_it_fills_the_memory(strict: Any) -> None:
    with socket.create_connection(address(strict)) as caller:
        caller.sendall(b"GET /v2/health/live HTTP/1.1\r\nx-a: " + b"a" * 70000)
        answer = read_all(caller)
    assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))  # h11 has a limit of its own


def test_slow_callers_do_not_hold_up_others(launch: Any, digits: Any) -> None:
    server = launch("--model", str(digits[0]), "--concurrency", "1", "--queue", "0").wait_ready()
    slow = []
    try:
        for number in range(40):
            caller = socket.create_connection(address(server))
            slow.append(caller)
            body = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"
            caller.sendall(body if number % 2 else body[:20])
        for _ in range(20):
            answer = server.post("/predict", data=ROW)
            assert answer.status_code == 200
    finally:
        for caller in slow:
            caller.close()


def test_a_connection_is_kept_between_requests_longer_than_a_head_may_take(strict: Any) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.post(strict.url + "/predict", data=ROW, timeout=120).status_code == 200
            time.sleep(2)
        pool = session.get_adapter(strict.url).poolmanager.connection_from_url(strict.url)
        assert pool.num_connections <= 1, "it was opened anew"
