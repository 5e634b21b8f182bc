"""An `up` whose answers get lost, on the emulated Azure: the next command finds what it had made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.identify import arm_id

SPEC = """
version: 1
name: lost
cloud: azure
region: westeurope
settings: {azure: {resource_group: ml-prod}}
workspace: {existing: ml-prod}
secrets: {hub: {env: CANARY}}
data: {rows: {path: rows.csv, type: file}}
compute: {pool: {size: cpu-s, max: 2}}
"""
CANARY = "canary-0f9a1c7e"
POOL = "*:Compute"


class Stack:
    """A small spec in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "mlstack.yaml").write_text(SPEC)
        (root / "rows.csv").write_text("x,y\n1,0\n")

    def run(self, *args: str, lost: str | None = None) -> tuple[int, dict[str, Any], str]:
        """Exit code, answer, and what was told on the way. ``lost``: the type whose next create is done, and
        its answer lost."""
        faults = self.root / "faults.yaml"
        rule = {"kind": "lost", "type": lost, "operation": "create", "after": 0}
        rule["message"] = f"connection reset by peer, for the {len(self.told)}th time"  # a rule of its own
        faults.write_text(json.dumps({"faults": [rule] if lost else []}))
        command = [str(Path(sys.executable).with_name("mlstack")), *args, "--json"]
        variables = {**os.environ, "CANARY": CANARY, "MLSTACK_FAULTS": str(faults)}
        done = subprocess.run(
            command, cwd=self.root, env=variables, capture_output=True, text=True, timeout=280, check=False
        )
        self.told.append(done.stdout + done.stderr)
        return done.returncode, json.loads(done.stdout), done.stderr

    told: list[str]

    def up(self, lost: str | None = None) -> tuple[int, dict[str, Any], str]:
        return self.run("up", "--rehearse", "--yes", "--confirm", "dev-azure", lost=lost)

    def down(self) -> list[str]:
        """What is still there afterwards, and nothing says why."""
        code, answer, _ = self.run("down", "--rehearse", "--yes", "--confirm", "dev-azure")
        assert code == 0
        return [each["resource"] for each in answer["warnings"] if each["code"] == "left-over"]

    def resources(self) -> list[dict[str, Any]]:
        """The cloud's own of the state."""
        file = self.root / ".mlstack/rehearsal/dev-azure/state/.pulumi/stacks/lost/dev-azure.json"
        found = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
        return [each for each in found if each["type"].startswith("azure-native:")]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    made.told = []
    yield made
    held = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".sqlite"]
    assert not [file for file in held if CANARY in file.read_text(errors="replace")]
    assert not [told for told in made.told if CANARY in told]


def test_what_was_made_is_adopted_once_and_ids_are_those_that_inputs_tell(stack: Stack) -> None:
    code, answer, _ = stack.up(lost="*:Secret")
    assert (code, answer["error"]["code"]) == (1, "transient")
    code, answer, told = stack.up()
    assert code == 0, answer
    assert "hub: made by the interrupted run, adopted" in told
    account = {"ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000"}
    for each in stack.resources():
        assert arm_id(each["type"], each["inputs"], account, ()) == each["id"]
    code, answer, _ = stack.run("preview", "--rehearse")
    assert {op for op, count in answer["summary"].items() if count} == {"same"}
    assert stack.down() == []


def test_a_down_right_after_it_leaves_nothing(stack: Stack) -> None:
    assert stack.up(lost=POOL)[0] == 1
    assert stack.down() == []


def test_another_stack_s_is_neither_taken_nor_changed_nor_deleted(stack: Stack) -> None:
    assert stack.up(lost=POOL)[0] == 1
    code, _, _ = stack.run("rehearsal", "edit", "computes/*", "tags.mlstack-stack=another")
    assert code == 0
    code, answer, told = stack.up()
    assert (code, answer["error"]["code"], answer["error"]["where"].split()[-1]) == (
        1,
        "not-ours",
        "compute.pool",
    )
    assert "existing:" in answer["error"]["remedy"]
    assert "its tag mlstack-stack is another" in told
    (left,) = stack.down()
    assert "/computes/pool" in left


def test_a_replacement_whose_answer_was_lost_takes_the_place_of_the_old(stack: Stack) -> None:
    assert stack.up()[0] == 0
    (stack.root / "rows.csv").write_text("x,y\n2,1\n")
    code, _, _ = stack.up(lost="*:DataVersion")
    assert code == 1
    code, answer, _ = stack.up()
    assert code == 0, answer
    versions = [each for each in stack.resources() if each["type"].endswith(":DataVersion")]
    assert len(versions) == 1
    assert not versions[0].get("delete")
    assert stack.down() == []
