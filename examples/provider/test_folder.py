"""The suite that every provider passes, and the life of its one resource."""

from __future__ import annotations

from pathlib import Path

from mlstack_folder import Copy, Folder

from mlstack.resource import Context
from mlstack.testing import Conformance, resource_lifecycle


class TestFolder(Conformance):
    provider = Folder()


def test_the_life_of_a_copy(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n1,0\n")
    inputs = {"name": "rows", "source": "rows.csv", "version": "1", "folder": "shared"}
    context = Context(root=tmp_path, urn="urn", name="rows")
    assert list(resource_lifecycle(Copy(), context, inputs, {"version": "2"})) == []
