"""``deployment.json``, and the one that an older version wrote."""

from __future__ import annotations

import json
from pathlib import Path

from mlstack_local.deployments import note

BLUE = {"name": "blue"}


def test_both_generations_of_a_rollout_are_kept(tmp_path: Path) -> None:
    old, new = note.Made(BLUE), note.Made({**BLUE, "replicas": 2}, "/usr/bin")
    note.Note({"g1": old, "g2": new}).write(tmp_path)
    read = note.read(tmp_path)
    assert read
    assert (read.get("g1"), read.get("g2"), read.get("g3")) == (old, new, None)


def test_the_note_of_an_older_version_is_read(tmp_path: Path) -> None:
    (tmp_path / note.NAME).write_text(json.dumps({"generation": "g1", "inputs": BLUE}))
    read = note.read(tmp_path)
    assert read
    assert read.get("g1") == note.Made(BLUE)
    assert note.read(tmp_path / "nowhere") is None
