"""The life of a stack on a real Azure subscription: the same that a rehearsal goes through.

`make live-azure` runs it, with credentials of the environment (`az login`, or ARM_* or AZURE_* variables).
It makes a workspace with all around it, a pool, a job, a model and an endpoint, asks the endpoint, and takes
everything down: about an hour, and a few euros. MLSTACK_LIVE_REGION names the region (westeurope).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.live, pytest.mark.timeout(3 * 3600)]

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits"
SUBSCRIPTION = os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")
MLSTACK = str(Path(sys.executable).with_name("mlstack"))
REGION = os.environ.get("MLSTACK_LIVE_REGION", "westeurope")


def _mlstack(folder: Path, *arguments: str) -> dict[str, Any]:
    """What a command prints with ``--json``."""
    ran = subprocess.run(
        [MLSTACK, *arguments, "--cloud", "azure", "--region", REGION, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example in a stack of the test's own, which is taken down whatever happens."""
    if not SUBSCRIPTION:
        pytest.skip("no Azure subscription: set AZURE_SUBSCRIPTION_ID, and sign in with `az login`")
    folder = tmp_path_factory.mktemp("live") / f"digits-{uuid.uuid4().hex[:6]}"
    shutil.copytree(EXAMPLE, folder)
    yield folder
    down = [MLSTACK, "down", "--cloud", "azure", "--yes"]
    subprocess.run([*down, "--confirm", "dev-azure"], cwd=folder, check=True)


def test_the_credentials_do(folder: Path) -> None:
    ran = subprocess.run(
        [MLSTACK, "doctor", "--cloud", "azure"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout


def test_up_makes_it_and_a_second_preview_changes_nothing(folder: Path) -> None:
    made = _mlstack(folder, "up", "--yes")
    assert made["summary"]["create"] > 0
    again = _mlstack(folder, "preview")["summary"]
    assert {key: again[key] for key in ("create", "update", "replace", "delete")} == {
        "create": 0,
        "update": 0,
        "replace": 0,
        "delete": 0,
    }


def test_all_of_it_is_well(folder: Path) -> None:
    states = {each["name"]: each["state"] for each in _mlstack(folder, "status")["resources"]}
    assert set(states.values()) <= {"ready", "running"}, states


def test_the_endpoint_answers(folder: Path) -> None:
    digit = folder / "one.json"
    digit.write_text(json.dumps({"instances": [[0.0] * 64]}), encoding="utf-8")
    answer = _mlstack(folder, "invoke", "digits", "--data", str(digit))
    assert len(answer["predictions"]) == 1


def test_an_edit_behind_its_back_is_seen_and_repaired(folder: Path) -> None:
    """Its traffic is taken away by Azure's own client; `up` sets it again."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    endpoint = _mlstack(folder, "outputs")["endpoints"]["digits"]["id"]
    parts = dict(zip(endpoint.split("/")[1::2], endpoint.split("/")[2::2], strict=True))
    client = MLClient(
        DefaultAzureCredential(), parts["subscriptions"], parts["resourceGroups"], parts["workspaces"]
    )
    found = client.online_endpoints.get(parts["onlineEndpoints"])
    before = dict(found.traffic)
    found.traffic = {}
    client.online_endpoints.begin_create_or_update(found).result()
    _mlstack(folder, "up", "--yes")
    assert client.online_endpoints.get(parts["onlineEndpoints"]).traffic == before


def test_runs_beside_and_their_logs(folder: Path) -> None:
    run = _mlstack(folder, "run", "train")
    assert run["status"] == "succeeded"
    known = _mlstack(folder, "runs", "train")
    assert run["id"] in json.dumps(known)
