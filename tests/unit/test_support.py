"""What a provider refuses of a spec, all at once, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from mlstack.errors import SpecError, UsageError
from mlstack.provider import Capabilities, Provider, Settings
from mlstack.runtime import Site
from mlstack.spec import Stack
from mlstack.support import gaps, need_secrets, places, target, unknown_region


class ShelfSettings(Settings):
    depth: int = Field(default=1, ge=1)


class Shelf(Provider):
    """Refuses in each of the ways that there are."""

    name = "shelf"
    Settings = ShelfSettings
    builders: ClassVar[Mapping[str, str]] = {}
    unsupported: ClassVar[Mapping[str, str]] = {
        "endpoints": "a shelf answers nothing: serve it elsewhere",
        "endpoints.deployments.traffic": "never said, as endpoints say it all",
        "data.columns.label": "a shelf has no labels: leave it out",
        "data.type=folder": "a shelf holds files: pack the folder",
        "jobs.retries": "nothing is retried: leave it out",
    }

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def runtime(self, site: Site) -> Any:
        raise AssertionError("never asked")

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        for name in stack.data:
            if len(name) > 8:
                yield ("data", name), "the name is too long for a shelf", "shorten it to 8 letters"
        for name in stack.endpoints:
            yield ("endpoints", name, "auth"), "there is nobody to ask", None


SPEC = """\
name: books
cloud: shelf
settings: {shelf: {depth: 0}}
data:
  an-encyclopedia: {path: a.csv, type: file}
  novels:
    path: b
    type: folder
    columns: {label: y, timestamp: t}
jobs:
  sort: {command: sort, retries: 2}
  count: {command: wc, retries: 0}
models:
  net: {path: a.csv, native: {shelf: {colour: red}, azure: {colour: blue}}}
endpoints:
  api: {deployments: {main: {model: net, traffic: 100}}}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.csv").write_text("x\n")
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    return Stack.load(tmp_path / "mlstack.yaml")


def test_all_that_is_refused_in_the_order_of_the_spec(stack: Stack) -> None:
    found = [(problem.path, problem.line, problem.remedy) for problem in gaps(Shelf(), stack)]
    assert found == [
        ("settings.shelf.depth", 3, "settings of shelf: depth"),
        ("data.an-encyclopedia", 5, "shorten it to 8 letters"),
        ("data.novels.type", 8, "a shelf holds files: pack the folder"),
        ("data.novels.columns.label", 9, "a shelf has no labels: leave it out"),
        ("jobs.sort.retries", 11, "nothing is retried: leave it out"),
        (
            "models.net.native.shelf",
            14,
            "leave it out: all that the target takes is in the spec itself",
        ),
        ("endpoints", 15, "a shelf answers nothing: serve it elsewhere"),
    ]


def test_each_says_what_it_is_about(stack: Stack) -> None:
    messages = {problem.path: problem.message for problem in gaps(Shelf(), stack)}
    assert messages["data.novels.type"] == "data.type=folder is not supported on shelf"
    assert messages["jobs.sort.retries"] == "jobs.sort.retries is not supported on shelf"
    assert messages["settings.shelf.depth"] == "Input should be greater than or equal to 1"


def test_native_blocks_reach_a_provider_that_has_them(stack: Stack) -> None:
    class Open(Shelf):
        native = True

    assert "models.net.native.shelf" not in {problem.path for problem in gaps(Open(), stack)}


def test_a_sound_spec_has_no_gaps() -> None:
    stack = Stack.model_validate({"name": "books", "data": {"a": {"path": "a.csv", "type": "file"}}})
    assert gaps(Shelf(), stack) == []


def test_defaults_are_not_given() -> None:
    job = {"command": "x", "retries": 0, "outputs": {"m": {"type": "folder"}, "n": {"type": "file"}}}
    stack = Stack.model_validate({"name": "a", "jobs": {"j": job}})
    assert list(places(stack, ["jobs", "retries"])) == []
    assert list(places(stack, ["jobs", "outputs", "type"])) == [
        (("jobs", "j", "outputs", "n", "type"), "file")
    ]


