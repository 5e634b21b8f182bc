"""`kill -9` of the command, the engine and the provider at every provider call, on emulated clouds; plain
Pulumi's figure beside it.

The soak keeps a line a trial in cloud-kills.jsonl, and goes on where it stopped; bench/faults.py counts them.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.rehearsal.faults.kinds import CLOUDS
from tests.e2e.rehearsal.kills.stage import OPERATIONS, VICTIMS, WHO, Stage
from tests.e2e.rehearsal.kills.trial import Boundary

pytestmark = pytest.mark.engine

SEED = os.environ.get("MLSTACK_SEED") or date.today().isoformat()
RESULTS = Path(os.environ.get("MLSTACK_SOAK", "soak")) / "cloud-kills.jsonl"
#: Calls that change the cloud. They come first: a soak that is cut short has then shown what matters most.
CHANGING = ("Create", "Update", "Delete")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stage]:
    return cache(lambda cloud: Stage(cloud, tmp_path_factory.mktemp(cloud)))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_comes_after_a_kill_puts_it_right(
    stage: Callable[[str], Stage], cloud: str, tmp_path: Path
) -> None:
    """One boundary of one operation, by the seed."""
    chance = random.Random(f"{SEED} {cloud}")
    operation = chance.choice(OPERATIONS)
    found = stage(cloud).clean("mlstack", operation).boundaries
    changing = sorted(each for each in found if each.method in CHANGING)
    boundary, victim = chance.choice(changing), chance.choice(VICTIMS)
    print(f"seed {SEED}: {cloud}, {operation}, {victim} killed {boundary}")
    came = stage(cloud).trial("mlstack", operation, boundary, victim, tmp_path / "trial")
    nothing = {"orphans": 0, "missing": 0, "doubled": 0, "which": []}
    assert came == {"converged": True, "error": None, **nothing}


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_boundary_with_every_victim_beside_plain_pulumi(
    stage: Callable[[str], Stage], cloud: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    done = {tuple(json.loads(line)["trial"]) for line in lines}
    table = [
        (cloud, who, operation, *boundary, victim)
        for who in WHO
        for operation in OPERATIONS
        for boundary in stage(cloud).clean(who, operation).boundaries
        for victim in VICTIMS
    ]
    table.sort()  # boundaries come in the order in which they were passed, which is not always the same
    random.Random(SEED).shuffle(table)
    table.sort(key=lambda trial: trial[3] not in CHANGING)
    for trial in table:
        if trial in done:
            continue
        _, who, operation, *where, victim = trial
        folder = tmp_path_factory.mktemp("trial") / "it"
        try:
            found = stage(cloud).trial(who, operation, Boundary(*where), victim, folder)
        except Exception as error:  # the trial itself came to nothing: it is told, and counts as none
            found = {"invalid": f"{type(error).__name__}: {error}"}
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with RESULTS.open("a") as stream:
            of = sum(each[1] == who for each in table)
            stream.write(json.dumps({"trial": trial, "of": of, "at": at, **found}) + "\n")
    trials = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    failed = [
        each
        for each in trials
        if each["trial"][:2] == [cloud, "mlstack"]
        and "invalid" not in each
        and (not each["converged"] or each["orphans"] or each["missing"] or each["doubled"])
    ]
    assert not failed, json.dumps(failed, indent=1)
