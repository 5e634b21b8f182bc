"""A monitor watches a real endpoint by itself: clean rows, then turned ones, and a webhook is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from mlstack_local.monitors.history import History
from sklearn.datasets import load_digits

from tests.e2e.project import mlstack, processes

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

OVERLAY = """
endpoints:
  digits: {deployments: {main: {capture: {sample: 1.0}}}}
monitors:
  drift:
    {endpoint: digits, signal: data-drift, baseline: data.digits, threshold: 0.2, every: 10s,
     notify: [oncall]}
  slow: {endpoint: digits, signal: latency, threshold: 1h, min_samples: 1, every: 1d}
notifications:
  oncall: {webhook: URL}
"""


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A URL, and what was posted there."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    thread.join()
    server.server_close()


def until(holds: Callable[[], object], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_from_clean_rows_to_an_alert(fresh: Path, hook: tuple[str, list[dict[str, Any]]]) -> None:
    url, told = hook
    (fresh / "mlstack.dev-local.yaml").write_text(OVERLAY.replace("URL", json.dumps(url)))
    done = mlstack(fresh, "up", "--yes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    rows = np.random.default_rng(0).permutation(load_digits().data)[:400]
    turned = scipy.ndimage.rotate(rows.reshape(-1, 8, 8), 20, axes=(1, 2), reshape=False, order=1)

    def ask(images: Any) -> None:
        (fresh / "rows.json").write_text(json.dumps({"instances": images.reshape(-1, 64).tolist()}))
        done = mlstack(fresh, "invoke", "digits", "--data", "rows.json")
        assert done.returncode == 0, done.stderr

    assert "nothing to change" in mlstack(fresh, "preview").stdout

    # Looked at often: a command takes seconds, and the processor from what is waited for.
    [folder] = fresh.glob(".mlstack/local/*/monitors/drift")
    history = History(folder)
    ask(rows)
    until(lambda: history.last(state="ok"))
    assert told == []
    ask(turned)
    until(lambda: told)
    [body] = told
    assert (body["event"], body["reading"]["monitor"], body["reading"]["samples"]) == ("firing", "drift", 400)
    assert (fresh / body["reading"]["report"]).is_file()
    readings = json.loads(mlstack(fresh, "monitor", "history", "drift", "--json").stdout)["readings"]
    assert {"ok", "firing"} <= {reading["state"] for reading in readings} <= {"ok", "firing", "insufficient"}

    done = mlstack(fresh, "monitor", "run", "slow", "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "ok")
    assert mlstack(fresh, "monitor", "run", "drift", "--fail-on-alert").returncode == 4
    assert mlstack(fresh, "monitor", "report", "drift").stdout.strip().endswith(".html")
    rows_of_status = json.loads(mlstack(fresh, "status", "--json").stdout)["resources"]
    found = {(row["kind"], row["name"]): row for row in rows_of_status}
    assert found["monitor", "drift"]["state"] == "degraded"
    assert "FIRING" in found["monitor", "drift"]["detail"]
    assert found["notification", "oncall"]["detail"].startswith("webhook, told")

    assert mlstack(fresh, "down", "--yes").returncode == 0
    assert processes(fresh) == []
    assert not list((fresh / ".mlstack" / "local").glob("*/monitors"))
