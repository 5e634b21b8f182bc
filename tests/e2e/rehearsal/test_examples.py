"""The examples on the emulated Azure: made whole, unchanged, then gone but for what the platform keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.rehearsal.stage import changes, example

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

#: What Azure keeps of what is deleted, and the word of the reason by which it is known. Soft delete:
#: learn.microsoft.com/azure/machine-learning/concept-soft-delete and key-vault/general/soft-delete-overview.
#: Versions of assets and records of runs are mlstack's to keep (spec.md, "Versions") or nobody's to delete.
KEPT = {
    r"/workspaces/[^/]+$": "soft-deleted",
    r"/vaults/[^/]+(/secrets/[^/]+)?$": "soft-deleted",
    r"/workspaces/[^/]+/(codes|data|models|environments|components)/[^/]+/versions/[^/]+$": "version",
    r"/workspaces/[^/]+/jobs/[^/]+$": "run",
    r"/blob/.+/(azureml|ExperimentRun)/[^/]+/": "run wrote",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("digits", marks=pytest.mark.drawn(of=3)),
        pytest.param("blue-green", marks=pytest.mark.drawn(of=3)),
        pytest.param("batch", marks=pytest.mark.drawn(of=3)),
        "kitchen-sink",
    ],
)
def test_an_example_is_made_stays_and_goes(tmp_path: Path, name: str) -> None:
    stage = example(tmp_path, name)
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
    for id, why in said.items():
        word = next((word for pattern, word in KEPT.items() if re.search(pattern, id)), "nothing known")
        assert word in why, f"{id}: {why}"
    left = stage.ids() - there
    unnamed = {id for id in left if not any(_same_or_above(id, named) for named in said)}
    assert unnamed <= _by_platform(unnamed), unnamed
    assert there <= stage.ids(), "what is existing is not the stack's to delete"


def _same_or_above(id: str, named: str) -> bool:
    """An asset's container goes with its versions; what is soft-deleted is held under another path."""
    return f"{named}/".startswith(f"{id.removeprefix('/softDeleted')}/")


def _by_platform(ids: set[str]) -> set[str]:
    """What the platform makes in a workspace by itself: default stores with their containers, what a run has
    written, and the name of an asset, which outlives its versions
    (learn.microsoft.com/azure/machine-learning/concept-data)."""
    own = (
        r"/datastores/workspace|/blobServices/default/containers/azureml|/data/azureml_"
        r"|/workspaces/[^/]+/(codes|data|models|environments|components)/[^/]+$"
    )
    return {id for id in ids if re.search(own, id)}