def test_fields_are_found_by_the_name_they_have_in_yaml() -> None:
    stack = Stack.model_validate({"name": "a", "models": {"m": {"from": "jobs.train.model"}}})
    assert list(places(stack, ["models", "from"])) == [(("models", "m", "from"), "jobs.train.model")]
    assert list(places(stack, ["models", "from_"])) == []


def test_a_cloud_that_is_not_there_is_a_mistake_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "mlstack.yaml").write_text("name: a\ncloud: locl\n")
    with pytest.raises(SpecError) as caught:
        target(Stack.load(tmp_path / "mlstack.yaml"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.line) == ("unknown-cloud", "cloud", 2)
    assert "did you mean 'local'?" in (problem.remedy or "")


def test_a_cloud_of_the_command_line_is_a_mistake_of_usage() -> None:
    with pytest.raises(UsageError, match="unknown cloud 'locl'"):
        target(Stack.model_validate({"name": "a"}), "locl")


def test_the_first_of_several_candidates_is_the_target() -> None:
    assert target(Stack.model_validate({"name": "a", "cloud": ["local", "aws"]})).name == "local"


class Placed(Shelf):
    """A shelf that knows where it can be."""

    def capabilities(self) -> Capabilities:
        return Capabilities(regions=("upstairs", "downstairs"))


@pytest.mark.parametrize(
    ("region", "paths"),
    [("upstairs", []), ("upstair", ["region"]), (["downstairs", "cellar"], ["region.1"]), (None, [])],
)
def test_a_region_is_one_of_the_targets(region: object, paths: list[str]) -> None:
    stack = Stack.model_validate({"name": "books", "region": region})
    found = [problem for problem in gaps(Placed(), stack) if problem.code == "unknown-region"]
    assert [problem.path for problem in found] == paths
    assert [problem for problem in gaps(Shelf(), stack) if problem.code == "unknown-region"] == []


def test_a_near_region_is_suggested_else_they_are_listed() -> None:
    assert unknown_region(Placed(), "upstair") == (
        "shelf has no region 'upstair'",
        "did you mean 'upstairs'?",
    )
    assert (unknown_region(Placed(), "zz") or ("", ""))[1] == "there are upstairs, downstairs"


def secretive(tmp_path: Path, *names: str) -> Stack:
    lines = "".join(f"  {name}: {{env: MLSTACK_TEST_{name.upper()}}}\n" for name in names)
    (tmp_path / "mlstack.yaml").write_text(f"name: a\nsecrets:\n{lines}")
    return Stack.load(tmp_path / "mlstack.yaml")


def test_a_secret_whose_variable_is_not_set_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        need_secrets(secretive(tmp_path, "token"))
    error = caught.value
    assert error.code == "secret-not-set"
    assert error.message == "the secret token is read from the variable MLSTACK_TEST_TOKEN, which is not set"
    assert (error.where or "").endswith("mlstack.yaml:3:16 secrets.token.env")
    assert error.remedy == "export MLSTACK_TEST_TOKEN=…"


def test_all_of_them_at_once_and_for_a_rehearsal_any_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTACK_TEST_C", "")
    with pytest.raises(UsageError) as caught:
        need_secrets(secretive(tmp_path, "a", "b", "c"), rehearsed=True)
    assert "a from the variable MLSTACK_TEST_A and b from the variable MLSTACK_TEST_B" in caught.value.message
    assert "MLSTACK_TEST_C" not in str(caught.value)
    assert caught.value.remedy == (
        "export MLSTACK_TEST_A=… MLSTACK_TEST_B=…; in a rehearsal any values will do"
    )
    need_secrets(secretive(tmp_path, "c"))


def test_a_setting_or_a_target_that_is_nearly_one_is_told(tmp_path: Path) -> None:
    spec = {
        "name": "books",
        "settings": {"shelf": {"dept": 1}, "locla": {}, "corp-ml": {}},
        "data": {"a": {"path": "a.csv", "type": "file", "native": {"azrue": {}, "azure": {}}}},
    }
    found = {each.path: (each.code, each.remedy) for each in gaps(Shelf(), Stack.model_validate(spec))}
    assert found == {
        "settings.locla": ("unknown-cloud", "did you mean 'local'?"),
        "settings.shelf.dept": ("bad-setting", "did you mean 'depth'? settings of shelf: depth"),
        "data.a.native.azrue": ("unknown-cloud", "did you mean 'azure'?"),
    }
