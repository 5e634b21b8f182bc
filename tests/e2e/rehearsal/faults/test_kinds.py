"""Each of the seven faults on each kind's create and update: the same command again puts it right."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tests.e2e.rehearsal.faults.kinds import CLOUDS, FAULTS, OPERATIONS, of
from tests.e2e.rehearsal.faults.trial import Ground

pytestmark = pytest.mark.engine

SEED = os.environ.get("MLSTACK_SEED") or date.today().isoformat()
#: Where the soak keeps its results, a line a trial: one that was stopped goes on from there.
RESULTS = Path(os.environ.get("MLSTACK_SOAK", "soak")) / "cloud-faults.jsonl"
#: How many of each cloud a run of the suite has.
DRAWN = 1
Trial = tuple[str, str, str, str]


def table(cloud: str) -> list[Trial]:
    found = list(product([cloud], of(cloud).KINDS, OPERATIONS, FAULTS))
    random.Random(SEED).shuffle(found)
    return found


def drawn(cloud: str) -> list[Trial]:
    """Those of one spec: the others' need not be made."""
    spec = random.Random(f"{SEED} {cloud}").choice(sorted(of(cloud).SPECS))
    return [trial for trial in table(cloud) if of(cloud).KINDS[trial[1]].spec == spec][:DRAWN]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ground]:
    return cache(lambda cloud: Ground(cloud, tmp_path_factory.mktemp(cloud)))


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("cloud", "kind", "operation", "fault"), [trial for cloud in CLOUDS for trial in drawn(cloud)]
)
def test_a_fault_is_got_over_by_the_same_command(
    ground: Callable[[str], Ground], cloud: str, kind: str, operation: str, fault: str, tmp_path: Path
) -> None:
    assert ground(cloud).trial(kind, operation, fault, tmp_path / "it", whole=True) is None


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_fault_on_every_kind(
    ground: Callable[[str], Ground], cloud: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    done = {tuple(each["trial"]) for each in map(json.loads, lines) if each["error"] is None}
    failed = []
    for trial in table(cloud):
        if trial in done:
            continue
        root = tmp_path_factory.mktemp("trial") / "it"
        try:
            error = ground(cloud).trial(*trial[1:], root)
        except Exception as unforeseen:
            error = f"{type(unforeseen).__name__}: {unforeseen}"
        shutil.rmtree(root.parent)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"trial": trial, "of": len(table(cloud)), "at": at, "error": error}
        with RESULTS.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        failed += [entry] if error else []
    assert not failed, json.dumps(failed, indent=1)
