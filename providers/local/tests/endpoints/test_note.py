"""``deployment.json``, and the one that an older version wrote."""

from __future__ import annotations

import json
from pathlib import Path

from mlstack_local.deployments import note


def test_both_generations_of_a_rollout_are_kept(tmp_path: Path) -> None:
    note.Note({"g1": {"name": "blue"}, "g2": {"name": "blue", "replicas": 2}}).write(tmp_path)
    read = note.read(tmp_path)
    assert read
    assert read.inputs("g1") == {"name": "blue"}
    assert read.inputs("g2") == {"name": "blue", "replicas": 2}
    assert read.inputs("g3") is None


def test_the_note_of_an_older_version_is_read(tmp_path: Path) -> None:
    (tmp_path / note.NAME).write_text(json.dumps({"generation": "g1", "inputs": {"name": "blue"}}))
    read = note.read(tmp_path)
    assert read
    assert read.inputs("g1") == {"name": "blue"}
    assert note.read(tmp_path / "nowhere") is None
