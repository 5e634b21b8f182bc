"""Changes behind the stack's back."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.errors import UsageError
from mlstack.rehearsal import Emulation, World
from mlstack.rehearsal.edit import delete, edit, find
from tests.e2e.rehearsal.tiny import Tiny

GROUP = "/subscriptions/s/resourceGroups/Rg"
ENDPOINT = f"{GROUP}/onlineEndpoints/digits-1a2b"
DEPLOYMENT = f"{ENDPOINT}/deployments/blue"


@pytest.fixture
def cloud(tmp_path: Path) -> Emulation:
    made = World(tmp_path / "world.sqlite")
    for id in (GROUP, ENDPOINT, DEPLOYMENT):
        made.put(id, "thing", {"properties": {"list": [{"a": 1}], "mode": "Key"}, "tags": {"a.b": "1"}})
    return Tiny(made, None, None)


@pytest.mark.parametrize(
    "wanted", [ENDPOINT, ENDPOINT.lower(), "digits-1a2b", "onlineEndpoints/digits-*", "onlineendpoints/*"]
)
def test_a_document_is_found_by_id_by_the_end_of_it_and_by_pattern(cloud: Emulation, wanted: str) -> None:
    assert find(cloud, wanted)[0] == ENDPOINT


def test_what_is_not_there_or_means_several_is_refused(cloud: Emulation) -> None:
    with pytest.raises(UsageError, match="there is no 'digits-1a2c'") as absent:
        find(cloud, "digits-1a2c")
    assert "did you mean 'digits-1a2b'?" in str(absent.value.remedy)
    with pytest.raises(UsageError, match="more than one") as several:
        find(cloud, "*")
    assert ENDPOINT in str(several.value.remedy)


def test_values_are_set_and_removed_by_path(cloud: Emulation) -> None:
    changes = [
        ("properties.list[0].a", 2),
        ('tags["a.b"]', "2"),
        ("properties.mode", None),
        ("sku.name", "x"),
    ]
    id, body = edit(cloud, "digits-1a2b", changes)
    assert body == {"properties": {"list": [{"a": 2}]}, "tags": {"a.b": "2"}, "sku": {"name": "x"}}
    assert cloud.world.get(id) == body


@pytest.mark.parametrize("path", ["properties.list[1].a", "properties.list[3]", "properties.mode.x", ""])
def test_a_place_that_is_not_there_changes_nothing(cloud: Emulation, path: str) -> None:
    before = cloud.world.get(ENDPOINT)
    with pytest.raises(UsageError):
        edit(cloud, "digits-1a2b", [("tags.x", "1"), (path, 1)])
    assert cloud.world.get(ENDPOINT) == before


def test_deletion_takes_along_what_is_below(cloud: Emulation) -> None:
    assert delete(cloud, "digits-1a2b") == [ENDPOINT, DEPLOYMENT]
    assert [id for id, _, _ in cloud.world.under()] == [GROUP]
