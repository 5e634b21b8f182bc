"""The examples on each emulated cloud: made whole, unchanged, then gone but for what the platform keeps."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.e2e.rehearsal.clouds import EXAMPLES, known
from tests.e2e.rehearsal.stage import Stage, changes, example

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize(("cloud", "name"), [(cloud, name) for cloud in EXAMPLES for name in EXAMPLES[cloud]])
def test_an_example_is_made_stays_and_goes(tmp_path: Path, name: str, cloud: str) -> None:
    _lives(example(tmp_path, name, cloud))


@pytest.mark.drawn(of=4)
def test_one_spec_is_on_three_clouds_at_once(tmp_path: Path) -> None:
    """From one folder, by three commands at a time; all are up before the first one is looked at again."""
    root = example(tmp_path, "multi-cloud").root
    stages = [Stage(root, ("--cloud", cloud)) for cloud in EXAMPLES]
    before = {each.name: each.read_bytes() for each in root.iterdir() if each.is_file()}
    meeting = Barrier(len(stages), timeout=600)
    with ThreadPoolExecutor(len(stages)) as pool:
        lives = [pool.submit(_lives, stage, meeting) for stage in stages]
        problems = [problem for life in lives if (problem := life.exception()) is not None]
    if problems:
        raise BaseExceptionGroup("not all of them live", problems)
    assert {each.name: each.read_bytes() for each in root.iterdir() if each.is_file()} == before


def _lives(stage: Stage, meeting: Barrier | None = None) -> None:
    """It is made whole, stays as it is, and goes. Where others are to be up at that time, they meet then."""
    there = stage.ids()  # what the spec calls existing

    try:
        made = stage.up()
        assert set(changes(made)) == {"create"}
    except BaseException:
        if meeting is not None:
            meeting.abort()  # nobody waits for what does not come
        raise
    if meeting is not None:
        meeting.wait()
    again = stage("preview")
    assert changes(again) == {}
    assert again["summary"]["same"] == made["summary"]["create"]
    assert there < stage.ids()

    gone = stage.down()
    assert changes(gone) == {"delete": made["summary"]["create"]}
    said = {each["resource"]: each["message"] for each in gone["warnings"] if each["code"] == "kept"}
    assert [each for each in gone["warnings"] if each["code"] == "left-over"] == []
    facts = known(stage.cloud)
    for id, why in said.items():
        word = next((word for pattern, word in facts.KEPT.items() if re.search(pattern, id)), "nothing known")
        assert word in why, f"{id}: {why}"
    left = stage.ids() - there
    unnamed = {id for id in left if not any(_same_or_above(id, named, facts.HELD) for named in said)}
    assert not {id for id in unnamed if not re.search(facts.BY_PLATFORM, id)}
    assert there <= stage.ids(), "what is existing is not the stack's to delete"


def _same_or_above(id: str, named: str, held: str) -> bool:
    """What holds something goes with the last of it; what is soft-deleted is held under another path."""
    return f"{named}/".startswith(f"{id.removeprefix(held)}/")
