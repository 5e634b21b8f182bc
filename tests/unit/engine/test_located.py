"""Resources of the engine, by the place in the spec that they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.engine.located import located
from mlstack.spec import Stack

SPEC = """\
name: s
workspace: {name: w}
data:
  a: {path: .}
  a-b: {path: .}
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.chdir(tmp_path)
    Path("mlstack.yaml").write_text(SPEC)
    return Stack.load("mlstack.yaml")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("data.a", "mlstack.yaml:4:3 data.a"),
        ("data.a-upload", "mlstack.yaml:4:3 data.a"),
        ("data.a-b", "mlstack.yaml:5:3 data.a-b"),
        ("data.a-b-upload", "mlstack.yaml:5:3 data.a-b"),
        ("workspace.default-bucket", "mlstack.yaml:2:1 workspace"),
        ("data.other", "data.other"),
        ("default", "default"),
        (None, None),
    ],
)
def test_what_failed_is_placed_in_the_file(stack: Stack, where: str | None, told: str | None) -> None:
    assert located(where, stack) == told


def test_without_a_file_the_name_is_all(stack: Stack) -> None:
    assert located("data.a", None) == "data.a"
    assert located("data.a", Stack.model_validate({"name": "s", "data": {"a": {"path": "."}}})) == "data.a"
