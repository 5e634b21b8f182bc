"""Which of the captured requests a reading looks at, and that it never has all of them in memory."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.monitors import sample as samples
from mlstack_local.monitors import window
from mlstack_local.monitors.sample import Sample

from .conftest import Site


def batch(count: int, size: int = 10, after: int = 0) -> pa.RecordBatch:
    """Rows of bodies of that many bytes; their ids are their numbers."""
    held = {
        "time": [after + number for number in range(count)],
        "request_id": [str(after + number) for number in range(count)],
        "status": [200] * count,
        "seconds": [0.1] * count,
        "request": [b"x" * size] * count,
    }
    columns = [
        pa.array(held.get(field.name, [b"" if field.type == pa.binary() else ""] * count), field.type)
        for field in SCHEMA
    ]
    return pa.record_batch(columns, schema=SCHEMA)


def test_what_fits_is_whole() -> None:
    sample = Sample(100)
    sample.add(batch(40))
    sample.add(batch(60, after=40))
    assert sample.table()["request_id"].to_pylist() == [str(number) for number in range(100)]
    assert Sample().table() == SCHEMA.empty_table()


@pytest.mark.parametrize(("limit", "size"), [(1000, 1 << 30), (10**9, 100_000)])
def test_memory_is_bounded_and_early_and_late_rows_are_as_likely(limit: int, size: int) -> None:
    sample = Sample(limit, size)
    for number in range(200):
        sample.add(batch(500, 100, after=number * 500))
        rows, held = sample.held
        assert rows <= 2 * limit
        assert held <= 2 * size
    chosen = np.array(sample.table()["request_id"].to_pylist(), int)
    assert len(set(chosen)) == len(chosen) == 1000
    quarters, _ = np.histogram(chosen, [0, 25_000, 50_000, 75_000, 100_000])
    assert quarters.min() > 200


def test_large_bodies_are_as_likely_as_small_ones() -> None:
    sample = Sample(10**9, 1 << 20)
    for number in range(100):
        sample.add(batch(100, 10_000 if number % 2 else 100, after=number * 100))
    sizes = [len(body) for body in sample.table()["request"].to_pylist()]
    assert sum(sizes) <= 1 << 20
    assert 0.35 < np.mean([size == 10_000 for size in sizes]) < 0.65


def test_one_row_is_left_however_large() -> None:
    sample = Sample(10, 100)
    sample.add(batch(3, 1000))
    assert sample.table().num_rows == 1


def test_a_window_of_bodies_beyond_the_bound_is_a_part_of_them(site: Site) -> None:
    body = b"[[" + b"1," * (1 << 18) + b"1]]"
    for number in range(samples.BYTES // len(body) // 20 + 2):
        site.capture(*[body] * 20, time=1000.0 + number)
    found = window.read(site.layout, "digits", None, 1e10).table
    assert samples.BYTES - len(body) * 2 < sum(map(len, found["request"].to_pylist())) <= samples.BYTES
    assert found["time"].to_pylist() == sorted(found["time"].to_pylist())
    again = window.read(site.layout, "digits", None, 1e10).table
    assert again["request_id"].equals(found["request_id"])
