"""The cluster that a stack goes to, and the namespace that it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lowered import Lower


@pytest.fixture(autouse=True)
def _kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("current-context: here\ncontexts: [{name: here}, {name: there}]\n")
    monkeypatch.setenv("KUBECONFIG", str(file))


@pytest.mark.parametrize(
    ("settings", "context"), [("", "here"), ("settings: {kubernetes: {context: there}}", "there")]
)
def test_the_current_context_is_taken_unless_another_is_named(
    lower: Lower, settings: str, context: str
) -> None:
    sent = lower(f"{settings}\nworkspace: {{}}")
    assert sent.inputs("kubernetes", "default-cluster")["context"] == context


def test_the_path_of_a_kubeconfig_is_no_input(lower: Lower, tmp_path: Path) -> None:
    assert str(tmp_path) not in str(lower("workspace: {}").recording.resources)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("workspace: {name: ml}", "ml"),
        ("settings: {kubernetes: {namespace: ours}}\nworkspace: {}", "ours"),
        ("settings: {kubernetes: {namespace: ours}}\nworkspace: {name: ml}", "ml"),
    ],
)
def test_a_namespace_is_made_and_held_to_the_strictest_standard(lower: Lower, text: str, name: str) -> None:
    made = lower(text).inputs("Namespace", "default")["metadata"]
    assert made["name"] == name
    assert made["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_namespace_that_is_there_is_not_made(lower: Lower) -> None:
    sent = lower("workspace: {existing: theirs}")
    assert sent.names("Namespace") == []
    assert sent.inputs("ServiceAccount", "default-account")["metadata"]["namespace"] == "theirs"
