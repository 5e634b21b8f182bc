"""From a spec to components: order, exports, scope, warnings, and errors that are kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import config

import mlstack as ml
from mlstack.content import fingerprint
from mlstack.errors import MlstackError, SpecError, UsageError
from mlstack.program import Warned, cloud, current, deploy, guarded, run, scope
from mlstack.provider import Provider, Stackwide
from mlstack.registry import provider
from mlstack.spec import Stack
from mlstack.testing import discoverable, record

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"

SPEC = """\
name: books
cloud: folder
settings: {folder: {path: shelf}}
data:
  rows: {path: rows.csv, type: file, columns: {label: y}}
  more: {path: rows.csv, type: file}
models:
  net: {path: rows.csv}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "rows.csv").write_text("x\n1\n")
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    with discoverable(EXAMPLE):
        yield provider("folder")


class TestDeploy:
    def test_every_resource_is_made_with_the_settings_of_the_spec(
        self, folder: Provider, tmp_path: Path
    ) -> None:
        made = {}

        def program() -> None:
            made.update(deploy(Stack.load(tmp_path)))

        recording = record(folder, program, tmp_path)
        assert {kind: list(components) for kind, components in made.items()} == {
            "data": ["rows", "more"],
            "models": ["net"],
        }
        folders = {child.name: child.inputs["folder"] for child in recording.children()}
        assert folders == {
            "rows": "shelf/c0ffee00/data",
            "more": "shelf/c0ffee00/data",
            "net": "shelf/c0ffee00/models",
        }

    def test_outputs_are_exported_by_kind_and_name(self, folder: Provider, tmp_path: Path) -> None:
        exported = {}

        def program() -> None:
            deploy(Stack.load(tmp_path))
            exported.update(pulumi.runtime.get_root_resource().outputs)  # type: ignore[union-attr]

        record(folder, program, tmp_path)
        assert {kind: held.keys() for kind, held in exported.items()} == {
            "data": {"rows", "more"},
            "models": {"net"},
        }
        for held in exported.values():
            assert all(values.keys() == {"id", "uri", "version"} for values in held.values())

    def test_what_has_no_effect_is_warned_of(self, folder: Provider, tmp_path: Path) -> None:
        recording = record(folder, lambda: deploy(Stack.load(tmp_path)), tmp_path)
        assert recording.warnings == [
            Warned("no-effect", "data.rows", "columns", "a folder keeps files, and not what they mean")
        ]

    def test_all_gaps_are_told_before_anything_is_made(self, folder: Provider, tmp_path: Path) -> None:
        text = SPEC + "jobs: {train: {command: x}}\nregion: here\n"
        (tmp_path / "mlstack.yaml").write_text(text)
        registered: list[object] = []

        def program() -> None:
            try:
                deploy(Stack.load(tmp_path))
            finally:
                registered.extend(current().scope.components if current().scope else [])  # type: ignore[union-attr]

        with pytest.raises(SpecError) as caught:
            record(folder, program, tmp_path)
        assert [(problem.path, problem.line) for problem in caught.value.problems] == [
            ("region", 10),
            ("jobs", 9),
        ]
        assert registered == []

    def test_the_pinned_cloud_goes_before_the_one_of_the_spec(self, folder: Provider, tmp_path: Path) -> None:
        clouds = []

        def program() -> None:
            stack = Stack.model_validate({"name": "a", "cloud": ["aws", "gcp"]})
            clouds.append(cloud(stack))
            config.set_all_config({})
            clouds.append(cloud(stack))

        record(folder, program, tmp_path)
        assert clouds == ["folder", "aws"]


