"""The life of a stack on a real account: the same that a rehearsal goes through.

`make live-azure`, `make live-aws` and `make live-gcp` run it, with the credentials of the environment. It
makes the example digits (a workspace with all around it, a job, a model and an endpoint), asks the endpoint,
and takes everything down: about an hour, and a few euros. MLSTACK_LIVE_REGION names another region.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits"
MLSTACK = str(Path(sys.executable).with_name("mlstack"))
MARKS = [pytest.mark.live, pytest.mark.timeout(3 * 3600)]


class Life(ABC):
    """Subclass it for a cloud. The tests are one story, and run in their order."""

    cloud: ClassVar[str]
    region: ClassVar[str]
    #: Variables of which one has to be set, for the account that is meant.
    account: ClassVar[tuple[str, ...]]

    def mlstack(self, folder: Path, *arguments: str) -> dict[str, Any]:
        """What a command prints with ``--json``."""
        region = os.environ.get("MLSTACK_LIVE_REGION", self.region)
        ran = subprocess.run(
            [MLSTACK, *arguments, "--cloud", self.cloud, "--region", region, "--json"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
        """The example in a stack of the test's own, which is taken down whatever happens."""
        if not any(os.environ.get(name) for name in self.account):
            pytest.skip(f"no account: set {' or '.join(self.account)}, and sign in")
        folder = tmp_path_factory.mktemp("live") / f"digits-{uuid.uuid4().hex[:6]}"
        shutil.copytree(EXAMPLE, folder)
        yield folder
        down = [MLSTACK, "down", "--cloud", self.cloud, "--yes"]
        subprocess.run([*down, "--confirm", f"dev-{self.cloud}"], cwd=folder, check=True)

    def test_the_credentials_do(self, folder: Path) -> None:
        doctor = [MLSTACK, "doctor", "--cloud", self.cloud]
        ran = subprocess.run(doctor, cwd=folder, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout

    def test_up_makes_it_and_a_second_preview_changes_nothing(self, folder: Path) -> None:
        made = self.mlstack(folder, "up", "--yes")
        assert made["summary"]["create"] > 0
        again = self.mlstack(folder, "preview")["summary"]
        assert {op: again[op] for op in again if op != "same" and again[op]} == {}

    def test_all_of_it_is_well(self, folder: Path) -> None:
        states = {each["name"]: each["state"] for each in self.mlstack(folder, "status")["resources"]}
        assert set(states.values()) <= {"ready", "running"}, states

    def test_the_endpoint_answers(self, folder: Path) -> None:
        digit = folder / "one.json"
        digit.write_text(json.dumps({"instances": [[0.0] * 64]}), encoding="utf-8")
        answer = self.mlstack(folder, "invoke", "digits", "--data", str(digit))
        assert len(answer["predictions"]) == 1

    def test_an_edit_behind_its_back_is_seen_and_repaired(self, folder: Path) -> None:
        """Somebody changes the endpoint by the cloud's own client; `up` sets it again."""
        endpoint = self.mlstack(folder, "outputs")["endpoints"]["digits"]["id"]
        before = self.shown(endpoint)
        self.disturb(endpoint)
        assert self.shown(endpoint) != before
        self.mlstack(folder, "refresh", "--yes")
        self.mlstack(folder, "up", "--yes")
        assert self.shown(endpoint) == before

    def test_runs_beside_and_their_logs(self, folder: Path) -> None:
        run = self.mlstack(folder, "run", "train")
        assert run["status"] == "succeeded"
        assert run["id"] in json.dumps(self.mlstack(folder, "runs", "train"))

    @abstractmethod
    def shown(self, endpoint: str) -> Any:
        """What the cloud's own client says of what `disturb` changes."""

    @abstractmethod
    def disturb(self, endpoint: str) -> None:
        """Change something of the endpoint with this id by the cloud's own client."""
