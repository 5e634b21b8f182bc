"""The value of a secret is nowhere but in the vault: not in state, logs or errors, nor in what is printed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.e2e.rehearsal.stage import CANARY, Stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

SPEC = {
    "version": 1,
    "name": "quiet",
    "cloud": "azure",
    "region": "westeurope",
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "ml"},
    "secrets": {"token": {"env": "HF_TOKEN"}, "hook": {"env": "HOOK"}},
    "compute": {"pool": {"size": "cpu-m"}},
    "environments": {"sk": {"image": "python:3.11"}},
    "jobs": {
        "train": {"command": "echo", "environment": "sk", "compute": "pool", "secrets": {"TOKEN": "token"}}
    },
    "notifications": {"oncall": {"webhook": {"secret": "hook"}}},
}
HOOK = "https://hooks.example.com/canary-9d2b71c4"


def test_a_secret_shows_nowhere(tmp_path: Path) -> None:
    stage = Stage(tmp_path, (), {"HF_TOKEN": CANARY, "HOOK": HOOK})
    stage.write(SPEC)
    stage.up()
    other = Stage(tmp_path, (), {"HF_TOKEN": f"{CANARY}-changed", "HOOK": HOOK}, stage.printed)
    seen = other("preview", "--resources")
    assert seen["summary"]["update"], "a changed value is seen"
    other.text("up", "--yes", "--debug")
    other.text("refresh", "--yes")
    for command in (("outputs",), ("status",), ("runs", "train"), ("logs", "train")):
        other(*command) if command[0] != "logs" else other.text(*command)
    other("up", "--yes", "--set", "compute.pool.size=cpu-xxl", code=3)
    assert found(tmp_path, stage.printed) == []
    other.down()
    assert found(tmp_path, stage.printed) == []


def found(root: Path, printed: list[str]) -> list[str]:
    """Where a value can be read, as it is or in base64. The emulated cloud alone holds the address of a web
    hook, in the action group that calls it, as Azure does."""
    values = [value.encode() for value in (CANARY, HOOK)]
    values += [base64.b64encode(value)[:-4] for value in values]
    files = {str(file): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    texts = {**files, **{f"printed {number}": text.encode() for number, text in enumerate(printed)}}
    return [
        place
        for place, text in texts.items()
        for value in values
        if value in text and not (place.endswith("/world.sqlite") and value == HOOK.encode())
    ]
