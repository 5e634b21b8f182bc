"""The process `pulumi-resource-mlstack`: prints its port, serves until the engine is gone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc

from mlstack import owner
from mlstack.plugin.servicer import Servicer

#: Names the spec's folder to the plugin; without it the plugin looks around its working directory.
ROOT_VARIABLE = "MLSTACK_ROOT"

_MESSAGE_LIMIT = 400 << 20
OPTIONS = [
    ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
    ("grpc.max_send_message_length", _MESSAGE_LIMIT),
]
#: Verbs may wait (for a job, for workers): as many at once as the engine would ever ask for.
_THREADS = 64


class Process(Servicer):
    """The servicer with a line to the engine, for progress lines beside each resource."""

    def __init__(self, root: Path, engine: str | None) -> None:
        super().__init__(root, version("mlstack"))
        self._engine = (
            engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine, options=OPTIONS)) if engine else None
        )
        # one thread, so that lines arrive in their order; what fails because the engine is gone is no loss
        self._lines = futures.ThreadPoolExecutor(max_workers=1)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802 - the name is gRPC's
        if owner.is_orphan(os.environ):
            # Nobody asked for it to stop: the command was killed, and its engine is being cleared away.
            # What goes on by itself (a job) shall go on; the next run finds it.
            os._exit(0)
        return super().Cancel(request, context)

    def _log(self, urn: str) -> Callable[[str], None]:
        def log(line: str) -> None:
            if self._engine is None:
                return
            request = engine_pb2.LogRequest(
                severity=engine_pb2.LogSeverity.INFO, message=line, urn=urn, ephemeral=True
            )
            self._lines.submit(self._engine.Log, request, timeout=5)

        return log


def spec_folder(start: Path) -> Path:
    """The nearest folder, from ``start`` upward, that holds a program of ours or of Pulumi's."""
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in ("mlstack.yaml", "Pulumi.yaml")):
            return folder
    return start


def serve(servicer: Servicer, port: int = 0) -> tuple[grpc.Server, int]:
    """Serve on loopback; the port that was taken."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def main() -> None:
    parser = argparse.ArgumentParser(prog="pulumi-resource-mlstack", description=__doc__)
    parser.add_argument("engine", nargs="?", help="address of the Pulumi engine")
    arguments, _ = parser.parse_known_args()
    root = Path(os.environ.get(ROOT_VARIABLE) or spec_folder(Path.cwd()))
    servicer = Process(root, arguments.engine)
    server, port = serve(servicer)

    def end(_number: int, _frame: FrameType | None) -> None:
        servicer.cancelled.set()
        server.stop(None)

    # how the engine ends its plugins: one that does not listen costs it seconds, then is killed
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if arguments.engine:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def _end_with_parent() -> None:
    """An engine that was killed cannot say goodbye: without this the plugin would outlive it."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()
