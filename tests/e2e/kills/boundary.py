"""Our provider, with a trap at one boundary of one call. Run as a process; the engine attaches to it.

    python boundary.py PORT_FILE LOG_FILE [METHOD NAME before|after VICTIM_FILE]

Each call that passes is a line of LOG_FILE, "METHOD NAME before|after": that is how the boundaries of an
operation are enumerated. At the boundary named, the process whose id stands in VICTIM_FILE is killed
(the word "self": this one; "engine": the pulumi child of the process whose id follows), and the call goes
no further until it is dead.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import psutil

from mlstack.plugin.__main__ import OPTIONS, ROOT_VARIABLE, Process

#: Calls that say nothing of a resource, and come in any number.
SILENT = {"Handshake", "Attach", "GetPluginInfo", "GetSchema", "Cancel"}


class Trap(grpc.ServerInterceptor):
    def __init__(self, log: Path, where: tuple[str, str, str] | None, victim: Path | None) -> None:
        self.log = log
        self.where = where
        self.victim = victim
        self.lock = threading.Lock()
        self.sprung = False

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        handler = continuation(details)
        method = details.method.rsplit("/", 1)[-1]
        if handler is None or method in SILENT:
            return handler

        def call(request: Any, context: Any) -> Any:
            name = (
                f"{request.urn.rsplit('$', 1)[-1].replace('::', '/')}" if getattr(request, "urn", "") else "-"
            )
            self.passed(method, name, "before")
            answer = handler.unary_unary(request, context)
            self.passed(method, name, "after")
            return answer

        return grpc.unary_unary_rpc_method_handler(
            call,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def passed(self, *where: str) -> None:
        with self.lock:
            with self.log.open("a") as stream:
                stream.write(" ".join(where) + "\n")
            if where == self.where and not self.sprung:
                self.sprung = True
                self.spring()

    def spring(self) -> None:
        assert self.victim is not None
        who, _, number = self.victim.read_text().partition(" ")
        if who == "self":
            os.kill(os.getpid(), signal.SIGKILL)
        process = psutil.Process(int(number))
        if who == "engine":
            process = next(child for child in process.children() if child.name() == "pulumi")
        process.kill()
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def main() -> None:
    port_file, log, *rest = sys.argv[1:]
    where = (rest[0], rest[1], rest[2]) if rest else None
    victim = Path(rest[3]) if rest else None
    from concurrent import futures

    from pulumi.runtime.proto import provider_pb2_grpc

    trap = Trap(Path(log), where, victim)
    server = grpc.server(futures.ThreadPoolExecutor(32), options=OPTIONS, interceptors=[trap])
    servicer = Process(Path(os.environ[ROOT_VARIABLE]), None)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    scratch = Path(f"{port_file}.part")
    scratch.write_text(str(port))
    scratch.rename(port_file)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
