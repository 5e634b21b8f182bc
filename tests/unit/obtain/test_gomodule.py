"""Programs from Go modules: what the toolchain is asked, what goes on after an end, and the real locks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlstack.engine.install.build import MODULE as ENGINE
from mlstack.obtain import GoModule, Unobtainable
from mlstack.testbed.binaries import MODULE as TESTBED
from tests.unit.obtain.go import calls, install_go

ONE, TWO = "example.org/one", "example.org/two"


@pytest.fixture
def module(tmp_path: Path) -> GoModule:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "go.mod").write_text("module example\n\ngo 1.26.0\n", encoding="utf-8")
    return GoModule(tmp_path / "module", stamps={"example.org/one.Version": "v1"})


def build(module: GoModule, folder: Path, said: list[str], *programs: str) -> None:
    module.build({name: folder / "out" / Path(name).name for name in programs}, folder / "shop", said.append)


def test_a_go_on_path_builds_each_program_with_the_users_proxy_and_no_flags_of_theirs(
    bin_dir: Path, tmp_path: Path, module: GoModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOOS", "plan9")
    monkeypatch.setenv("GOPROXY", "https://modules.example.org")
    log = install_go(bin_dir)
    build(module, tmp_path, [], ONE, TWO)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["one", "two"]
    assert calls(log) == ["version", "list", "build", "build"]
    for call in log.read_text(encoding="utf-8").splitlines()[1:]:
        assert call.endswith(" flags= toolchain=local os= cgo=0 work=off proxy=https://modules.example.org")
    assert not (tmp_path / "shop").exists()


def test_files_of_modules_come_along(bin_dir: Path, tmp_path: Path, module: GoModule) -> None:
    (tmp_path / "downloaded").mkdir()
    (tmp_path / "downloaded" / "stage.yaml").write_text("kind: Stage\n", encoding="utf-8")
    install_go(bin_dir, module=tmp_path / "downloaded")
    copy = tmp_path / "out" / "stages" / "one.yaml"
    module.build({}, tmp_path / "shop", print, copies={(ONE, "stage.yaml"): copy})
    assert copy.read_text(encoding="utf-8") == "kind: Stage\n"


def test_a_fetched_toolchain_and_its_caches_stay_until_all_is_built(
    bin_dir: Path, tmp_path: Path, module: GoModule
) -> None:
    shop = tmp_path / "shop"
    (shop / "cache").mkdir(parents=True)
    toolchain = shop / "toolchain" / "go" / "bin"
    install_go(toolchain, build_="exit 1")
    with pytest.raises(Unobtainable):
        build(module, tmp_path, [], ONE)
    assert (shop / "cache").is_dir()
    log = install_go(toolchain, build_=f'echo "$GOCACHE $GOMODCACHE" > {tmp_path}/caches')
    build(module, tmp_path, [], ONE)
    assert (tmp_path / "caches").read_text(encoding="utf-8") == f"{shop}/cache {shop}/path/pkg/mod\n"
    assert not log.exists()
    assert not shop.exists()


def test_a_download_that_breaks_is_tried_again(bin_dir: Path, tmp_path: Path, module: GoModule) -> None:
    mark = tmp_path / "first"
    log = install_go(
        bin_dir,
        list_=f'[ -e {mark} ] || {{ : > {mark}; echo "go: example.org/one: reset by peer" >&2; exit 1; }}',
    )
    said: list[str] = []
    build(module, tmp_path, said, ONE)
    assert calls(log) == ["version", "list", "list", "build"]
    assert "reset by peer" in said[-1]


def test_a_download_that_stays_broken_is_given_up(bin_dir: Path, tmp_path: Path, module: GoModule) -> None:
    log = install_go(bin_dir, list_='echo "go: no such host" >&2; exit 1')
    with pytest.raises(Unobtainable, match="go ended with 1\ngo: no such host"):
        build(module, tmp_path, [], ONE)
    assert calls(log).count("list") == 3


def test_a_compiler_that_fails_is_quoted(bin_dir: Path, tmp_path: Path, module: GoModule) -> None:
    quietly = "; ".join(f"echo example.org/{name}" for name in "abcdefgh")
    install_go(bin_dir, build_=f'echo "# example.org/x" >&2; echo "x.go:1: undefined" >&2; {quietly}; exit 2')
    with pytest.raises(Unobtainable, match=r"^go ended with 2\n# example.org/x\nx.go:1: undefined$"):
        build(module, tmp_path, [], ONE)
    assert not (tmp_path / "out" / "one").exists()


@pytest.mark.parametrize("locked", [ENGINE, TESTBED], ids=["engine", "testbed"])
def test_every_module_that_is_required_has_its_hash(locked: GoModule) -> None:
    module = (locked.folder / "go.mod").read_text(encoding="utf-8")
    sums = (locked.folder / "go.sum").read_text(encoding="utf-8")
    replaced = dict(re.findall(r"^(?:replace |\t)(\S+) => (\S+ \S+)$", module, re.M))
    required = re.findall(r"^\t(\S+) (\S+) // indirect$", module, re.M)
    assert len(required) > 200
    known = set(re.findall(r"^(\S+ \S+) h1:", sums, re.M))
    for name, version in required:
        wanted = replaced.get(name, f"{name} {version}")
        assert {wanted, f"{wanted}/go.mod"} & known, f"go.sum does not know {wanted}"
