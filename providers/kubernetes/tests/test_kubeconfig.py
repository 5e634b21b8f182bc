"""What `mlstack doctor` says of a kubeconfig."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlstack_kubernetes.kubeconfig import checks

TEXT = "current-context: one\ncontexts: [{name: one}, {name: two}]\n"


@pytest.mark.parametrize(
    ("text", "context", "said"),
    [
        (TEXT, None, [("kubeconfig", True), ("context", True)]),
        (TEXT, "two", [("kubeconfig", True), ("context", True)]),
        (TEXT, "three", [("kubeconfig", True), ("context", False)]),
        ("contexts: []\n", None, [("kubeconfig", True), ("context", False)]),
        ("contexts: 1\n", None, [("kubeconfig", False)]),
        ("contexts: [", None, [("kubeconfig", False)]),
        (None, None, [("kubeconfig", False)]),
    ],
)
def test_a_kubeconfig_is_read_as_far_as_its_contexts(
    text: str | None,
    context: str | None,
    said: list[tuple[str, bool]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "config"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert [(what, well) for what, well, _ in checks(context)] == said
