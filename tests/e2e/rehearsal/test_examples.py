"""The examples on each emulated cloud: made whole, unchanged, then gone but for what the platform keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.rehearsal.clouds import EXAMPLES, known
from tests.e2e.rehearsal.stage import changes, example

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize(("cloud", "name"), [(cloud, name) for cloud in EXAMPLES for name in EXAMPLES[cloud]])
def test_an_example_is_made_stays_and_goes(tmp_path: Path, name: str, cloud: str) -> None:
    stage = example(tmp_path, name, cloud)
    there = stage.ids()  # what the spec calls existing

    made = stage.up()
    assert set(changes(made)) == {"create"}
    again = stage("preview")
    assert changes(again) == {}
    assert again["summary"]["same"] == made["summary"]["create"]
    assert there < stage.ids()

    gone = stage.down()
    assert changes(gone) == {"delete": made["summary"]["create"]}
    said = {each["resource"]: each["message"] for each in gone["warnings"] if each["code"] == "kept"}
    assert [each for each in gone["warnings"] if each["code"] == "left-over"] == []
    facts = known(cloud)
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
