"""One rehearsed stack for the tests that only look at it, or leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.rehearsal.stage import Stage, example


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The example digits, up."""
    stage = example(tmp_path_factory.mktemp("rehearsed"), "digits")
    stage.up()
    yield stage
    stage.down()