class TestScope:
    def test_without_a_spec_it_comes_from_the_config(self, folder: Provider, tmp_path: Path) -> None:
        def program() -> None:
            config.set_config("mlstack:folder", '{"path": "elsewhere"}')
            ml.Data("rows", path="rows.csv", type="file")
            found = scope()
            assert (found.provider.name, found.stack_uid, found.root) == ("folder", "c0ffee00", tmp_path)

        (copy,) = record(folder, program, tmp_path).children()
        assert copy.inputs["folder"] == "elsewhere/c0ffee00/data"

    def test_what_holds_for_the_whole_stack_may_come_from_the_config(
        self, folder: Provider, tmp_path: Path
    ) -> None:
        found = []

        def program() -> None:
            config.set_config("mlstack:region", "north")
            config.set_config("mlstack:tags", '{"team": "vision"}')
            found.append(scope().stackwide)

        record(folder, program, tmp_path)
        assert found == [Stackwide("north", {"team": "vision"}, "standard")]

    def test_a_stack_without_uid_has_one_of_its_own_name(self, folder: Provider, tmp_path: Path) -> None:
        uids = []

        def program() -> None:
            config.set_all_config({"mlstack:cloud": "folder"})
            uids.append(scope().stack_uid)

        record(folder, program, tmp_path)
        assert uids == [fingerprint("organization", "conformance", "test")[:8]]

    def test_a_wrong_setting_in_the_config_says_how_to_set_it(self, folder: Provider, tmp_path: Path) -> None:
        def program() -> None:
            config.set_config("mlstack:folder", '{"depth": 3}')
            scope()

        with pytest.raises(UsageError) as caught:
            record(folder, program, tmp_path)
        assert "mlstack:folder" in caught.value.message
        assert caught.value.remedy == "pulumi config set --path 'mlstack:folder.depth' VALUE"

    def test_what_is_not_made_yet_is_not_found(self, folder: Provider, tmp_path: Path) -> None:
        def program() -> None:
            ml.Data("rows", path="rows.csv", type="file")
            scope().find("data", "raws")

        with pytest.raises(UsageError) as caught:
            record(folder, program, tmp_path)
        assert caught.value.code == "dangling-reference"
        assert "Known: rows." in (caught.value.remedy or "")


class TestRun:
    def test_runs_do_not_see_each_other(self) -> None:
        with run() as outer:
            with run() as inner:
                assert current() is inner
            assert current() is outer
            assert outer is not inner
        assert current() not in (outer, inner)

    def test_an_error_of_ours_is_kept_for_the_caller(self, tmp_path: Path) -> None:
        def program() -> None:
            raise UsageError("no such thing", remedy="look again")

        with run() as ran:
            with pytest.raises(pulumi.RunError, match="no such thing"):
                guarded(program, tmp_path)()
            assert isinstance(ran.error, UsageError)
            assert ran.error.remedy == "look again"

    def test_a_mistake_in_a_program_is_shown_at_its_line(self, tmp_path: Path) -> None:
        file = tmp_path / "program.py"
        file.write_text("def program():\n    return {}['missing']\n")
        names: dict[str, object] = {}
        exec(compile(file.read_text(), str(file), "exec"), names)
        with run() as ran, pytest.raises(pulumi.RunError):
            guarded(names["program"], tmp_path)()  # type: ignore[arg-type]
        assert isinstance(ran.error, MlstackError)
        assert (ran.error.code, ran.error.category) == ("program-failed", "user")
        assert ran.error.message == "KeyError: 'missing'"
        assert ran.error.where == f"{file}:2"

    def test_an_error_of_pulumis_passes_as_it_is(self, tmp_path: Path) -> None:
        def program() -> None:
            raise pulumi.RunError("said already")

        with run() as ran:
            with pytest.raises(pulumi.RunError, match="said already"):
                guarded(program, tmp_path)()
            assert ran.error is None


def test_a_program_may_leave_by_exit(tmp_path: Path) -> None:
    with run() as ran:
        guarded(lambda: sys.exit(0), tmp_path)()
        assert ran.error is None
        with pytest.raises(pulumi.RunError):
            guarded(lambda: sys.exit("no data here"), tmp_path)()
    assert ran.error is not None
    assert ran.error.code == "program-failed"
    assert "no data here" in ran.error.message
