"""The value of a secret is nowhere but in the cloud: not in state, logs, errors or generated files, nor in
what is printed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mlstack.rehearsal.serve import WORLD
from tests.e2e.rehearsal.clouds import EXAMPLES, known, small
from tests.e2e.rehearsal.stage import CANARY, Stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

HOOK = "https://hooks.example.com/canary-9d2b71c4"
VALUES = {"token": CANARY, "hook": HOOK}


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize("cloud", EXAMPLES)
def test_a_secret_shows_nowhere(cloud: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, ("--cloud", cloud), {"HF_TOKEN": CANARY, "HOOK": HOOK})
    stage.write(
        small(
            cloud,
            "quiet",
            secrets={"token": {"env": "HF_TOKEN"}, "hook": {"env": "HOOK"}},
            compute={"pool": {"size": "cpu-m"}},
            environments={"img": {"image": known(cloud).IMAGE}},
            jobs={
                "train": {
                    "command": "echo",
                    "environment": "img",
                    "compute": "pool",
                    "secrets": {"TOKEN": "token"},
                }
            },
            notifications={"oncall": {"webhook": {"secret": "hook"}}},
        )
    )
    stage.up()
    changed = {"HF_TOKEN": f"{CANARY}-changed", "HOOK": HOOK}
    other = Stage(tmp_path, stage.options, changed, printed=stage.printed)
    seen = other("preview", "--resources")
    assert seen["summary"]["update"] or seen["summary"]["replace"], "a changed value is seen"
    other.text("up", "--yes", "--debug")
    other.text("refresh", "--yes")
    other("eject", "plain")
    for command in (("outputs",), ("status",), ("runs", "train")):
        other(*command)
    other.text("logs", "train")
    other("up", "--yes", "--set", "compute.pool.size=cpu-xxl", code=3)
    assert found(cloud, tmp_path, stage.printed) == []
    other.down()
    assert found(cloud, tmp_path, stage.printed) == []


def found(cloud: str, root: Path, printed: list[str]) -> list[str]:
    """Where a value can be read, as it is or in base64, but for what the emulated cloud holds as the real one
    does, in a file for the user's eyes alone."""
    values = {name: (value.encode(), base64.b64encode(value.encode())[:-4]) for name, value in VALUES.items()}
    files = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    stores = [file for file in files if file.name == WORLD]
    assert {file.stat().st_mode & 0o777 for file in stores} == {0o600}
    texts = {**files, **{f"printed {number}": text.encode() for number, text in enumerate(printed)}}
    return [
        str(place)
        for place, text in texts.items()
        for name, forms in values.items()
        if any(form in text for form in forms) and not (place in stores and name in known(cloud).HOLDS)
    ]
