"""What is said of a cluster that cannot be asked. One that can: tests/e2e/kubernetes."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlstack_kubernetes.offering import read
from ruamel.yaml import YAML


def test_without_a_kubeconfig_nothing_is_known_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = read(None)
    assert found.unread is not None
    assert not found.kinds


def test_a_cluster_that_does_not_answer_is_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config"
    with file.open("w") as stream:
        YAML().dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            },
            stream,
        )
    monkeypatch.setenv("KUBECONFIG", str(file))
    unread = read("one").unread
    assert unread is not None
    assert "refused" in unread
    other = read("two").unread
    assert other is not None
    assert "two" in other
