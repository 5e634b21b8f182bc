"""The HTTP door to an emulated cloud: its REST interface on loopback, with the faults of the rehearsal."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from mlstack.plugin.errors import log_bug
from mlstack.rehearsal.emulation import CloudFault, Emulation
from mlstack.rehearsal.faults import Broken, Call, Faults

_RETRY_AFTER = "1"

log = logging.getLogger(__name__)


@contextmanager
def serving(emulation: Emulation, faults: Faults, root: Path, port: int = 0) -> Iterator[str]:
    """Serve within the block; the address. ``root`` is the folder of the spec."""
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.set_app(_faulty(emulation, faults, root))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _faulty(emulation: Emulation, faults: Faults, root: Path) -> Callable[..., Iterable[bytes]]:
    app = emulation.app()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            return refuse(start, 411, "LengthRequired", "The length of the body has to be told.")
        asked = emulation.asked(environ)
        call = Call("http", asked.operations, asked.name, path=asked.path)
        try:
            with faults.around(call):
                parts = app(environ, start)
                try:
                    return [b"".join(parts)]  # whole, so that a lost answer is lost whole
                finally:
                    getattr(parts, "close", lambda: None)()
        except CloudFault as injected:
            fault = emulation.told(injected)
            return refuse(start, fault.status, fault.code, fault.message)
        except Broken:
            raise  # the server takes it for a connection that the caller has closed, and says nothing
        except Exception as error:
            told = f"{type(error).__name__}: {error}; the details are in {log_bug(root)}"
            return refuse(start, 500, "InternalServerError", told)

    def refuse(start: Callable[..., Any], status: int, code: str, message: str) -> list[bytes]:
        headers = [("Content-Type", "application/json")]
        if status in (429, 503):
            headers.append(("Retry-After", _RETRY_AFTER))
        start(f"{status} {code}", headers, sys.exc_info())
        return [emulation.error_body(status, code, message)]

    return serve


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request. The name of the host is not looked up: it is loopback."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # so that a client that asks whether to send its content is told to go on

    def log_message(self, format: str, *arguments: Any) -> None:
        log.debug(format, *arguments)
