"""One rehearsed stack on each cloud for the tests that only look at it, or leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.rehearsal.clouds import EXAMPLES
from tests.e2e.rehearsal.stage import Stage, example


@pytest.fixture(scope="module", params=EXAMPLES)
def digits(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The example digits, up."""
    stage = example(tmp_path_factory.mktemp("rehearsed"), "digits", request.param)
    stage.up()
    yield stage
    stage.down()
