"""Files of a published module: those that are asked for, and only of the module that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.obtain import GoSource, Unobtainable
from tests.unit.obtain.go import calls, install_go


@pytest.fixture
def published(bin_dir: Path, tmp_path: Path) -> Path:
    """The folder of the module as Go has downloaded it; the calls are in ./bin/calls."""
    module = tmp_path / "downloaded"
    (module / "crds").mkdir(parents=True)
    for name in ("crds/a.yaml", "crds/b.yaml", "crds/patch.json", "README.md"):
        (module / name).write_text(name, encoding="utf-8")
    install_go(bin_dir, module=module)
    return module


def source(*files: str, checksum: str = "h1:sum") -> GoSource:
    return GoSource("example.org/one", "v1.0.0", checksum, files)


def test_the_files_that_match_are_copied(published: Path, bin_dir: Path, tmp_path: Path) -> None:
    source("crds/*.yaml", "*.md").copy(tmp_path / "out", tmp_path / "shop", print)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["README.md", "a.yaml", "b.yaml"]
    assert calls(bin_dir / "calls") == ["version", "mod"]
    assert not (tmp_path / "shop").exists()


def test_another_module_under_the_same_name_is_refused(published: Path, tmp_path: Path) -> None:
    with pytest.raises(Unobtainable, match=r"v1\.0\.0 is not what it was: h1:sum"):
        source("*.md", checksum="h1:other").copy(tmp_path / "out", tmp_path / "shop", print)
    assert not (tmp_path / "out").exists()


def test_a_pattern_that_finds_nothing_is_a_reason(published: Path, tmp_path: Path) -> None:
    with pytest.raises(Unobtainable, match="has no gone/"):
        source("gone/*.yaml").copy(tmp_path / "out", tmp_path / "shop", print)
