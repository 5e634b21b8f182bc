"""A real engine on the emulated Azure: a deployment's machine is changed under traffic."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[4] / "examples" / "blue-green"


def mlstack(folder: Path, *args: str) -> dict[str, Any]:
    command = [
        str(Path(sys.executable).with_name("mlstack")),
        *args,
        "--rehearse",
        "--cloud",
        "azure",
        "--json",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_another_machine_takes_the_traffic_over_before_the_old_one_goes(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "wines")
    made = mlstack(folder, "up", "--yes")
    before = made["outputs"]["endpoints"]["wines"]
    file = folder / "mlstack.yaml"
    text = file.read_text()
    file.write_text(
        text.replace(
            "blue: {model: blue, environment: sk,", "blue: {model: blue, environment: sk, size: cpu-m,"
        )
    )
    # the emulated platform, as Azure, refuses to delete a deployment that has traffic
    changed = mlstack(folder, "up", "--yes", "--confirm", "dev-azure")
    after = changed["outputs"]["endpoints"]["wines"]
    assert after["url"] == before["url"]
    assert after["deployments"]["blue"]["name"] != before["deployments"]["blue"]["name"]
    assert after["deployments"]["green"] == before["deployments"]["green"]
    preview = mlstack(folder, "preview")
    assert {op for op, count in preview["summary"].items() if count} == {"same"}
