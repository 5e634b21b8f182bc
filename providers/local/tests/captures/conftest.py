from __future__ import annotations

from collections.abc import Callable

import pytest
from mlstack_local.captures.rows import Row

#: 2026-01-02 03:04:05 UTC.
START = 1767323045.0


@pytest.fixture
def row() -> Callable[..., Row]:
    """A row ``after`` some seconds."""

    def make(
        after: float = 0.0, request: bytes = b"1,2", deployment: str = "blue", start: float = START
    ) -> Row:
        return Row(
            start + after,
            f"id-{after:g}",
            deployment,
            "g1",
            "/v2/models/digits/infer",
            200,
            0.25,
            "text/csv",
            request,
            b'{"predictions":[1]}',
        )

    return make
