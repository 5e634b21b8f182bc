"""What a gateway keeps of the requests that pass through it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from mlstack_local import captures, ports
from mlstack_local.captures import files
from mlstack_local.captures.rows import sampled
from mlstack_local.gateway import config as configs
from mlstack_local.layout import captures_of

Gateway = Any
Make = Callable[..., Any]
ALL = configs.Capture()
KEY = "the-key"


@pytest.fixture
def folder(gateway: Gateway) -> Iterator[Path]:
    """Of the captures of a deployment of the test's own: the gateway is shared."""
    yield captures_of(gateway.folder) / f"cap{time.time_ns()}"
    gateway.set({})


def behind(*backends: Any, generation: str = "g7") -> configs.Backend:
    return configs.Backend(generation, tuple(backend.port for backend in backends), 20)


def rows(folder: Path, count: int) -> list[dict[str, Any]]:
    """So many rows, once they are there."""
    deadline = time.monotonic() + 120
    while (table := captures.read(folder)).num_rows < count:
        assert time.monotonic() < deadline, f"{table.num_rows} of {count} rows"
        time.sleep(0.05)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def capture(gateway: Gateway, folder: Path, backend: Any, how: configs.Capture = ALL) -> None:
    name = folder.name
    gateway.set({name: 100}, captures={name: how}, **{name: behind(backend)})


def test_a_request_and_its_answer_are_kept_as_they_came(
    gateway: Gateway, backends: Make, folder: Path
) -> None:
    capture(gateway, folder, backends("blue"))
    before = time.time()
    answer = gateway.ask(
        "/v2/models/digits/infer?token=s3cret",
        data=b"1,2\n\xff",
        headers={"content-type": "text/csv", "x-request-id": "mine"},
    )
    [row] = rows(folder, 1)
    assert before - 1 < row.pop("time").timestamp() < time.time()
    assert 0 < row.pop("seconds") < 30
    assert row == {
        "request_id": "mine",
        "deployment": folder.name,
        "generation": "g7",
        "path": "/v2/models/digits/infer",
        "status": 200,
        "content_type": "text/csv",
        "request": b"1,2\n\xff",
        "response": answer.content,
    }
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert KEY.encode() not in kept
    assert b"s3cret" not in kept.replace(answer.content, b"")


def test_errors_of_a_worker_are_kept_and_refusals_of_the_gateway_are_not(
    gateway: Gateway, backends: Make, folder: Path
) -> None:
    blue = backends("blue")
    capture(gateway, folder, blue)
    blue.behave = lambda handler: handler.answer(400, {"error": "bad row"}) or True
    gateway.ask(data=b"x")
    gateway.ask(data=b"x", headers={"x-mlstack-deployment": "other"})
    gateway.ask("/v2", "GET")
    port = ports.free(f"{gateway.folder} nobody yet")
    gateway.set(
        {folder.name: 100},
        captures={folder.name: ALL},
        **{folder.name: configs.Backend("g8", (port,), 0.2)},
    )
    assert gateway.ask(data=b"y").status_code == 503
    backends("late", port)
    gateway.ask(data=b"z")
    found = rows(folder, 2)
    assert [(row["status"], row["generation"], row["request"]) for row in found] == [
        (400, "g7", b"x"),
        (200, "g8", b"z"),
    ]
    assert json.loads(found[0]["response"]) == {"error": "bad row"}


def test_the_sample_is_decided_by_the_request_id(gateway: Gateway, backends: Make, folder: Path) -> None:
    capture(gateway, folder, backends("blue"), configs.Capture(sample=0.5))
    ids = [f"r{number}" for number in range(40)]
    for request_id in [*ids, *ids]:
        gateway.ask(data=b"x", headers={"x-request-id": request_id})
    wanted = [request_id for request_id in ids if sampled(request_id.encode(), 0.5)]
    assert 5 < len(wanted) < 35
    assert [row["request_id"] for row in rows(folder, 2 * len(wanted))] == [*wanted, *wanted]


def test_a_large_body_is_counted_instead(gateway: Gateway, backends: Make, folder: Path) -> None:
    capture(gateway, folder, backends("blue"))
    assert gateway.ask(data=b"x" * ((1 << 20) + 1)).status_code == 200
    assert gateway.ask(data=b"x" * (1 << 20)).status_code == 200
    [row] = rows(folder, 1)
    assert len(row["request"]) == 1 << 20
    text = gateway.ask("/metrics", "GET").text
    place = f'deployment="{folder.name}",endpoint="digits"'
    assert f'mlstack_gateway_capture_dropped_total{{{place},reason="large"}} 1.0' in text
    assert f"mlstack_gateway_capture_rows_total{{{place}}} 1.0" in text


def test_a_killed_gateway_loses_little_and_its_file_goes_on(
    gateway: Gateway, backends: Make, folder: Path
) -> None:
    capture(gateway, folder, backends("blue"))
    gateway.ask(data=b"before")
    rows(folder, 1)
    [stream] = files.streams(folder)
    os.kill(gateway.process.pid, signal.SIGKILL)
    gateway.process.wait()
    gateway.start()
    gateway.ask(data=b"after")
    assert [row["request"] for row in rows(folder, 2)] == [b"before", b"after"]
    assert files.streams(folder) == [stream]
    gateway.ask(data=b"last")
    gateway.stop()
    assert files.streams(folder) == []
    [file] = files.parquets(folder)
    assert pa.parquet.read_table(file)["request"].to_pylist() == [b"before", b"after", b"last"]
    gateway.start()


def test_a_gateway_that_captures_nothing_does_without_pyarrow(
    gateway: Gateway, backends: Make, folder: Path
) -> None:
    """It would cost 50 MB and half a second of every start."""
    gateway.stop()
    gateway.start()
    gateway.set({"blue": 100}, blue=behind(backends("blue")))
    gateway.ask(data=b"x")

    def loaded() -> bool:
        return any("pyarrow" in part.path for part in psutil.Process(gateway.process.pid).memory_maps())

    assert not loaded()
    capture(gateway, folder, backends("blue"))
    gateway.ask(data=b"x")
    rows(folder, 1)
    assert loaded()
