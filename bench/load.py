"""A closed-loop load on one HTTP server: so many kept connections, each with one request at a time."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

import uvloop


class Caller(asyncio.Protocol):
    """One kept connection: the next request goes out when the answer to the one before is complete.

    A protocol on uvloop, because the load shares two cores with what it measures.
    """

    def __init__(self, request: bytes, deadline: float, latencies: list[float]) -> None:
        self.request = request
        self.deadline = deadline
        self.latencies = latencies
        self.ended = asyncio.get_running_loop().create_future()
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.received = b""
        self.started = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.fail(RuntimeError(self.received.decode(errors="replace")))
            return
        now = time.perf_counter()
        self.latencies.append(now - self.started)
        if now < self.deadline:
            self.ask()
        else:
            self.transport.close()
            self.ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.fail(error or ConnectionError("the server closed the connection"))

    def fail(self, error: Exception) -> None:
        if not self.ended.done():
            self.ended.set_exception(error)


def request(path: str, body: bytes, **headers: str) -> bytes:
    """A POST of JSON, as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def load(port: int, message: bytes, connections: int, seconds: float) -> dict[str, float]:
    """What so many callers got through on a loopback port, and how long each request took."""
    return uvloop.run(_load(port, message, connections, seconds))


async def _load(port: int, message: bytes, connections: int, seconds: float) -> dict[str, float]:
    latencies: list[float] = []
    deadline = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Caller(message, deadline, latencies), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(caller.ended for _, caller in made))
    cuts = statistics.quantiles(latencies, n=100)
    return {
        "requests_per_second": round(len(latencies) / seconds, 1),
        "median_ms": round(cuts[49] * 1000, 3),
        "p95_ms": round(cuts[94] * 1000, 3),
        "p99_ms": round(cuts[98] * 1000, 3),
    }
