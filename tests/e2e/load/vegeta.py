"""vegeta, a load generator of others: a constant rate of requests, whatever becomes of those before.

Built once from its Go module into mlstack's cache, with the Go that builds the engine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from mlstack.obtain import golang
from mlstack.paths import cache_dir

MODULE = "github.com/tsenart/vegeta/v12@v12.12.0"
_GO = (1, 22)


def executable() -> Path:
    """Where vegeta is; built when it is not there yet."""
    folder = cache_dir() / "tools" / MODULE.rpartition("@")[2]
    file = folder / "vegeta"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not file.exists():
            go = golang.on_path(_GO) or golang.fetch(_GO, folder / "toolchain", print)
            environment = {**golang.environment(), "GOBIN": str(folder)}
            subprocess.run([go, "install", MODULE], env=environment, cwd=folder, check=True)
    return file


@dataclass(frozen=True)
class Hit:
    """One request. ``time`` is when it was sent (epoch seconds); ``code`` 0 means that nothing answered."""

    time: float
    seconds: float
    code: int
    deployment: str
    error: str

    @property
    def failed(self) -> bool:
        return self.code != 200


@dataclass
class Attack:
    """The requests of an attack, in the order in which they were sent; there once it has ended."""

    hits: list[Hit] = field(default_factory=list)

    @property
    def failed(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.failed]

    def split(self, since: float, until: float) -> Counter[str]:
        """By the deployment that answered what was sent between two times."""
        return Counter(hit.deployment for hit in self.hits if since <= hit.time < until)


@contextmanager
def attack(endpoint: dict[str, Any], body: bytes, rate: int) -> Iterator[Attack]:
    """POST ``body`` to the endpoint ``rate`` times a second while the block runs."""
    target = {
        "method": "POST",
        "url": endpoint["url"],
        "body": b64encode(body).decode(),
        "header": {
            "Authorization": [f"Bearer {endpoint['key']}"],
            "Content-Type": ["application/json"],
        },
    }
    made = Attack()
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch, "results")
        command = [executable(), "attack", "-format=json", "-lazy=false", f"-rate={rate}", "-duration=0"]
        process = subprocess.Popen(
            [*command, "-timeout=30s", f"-output={results}"], stdin=subprocess.PIPE, stderr=sys.stderr
        )
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(target).encode() + b"\n")
            process.stdin.close()
            yield made
        finally:
            process.terminate()  # it waits for the answers that are due, then writes them
            process.wait(60)
        made.hits += sorted(_read(results), key=lambda hit: hit.time)


def _read(results: Path) -> Iterator[Hit]:
    encoded = subprocess.run([executable(), "encode", results], capture_output=True, check=True)
    for line in encoded.stdout.splitlines():
        row = json.loads(line)
        headers = {name.lower(): values for name, values in (row.get("headers") or {}).items()}
        yield Hit(
            datetime.fromisoformat(row["timestamp"]).timestamp(),
            row["latency"] / 1e9,
            row["code"],
            (headers.get("x-mlstack-deployment") or ["none"])[0],
            row["error"],
        )
