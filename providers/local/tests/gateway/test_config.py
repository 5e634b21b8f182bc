"""``gateway.json`` between versions."""

from __future__ import annotations

import json
from pathlib import Path

from mlstack_local.gateway import config as configs


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    backend = configs.Backend("g1", (20001, 20002), 7.5)
    config = configs.Config("digits", 20000, "hash", "token", 3, {"blue": backend}, {"blue": 100})
    written = configs.write(tmp_path, config)
    assert written.number == 4
    assert configs.read(tmp_path) == written


def test_another_versions_document_is_read(tmp_path: Path) -> None:
    old = {"endpoint": "digits", "port": 20000, "key_sha256": "hash", "admin": "token", "from": "tomorrow"}
    row = {"generation": "g1", "workers": [20001], "timeout": 60, "unheard": [1]}
    (tmp_path / configs.NAME).write_text(json.dumps({**old, "deployments": {"blue": row}}))
    read = configs.read(tmp_path)
    assert read
    assert (read.number, read.weights) == (0, {})
    assert read.deployments == {"blue": configs.Backend("g1", (20001,), 60)}
