"""A change of each field leads to the update, the replacement or the new version that the cloud would make.

A cloud's `cases/` say what, each with the source; the stack is rehearsed by the real command line and engine,
changed, applied, and looked at again. The largest stacks are left to the soak.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.changes.apply import VARIABLES, applied
from tests.changes.clouds import CLOUDS
from tests.changes.table import Changes, Table
from tests.e2e.rehearsal.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("cloud", "table"),
    [
        pytest.param(
            cloud,
            table,
            id=f"{cloud.cloud}-{table.name}",
            marks=pytest.mark.soak if len(table.cases) > 30 else pytest.mark.drawn(of=6),
        )
        for cloud in CLOUDS
        for table in cloud.tables
    ],
)
def test_changes_do_what_the_platform_would(cloud: Changes, table: Table, tmp_path: Path) -> None:
    applied(Stage(tmp_path, ("--cloud", cloud.cloud), VARIABLES), table, cloud.ours)
