"""Each of the seven faults on each kind's create and update: the same command again puts it right."""

from __future__ import annotations

import json
import os
import random
import shutil
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from tests.e2e.rehearsal.faults.kinds import FAULTS, KINDS, OPERATIONS, SPECS
from tests.e2e.rehearsal.faults.trial import Ground

pytestmark = pytest.mark.engine

SEED = int(os.environ.get("MLSTACK_SEED", "7"))
#: Where the soak keeps its results, a line a trial: one that was stopped goes on from there.
RESULTS = Path(os.environ.get("MLSTACK_SOAK", "soak")) / "cloud-faults.jsonl"
TABLE = list(product(KINDS, OPERATIONS, FAULTS))
random.Random(SEED).shuffle(TABLE)
#: Those of two specs: the others' need not be made.
DRAWN_SPECS = random.Random(SEED).sample(sorted(SPECS), 2)
DRAWN = [trial for trial in TABLE if KINDS[trial[0]].spec in DRAWN_SPECS][:6]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("ground"))


@pytest.mark.drawn
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "operation", "fault"), DRAWN)
def test_a_fault_is_got_over_by_the_same_command(
    ground: Ground, kind: str, operation: str, fault: str, tmp_path: Path
) -> None:
    assert ground.trial(kind, operation, fault, tmp_path / "it", whole=True) is None


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_every_fault_on_every_kind(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    done = {tuple(each["trial"]) for each in map(json.loads, lines) if each["error"] is None}
    failed = []
    for trial in TABLE:
        if trial in done:
            continue
        root = tmp_path_factory.mktemp("trial") / "it"
        try:
            error = ground.trial(*trial, root)
        except Exception as unforeseen:
            error = f"{type(unforeseen).__name__}: {unforeseen}"
        shutil.rmtree(root.parent)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"trial": trial, "of": len(TABLE), "at": at, "error": error}
        with RESULTS.open("a") as stream:
            stream.write(json.dumps(entry) + "\n")
        failed += [entry] if error else []
    assert not failed, json.dumps(failed, indent=1)
