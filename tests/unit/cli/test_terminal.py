"""A person at a terminal: asked, shown, listened to. The stack is one file, so that it is quick."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

MLSTACK = Path(sys.executable).parent / "mlstack"
SPEC = "version: 1\nname: asked\ndata:\n  rows: {path: ./rows.csv, type: file}\n"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    (tmp_path / "rows.csv").write_text("x,y\n1,2\n")
    return tmp_path


def plain(shown: str) -> str:
    """What a terminal was sent, without colours and moves of the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


def state(run: Any) -> str:
    rows = json.loads(run("status", "--json").stdout)["resources"]
    (row,) = [row for row in rows if row["kind"] == "data"]
    return str(row["state"])


def test_up_and_down_ask_first(stack: Path, at_terminal: Any, run: Any) -> None:
    code, shown = at_terminal([MLSTACK, "up"], ("[y/N/details]", "n"))
    assert code == 5
    assert "+ data.rows" in plain(shown)
    assert "1 to create" in plain(shown)
    assert "nothing was changed" in plain(shown)
    assert state(run) == "absent"
    assert not (stack / "Pulumi.dev-local.yaml").exists()

    code, shown = at_terminal([MLSTACK, "up"], ("[y/N/details]", "\x04"))
    assert code == 130, "Ctrl-D is no answer, and no bug"
    assert "bug" not in shown

    code, shown = at_terminal([MLSTACK, "up"], ("[y/N/details]", "details"), ("[y/N/details]", "y"))
    assert code == 0, shown
    assert "+ mlstack:local:Data rows" in plain(shown)
    assert re.search(r"created\s+data\.rows", plain(shown))
    assert "1 created" in plain(shown)
    assert state(run) == "ready"

    code, shown = at_terminal([MLSTACK, "up"])
    assert code == 0, "with nothing to change nothing is asked"
    assert "nothing to change (1 unchanged)" in plain(shown)

    code, shown = at_terminal([MLSTACK, "down"], ("to go on: ", "dev-locl"))
    assert code == 5
    assert "- data.rows" in plain(shown)
    assert state(run) == "ready"

    code, shown = at_terminal([MLSTACK, "down"], ("to go on: ", "dev-local"))
    assert code == 0, shown
    assert "1 deleted" in plain(shown)
    assert state(run) == "absent"


def test_colours_are_for_terminals_alone(stack: Path, at_terminal: Any, run: Any) -> None:
    _, shown = at_terminal([MLSTACK, "preview"])
    assert "\x1b[32m" in shown
    assert "\x1b" not in run("preview", TERM="xterm-256color", NO_COLOR="").stdout


def test_what_is_protected_goes_when_the_stack_is_named(tmp_path: Path, at_terminal: Any, run: Any) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: kept\nruntime: python\n")
    (tmp_path / "rows.csv").write_text("x,y\n1,2\n")
    (tmp_path / "__main__.py").write_text(
        "import mlstack as ml, pulumi\n"
        "ml.Data('rows', path='./rows.csv', type='file', opts=pulumi.ResourceOptions(protect=True))\n"
    )
    assert run("up", "--yes").code == 0
    code, shown = at_terminal([MLSTACK, "down"], ("to go on: ", "dev-local"))
    assert code == 0, shown
    assert "data.rows (protected)" in plain(shown)
    assert "1 deleted" in plain(shown)
