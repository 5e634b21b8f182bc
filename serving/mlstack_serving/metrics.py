"""A few numbers in Prometheus' text format, without its client library (one dependency less to clash)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlstack_serving.capturing import Recorder

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Written by the event loop alone, so it needs no lock."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.load_seconds: float | None = None
        self.recorder: Recorder | None = None
        self._requests: dict[tuple[str, int], int] = {}
        self._durations: dict[str, list[float]] = {}
        self._batches: list[float] = []

    def observe(self, route: str, status: int, seconds: float) -> None:
        key = (route, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        cells = self._durations.get(route)
        if cells is None:
            cells = self._durations[route] = _cells(BUCKETS)
        _put(cells, BUCKETS, seconds)

    def count_batch(self, rows: int) -> None:
        """A call of the model with the rows of one or more requests."""
        self._batches = self._batches or _cells(BATCH_BUCKETS)
        _put(self._batches, BATCH_BUCKETS, rows)

    def text(self, model: str) -> str:
        lines = ["# HELP mlstack_requests_total Answered requests.", "# TYPE mlstack_requests_total counter"]
        for (route, status), count in sorted(self._requests.items()):
            lines.append(
                f'mlstack_requests_total{{model="{model}",route="{route}",status="{status}"}} {count}'
            )
        name = "mlstack_request_duration_seconds"
        lines += [f"# HELP {name} From request to answer.", f"# TYPE {name} histogram"]
        for route, cells in sorted(self._durations.items()):
            lines += _histogram(name, f'model="{model}",route="{route}"', BUCKETS, cells)
        if self._batches:
            name = "mlstack_batch_rows"
            lines += [f"# HELP {name} Rows in one call of the model.", f"# TYPE {name} histogram"]
            lines += _histogram(name, f'model="{model}"', BATCH_BUCKETS, self._batches)
        gauges = [("mlstack_requests_in_flight", "Requests being answered.", float(self.in_flight))]
        if self.load_seconds is not None:
            gauges.append(
                ("mlstack_model_load_seconds", "Time it took to load the model.", self.load_seconds)
            )
        for gauge, text, value in gauges:
            lines += [
                f"# HELP {gauge} {text}",
                f"# TYPE {gauge} gauge",
                f'{gauge}{{model="{model}"}} {value:g}',
            ]
        if self.recorder is not None:
            lines += _captures(self.recorder, model)
        return "\n".join(lines) + "\n"


def _captures(recorder: Recorder, model: str) -> Iterator[str]:
    name = "mlstack_captured_requests_total"
    yield from (f"# HELP {name} Requests that are kept.", f"# TYPE {name} counter")
    yield f'{name}{{model="{model}"}} {recorder.written}'
    name = "mlstack_capture_dropped_total"
    yield f"# HELP {name} Requests that should have been kept: the disk was slow, a body large, or it failed."
    yield f"# TYPE {name} counter"
    for reason, count in sorted(recorder.dropped.items()):
        yield f'{name}{{model="{model}",reason="{reason}"}} {count}'


def _cells(buckets: Sequence[float]) -> list[float]:
    """One cell per bucket, one above the last, and the sum at the end."""
    return [0.0] * (len(buckets) + 2)


def _put(cells: list[float], buckets: Sequence[float], value: float) -> None:
    cells[bisect_left(buckets, value)] += 1
    cells[-1] += value


def _histogram(name: str, labels: str, buckets: Sequence[float], cells: list[float]) -> Iterator[str]:
    total = 0
    for index, bound in enumerate((*buckets, "+Inf")):
        total += int(cells[index])
        yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
    yield f"{name}_sum{{{labels}}} {cells[-1]:.6f}"
    yield f"{name}_count{{{labels}}} {total}"
