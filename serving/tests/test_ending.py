"""The end of a server: what is on its way on a kept connection is answered first."""

from __future__ import annotations

import signal
import socket
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
