"""A trap between the engine and its providers: at one boundary of one call it kills. Run as a process.

    python trap.py PORTS_FILE LOG_FILE [METHOD NAME SIDE NUMBER VICTIM_FILE]

It stands before the emulated cloud that PULUMI_DEBUG_PROVIDERS names, and before a provider of ours that it
serves itself; PORTS_FILE gets the PULUMI_DEBUG_PROVIDERS that leads through it. What passes is handed on as
it is. Each call about a resource is a line of LOG_FILE when it comes and when it has its answer, "METHOD NAME
SIDE NUMBER": the side is before or after, the number counts the lines that say the same. ("PreviewCreate" is
none that makes something.)

At the boundary that is named, the process in VICTIM_FILE is killed ("cli PID"; "engine PID": the pulumi child
of that process; "provider": this one), and the call goes no further until it is dead.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import psutil
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from mlstack.plugin.__main__ import OPTIONS, ROOT_VARIABLE, Process

DEBUG_PROVIDERS = "PULUMI_DEBUG_PROVIDERS"
#: The calls that are about one resource.
METHODS = {"Check", "Diff", "Create", "Read", "Update", "Delete"}
_THREADS = 64


class Trap:
    """``where``: (method, name, side, number); None lets everything pass."""

    def __init__(self, log: Path, where: tuple[str, ...] | None, victim: Path | None) -> None:
        self.log = log
        self.where = where
        self.victim = victim
        self.lock = threading.Lock()
        self.seen: Counter[tuple[str, ...]] = Counter()

    def passed(self, *what: str) -> None:
        with self.lock:
            self.seen[what] += 1
            place = (*what, str(self.seen[what]))
            with self.log.open("a") as stream:
                stream.write(" ".join(place) + "\n")
            if place == self.where:
                self.spring()

    def spring(self) -> None:
        assert self.victim is not None
        who, _, number = self.victim.read_text().partition(" ")
        if who == "provider":
            os.kill(os.getpid(), signal.SIGKILL)
        process = psutil.Process(int(number))
        if who == "engine":
            process = next(child for child in process.children() if child.name() == "pulumi")
        process.kill()
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def through(trap: Trap, upstream: str) -> int:
    """The port that leads through the trap to the provider on the port ``upstream``."""
    stub = provider_pb2_grpc.ResourceProviderStub(
        grpc.insecure_channel(f"127.0.0.1:{upstream}", options=OPTIONS)
    )

    def handing_on(method: str) -> Any:
        def call(_servicer: Any, request: Any, context: grpc.ServicerContext) -> Any:
            urn = getattr(request, "urn", "")
            told = method in METHODS and urn
            name = _place(urn) if told else ""
            what = f"Preview{method}" if getattr(request, "preview", False) else method
            if told:
                trap.passed(what, name, "before")
            try:
                answer = getattr(stub, method)(request)
            except grpc.RpcError as error:
                context.set_trailing_metadata(tuple(error.trailing_metadata() or ()))  # type: ignore[attr-defined]
                context.abort(error.code(), error.details())  # type: ignore[attr-defined]
            if told:
                trap.passed(what, name, "after")
            return answer

        return call

    service = provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"]
    methods = {each.name: handing_on(each.name) for each in service.methods if not each.server_streaming}
    servicer = type("Through", (provider_pb2_grpc.ResourceProviderServicer,), methods)()
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = int(server.add_insecure_port("127.0.0.1:0"))
    server.start()
    _kept.append(server)
    return port


def _place(urn: str) -> str:
    """Type and name of a resource, which tell it from those of another type that have the same name."""
    _, _, types, *name = urn.split("::")
    return "/".join((types.rpartition("$")[2], *name))


_kept: list[grpc.Server] = []


class _Ours(Process):
    """It outlives one engine: what that one cancelled is over for the next."""

    def Configure(self, request: Any, context: Any) -> Any:
        self.cancelled.clear()
        return super().Configure(request, context)


def _ours() -> str:
    """The port of a provider of ours, in this process."""
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=OPTIONS)
    servicer = _Ours(Path(os.environ[ROOT_VARIABLE]), None)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _kept.append(server)
    return str(port)


def main() -> None:
    ports_file, log, *rest = sys.argv[1:]
    trap = Trap(Path(log), tuple(rest[:4]) or None, Path(rest[4]) if rest else None)
    upstream = dict(each.split(":") for each in os.environ[DEBUG_PROVIDERS].split(","))
    ports = {name: through(trap, port) for name, port in {**upstream, "mlstack": _ours()}.items()}
    scratch = Path(f"{ports_file}.part")
    scratch.write_text(",".join(f"{name}:{port}" for name, port in ports.items()))
    scratch.rename(ports_file)
    threading.Event().wait()


if __name__ == "__main__":
    main()
