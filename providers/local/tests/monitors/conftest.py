"""Captures of a stack's endpoint, written as the gateway writes them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import scipy.ndimage
from mlstack_local.captures import files
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.layout import Layout
from mlstack_local.monitors.definition import Baseline, Definition
from sklearn.datasets import load_digits

PIXELS = [f"p{place}" for place in range(64)]


class Site:
    """A stack's folder with a baseline of digits, and captures of the endpoint "digits"."""

    held: Baseline

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root, "u1")
        self._number = 0

    def baseline(self, columns: dict[str, Any], name: str = "baseline.csv", **roles: Any) -> Baseline:
        pyarrow.csv.write_csv(pa.table(columns), self.layout.root / name)
        return Baseline(name, "v1", roles)

    def definition(self, **given: Any) -> Definition:
        usual = {
            "name": "drift",
            "endpoint": "digits",
            "signal": "data-drift",
            "threshold": 0.2,
            "metric": "psi",
        }
        return Definition(**{**usual, **given})

    def capture(self, *bodies: Any, time: float = 1000.0, deployment: str = "blue", **row: Any) -> None:
        """One captured request for each body (JSON, or bytes as they are)."""
        rows = []
        for number, body in enumerate(bodies):
            self._number += 1
            rows.append(
                {
                    "time": datetime.fromtimestamp(time + number / 1e6, UTC),
                    "request_id": f"r{self._number}",
                    "deployment": deployment,
                    "generation": "g",
                    "path": "/",
                    "status": 200,
                    "seconds": 0.01,
                    "content_type": "application/json",
                    "request": body if isinstance(body, bytes) else json.dumps(body).encode(),
                    "response": b'{"predictions": []}',
                    **row,
                }
            )
        folder = self.layout.captures("digits", deployment)
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            pa.Table.from_pylist(rows, SCHEMA), files.parquet(folder, files.stem(time + self._number / 1e3))
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds."""

    def wait(holds: Callable[[], object], seconds: float = 200) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def digits() -> Any:
    """1797 images of 64 pixels, 0 to 16, many of which are nearly always 0."""
    return load_digits().data


def rotated(images: Any, degrees: float = 20) -> Any:
    turned = scipy.ndimage.rotate(images.reshape(-1, 8, 8), degrees, axes=(1, 2), reshape=False, order=1)
    return np.round(turned).clip(0, 16).reshape(-1, 64)


def noisy(images: Any, rng: Any) -> Any:
    return (images + rng.normal(0, 2, images.shape)).round().clip(0, 16)
