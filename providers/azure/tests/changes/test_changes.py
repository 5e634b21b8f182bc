"""A change of each field leads to the update, the replacement or the new version that Azure would make of it.

`cases/` says what, each with the source; the stack is rehearsed by the real command line and engine, changed,
applied, and looked at again. The largest stack is left to the soak.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.changes.apply import VARIABLES, applied
from tests.changes.table import Table
from tests.e2e.rehearsal.stage import Stage

from .table import OURS, TABLES

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(
            table, id=table.name, marks=pytest.mark.soak if len(table.cases) > 30 else pytest.mark.drawn(of=4)
        )
        for table in TABLES
    ],
)
def test_changes_do_what_the_platform_would(table: Table, tmp_path: Path) -> None:
    applied(Stage(tmp_path, ("--cloud", "azure"), VARIABLES), table, r"/jobs/(c\d+)-", OURS)
