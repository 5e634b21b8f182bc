"""Listen, load, serve, drain: the life of the process and its exit codes (see errors.py)."""

from __future__ import annotations

import logging
import os
import signal
import socket
import stat
import sys
from pathlib import Path

import uvicorn

from mlstack_serving.app import App
from mlstack_serving.config import Config
from mlstack_serving.connection import Server, protocol
from mlstack_serving.errors import BindError, StartError
from mlstack_serving.runtime import Runtime

log = logging.getLogger("mlstack_serving")

# Longer than the idle time of a gateway's pooled connections: it must be the gateway that closes them.
KEEP_ALIVE_SECONDS = 75
DEFAULT_PORT = 8080


def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code."""
    logging.basicConfig(
        stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING
    )
    log.setLevel(logging.INFO)
    runtime = Runtime(config)
    app = App(runtime)
    listener = bind(config)
    server = Server(
        uvicorn.Config(
            app,
            http=protocol(config.read_timeout, lambda: server.is_ending),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=config.drain,
        )
    )
    # uvicorn drains at a signal and then raises it anew: by then it has done its work.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None if server.should_exit else sys.exit(0))
    log.info("listening on %s", address(listener))
    runtime.start_loading(on_failure=lambda: setattr(server, "should_exit", True))
    try:
        server.run(sockets=[listener])
    finally:
        if config.uds is not None:
            Path(config.uds).unlink(missing_ok=True)
    runtime.pool.close()
    app.close()
    code = report(runtime.failure) if runtime.failure else 0
    if runtime.busy:
        # A thread in a user's code cannot be stopped, and the interpreter would wait for it for ever.
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(code)
    return code


def report(error: StartError) -> int:
    print(f"mlstack_serving: {error}", file=sys.stderr, flush=True)
    return error.exit_code


def bind(config: Config) -> socket.socket:
    """A listening socket: opened here, so that a taken port has an exit code of its own."""
    try:
        if config.fd is not None:
            return socket.socket(fileno=config.fd)
        if config.uds is not None:
            return _bind_unix(config.uds)
        return _bind_tcp(config.host, DEFAULT_PORT if config.port is None else config.port)
    except OSError as error:
        raise BindError(f"cannot listen on {_place(config)}: {error}; choose another") from error


def _place(config: Config) -> str:
    if config.fd is not None:
        return f"descriptor {config.fd}"
    return config.uds or f"{config.host}:{DEFAULT_PORT if config.port is None else config.port}"


def _bind_tcp(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, where = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    # asyncio turns off Nagle's algorithm only where the protocol is named; without that, 40 ms a request.
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_unix(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _is_stale(path):
            Path(path).unlink()
        listener.bind(path)
        Path(path).chmod(0o600)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _is_stale(path: str) -> bool:
    """Whether a socket file is there that nobody listens on: left by a process that was killed."""
    if not Path(path).exists() or not stat.S_ISSOCK(Path(path).stat().st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) != 0


def address(listener: socket.socket) -> str:
    if listener.family == socket.AF_UNIX:
        return f"unix:{listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
