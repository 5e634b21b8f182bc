"""`kill -9` of the command, the engine and the provider, at every provider call of the demo's `up`."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.kills.trial import (
    Boundary,
    boundaries,
    check_converged,
    check_gone,
    killed_up,
)
from tests.e2e.project import copy_example, mlstack

pytestmark = pytest.mark.engine

VICTIMS = ("cli", "engine", "provider")
DRAWN = 3
SEED = os.environ.get("MLSTACK_SEED", "7")
#: Where the soak keeps its results, a line a trial: one that was stopped goes on from there.
RESULTS = Path(os.environ.get("MLSTACK_SOAK", "soak"))

Trial = tuple[Boundary, str]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    """Every boundary with every victim."""
    scratch = tmp_path_factory.mktemp("calls")
    root = copy_example(scratch)
    try:
        found = boundaries(root, scratch / "calls")
    finally:
        mlstack(root, "down", "--yes", "--json")
    assert {boundary.method for boundary in found} >= {"Configure", "Check", "Create"}
    return [(boundary, victim) for boundary in found for victim in VICTIMS]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = copy_example(tmp_path)
    yield root
    mlstack(root, "down", "--yes", "--json")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("draw", range(DRAWN))
def test_a_killed_up_is_put_right_by_the_next(
    table: list[Trial], draw: int, root: Path, tmp_path: Path
) -> None:
    boundary, victim = random.Random(SEED).sample(table, DRAWN)[draw]
    print(f"seed {SEED}: {victim} killed {boundary.side} {boundary.method} of {boundary.resource}")
    killed_up(root, tmp_path, boundary, victim)
    check_converged(root)
    check_gone(root)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_boundary_with_every_victim(
    table: list[Trial], tmp_path_factory: pytest.TempPathFactory
) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / "kills.jsonl"
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    passed = {tuple(entry["trial"]) for entry in done if entry["error"] is None}
    failed = []
    # the calls that change something first: a soak that is cut short has then shown what matters most
    for boundary, victim in sorted(table, key=lambda trial: trial[0].method != "Create"):
        trial = (*boundary, victim)
        if trial in passed:
            continue
        error = _try(boundary, victim, tmp_path_factory.mktemp("trial"))
        entry = {"trial": trial, "at": datetime.now(UTC).isoformat(timespec="seconds"), "error": error}
        with file.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        if error:
            failed.append(entry)
    assert not failed, json.dumps(failed, indent=1)


def _try(boundary: Boundary, victim: str, scratch: Path) -> str | None:
    root = copy_example(scratch)
    try:
        killed_up(root, scratch, boundary, victim)
        check_converged(root)
        check_gone(root)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        mlstack(root, "down", "--yes", "--json")
    return None
