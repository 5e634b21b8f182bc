"""Providers by entry point, imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.errors import UsageError
from mlstack.registry import KNOWN, installed, provider
from mlstack.testing import discoverable, entry_points

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"


def test_a_provider_is_found_by_its_entry_point_while_it_is_installed(tmp_path: Path) -> None:
    (tmp_path / "mlstack_drawer.py").write_text("class Drawer:\n    name = 'drawer'\n")
    assert "drawer" not in installed()
    with entry_points("mlstack-drawer", {"drawer": "mlstack_drawer:Drawer"}, tmp_path):
        assert installed()["drawer"].value == "mlstack_drawer:Drawer"
        assert provider("drawer").name == "drawer"
        assert provider("drawer") is provider("drawer")
    assert "drawer" not in installed()


def test_other_processes_find_it_too() -> None:
    code = "from mlstack.registry import provider; print(provider('folder').name)"
    with discoverable(EXAMPLE):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "folder\n"


def test_looking_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "mlstack_exploding.py").write_text("raise RuntimeError('imported')\n")
    with entry_points("mlstack-exploding", {"exploding": "mlstack_exploding:X"}, tmp_path):
        assert "exploding" in installed()
        with pytest.raises(RuntimeError, match="imported"):
            provider("exploding")


def test_a_target_of_ours_that_is_not_installed_says_how_to(absent: str) -> None:
    assert absent in KNOWN
    with pytest.raises(UsageError) as caught:
        provider(absent)
    assert caught.value.code == "target-not-installed"
    assert f"installed are: {', '.join(sorted(installed()))}" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("azur", "did you mean 'azure'?"), ("LOCAL", "did you mean 'local'?"), ("xyzzy", "Known: ")],
)
def test_an_unknown_cloud_is_told_what_is_near(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        provider(name)
    assert caught.value.code == "unknown-cloud"
    assert hint in (caught.value.remedy or "")
    assert ("did you mean" in (caught.value.remedy or "")) == hint.startswith("did")
