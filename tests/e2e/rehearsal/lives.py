"""The life of a stack on an emulated cloud: made whole, unchanged, gone but for what the platform keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Barrier

from tests.e2e.rehearsal.clouds import known
from tests.e2e.rehearsal.stage import Stage, changes


def lives(
    stage: Stage, look: Callable[[Stage], None] = lambda _: None, meeting: Barrier | None = None
) -> None:
    """It is made whole, stays as it is, and goes. ``look`` is had at it when it is up. Where others are to be
    up at that time, they meet then."""
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
    look(stage)
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
