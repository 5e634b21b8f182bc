"""The end of a server: what is on its way on a kept connection is answered first."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from serving.tests.contracts.container import refuses_connections

BODY = b'{"instances": [[1]]}'
REQUEST = (
    b"POST /predict HTTP/1.1\r\nhost: m\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
    % (len(BODY), BODY)
)


def test_a_request_that_is_being_sent_is_answered_and_its_connection_ends(
    launch: Any, tmp_path: Path
) -> None:
    (tmp_path / "score.py").write_text("def run(data):\n    return [7]\n")
    server = launch("--code", str(tmp_path)).wait_ready()
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=120) as kept:
        kept.sendall(REQUEST)
        first = b""
        while not first.endswith(b'{"predictions":[7]}'):  # head and body may come one after the other
            first += kept.recv(65536)
        assert first.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" not in first
        kept.sendall(REQUEST[:30])
        server.process.send_signal(signal.SIGTERM)
        refuses_connections(server)
        kept.sendall(REQUEST[30:])
        answer = b""
        while part := kept.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer
    assert answer.endswith(b'{"predictions":[7]}')
    assert server.process.wait(120) == 0


def test_callers_that_the_kernel_has_accepted_are_answered(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text("def run(data):\n    return [7]\n")
    server = launch("--code", str(tmp_path)).wait_ready()
    host, _, port = server.url.removeprefix("http://").partition(":")
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        callers = [socket.create_connection((host, int(port)), timeout=120) for _ in range(8)]
        for caller in callers:
            caller.sendall(REQUEST)
        time.sleep(0.3)  # what the server does in turns is due when it goes on
        server.process.send_signal(signal.SIGTERM)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    for caller in callers:
        with caller, caller.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(120) == 0
