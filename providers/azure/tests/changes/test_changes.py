"""A change of each field leads to the update, the replacement or the new version that Azure would make of it.

`cases/` says what, each with the source; the stack is rehearsed by the real command line and engine, changed,
applied, and looked at again. The largest stack is left to the soak.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.rehearsal.stage import COUNTED, Stage, changes

from .table import FILES, VARIABLES, Table, tables

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

TABLES = tables()
#: Resources of mlstack's own, of which a run is counted where it shows: on the platform.
OURS = ("Upload", "Job")


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
    stage = Stage(tmp_path, (), VARIABLES)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    stage.write(table.spec())
    stage.up()
    before = stage.ids()

    stage.write(table.spec(changed=[case.name for case in table.cases]))
    done = stage.up("--confirm", "dev-azure")
    happened = by_component(done)
    for id in stage.ids() - before:
        if run := re.search(r"/jobs/(c\d+)-", id):
            happened.setdefault(f"jobs.{run[1]}", Counter())["run Job"] += 1
    wrong = [case.wrong(happened.pop(f"{case.kind}.{case.name}", Counter())) for case in table.cases]
    assert [each for each in wrong if each] == []
    assert happened == {}, "something that nobody changed"
    rerun = {f"{case.kind}.{case.name}" for case in table.cases if case.after.get("rerun") == "always"}
    again = stage("preview")
    assert set(by_component(again)) <= rerun, "once applied, nothing is left to change"
    assert not changes(again) or rerun


def by_component(answer: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """What happened to the platform's resources below each component."""
    found: dict[str, Counter[str]] = {}
    for each in answer["resources"]:
        kind = each["type"].rpartition(":")[2]
        if each["op"] in COUNTED and not each["type"].startswith("mlstack:index:") and kind not in OURS:
            of = found.setdefault(f"{each['kind']}.{each['name'].partition('-')[0]}", Counter())
            of[f"{each['op']} {kind}"] += 1
    return found
