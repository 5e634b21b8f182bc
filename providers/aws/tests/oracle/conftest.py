from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from tests.oracle.compare import Table

from .allowances import ALLOWANCES
from .stage import Ground


@pytest.fixture(scope="session")
def _account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ground, sqlite3.Connection]]:
    with Ground(tmp_path_factory.mktemp("aws")).open() as ground:
        yield ground, ground.copy()


@pytest.fixture
def ground(_account: tuple[Ground, sqlite3.Connection]) -> Ground:
    """An account with nothing in it."""
    ground, empty = _account
    ground.put_back(empty)
    return ground


@pytest.fixture(scope="session")
def table() -> Table:
    """The allowances, and which of them were needed by the cases that ran."""
    return Table(ALLOWANCES)
