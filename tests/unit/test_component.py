"""Components: a provider's children below, the kind's outputs on top."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

import mlstack as ml
from mlstack.component import given
from mlstack.errors import SpecError, UsageError
from mlstack.provider import Provider
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.spec import Data, Job
from mlstack.testing import Recording, discoverable, entry_points, record

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"

FORGETFUL = '''
"""A provider whose builders return the wrong outputs, or raise."""
from typing import ClassVar

from mlstack.provider import Capabilities, Provider


def incomplete(build):
    return {"id": "x"}


def seen(build):
    build.warn("tags", f"consumed: {build.consumed}")
    build.warn("path", f"{build.kind} {build.name} {build.stack_uid} {build.settings}")
    return {"id": None, "uri": None, "version": build.spec_of("data", build.name).version}


class Forgetful(Provider):
    name = "forgetful"
    builders: ClassVar = {"models": "mlstack_forgetful:incomplete", "data": "mlstack_forgetful:seen"}
    unsupported: ClassVar = {"jobs": "it forgets to run them: use another"}

    def capabilities(self):
        return Capabilities()

    def runtime(self, site):
        raise AssertionError
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "rows.csv").write_text("x\n1\n")
    with discoverable(EXAMPLE):
        yield provider("folder")


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Provider]:
    (tmp_path / "mlstack_forgetful.py").write_text(FORGETFUL)
    with entry_points("mlstack-forgetful", {"forgetful": "mlstack_forgetful:Forgetful"}, tmp_path):
        yield provider("forgetful")


def by_type(recording: Recording) -> dict[tuple[str, str], Any]:
    return {(resource.type, resource.name): resource for resource in recording.resources.values()}


def test_a_component_is_the_parent_of_what_the_builder_makes(folder: Provider, tmp_path: Path) -> None:
    made = by_type(record(folder, lambda: ml.Data("rows", path="rows.csv", type="file"), tmp_path))
    assert made.keys() == {("mlstack:index:Data", "rows"), ("mlstack:folder:Copy", "rows")}
    component, copy = made["mlstack:index:Data", "rows"], made["mlstack:folder:Copy", "rows"]
    assert copy.parent == component.urn
    assert component.inputs == {}
    assert component.outputs.keys() == {"id", "uri", "version"}
    assert component.outputs["version"] == copy.inputs["version"]
    assert component.outputs["uri"] is UNKNOWN


def test_outputs_are_attributes_and_go_where_text_goes(folder: Provider, tmp_path: Path) -> None:
    def program() -> None:
        rows = ml.Data("rows", path="rows.csv", type="file")
        ml.Model("net", path=pulumi.Output.concat(rows.version, "/../rows.csv"))
        assert set(rows.values) == {"id", "uri", "version"}

    (tmp_path / _version(folder, tmp_path)).mkdir()  # the model's path leads through it
    made = by_type(record(folder, program, tmp_path))
    assert made["mlstack:folder:Copy", "net"].inputs["source"].endswith("/../rows.csv")


def _version(folder: Provider, root: Path) -> str:
    made = by_type(record(folder, lambda: ml.Data("rows", path="rows.csv", type="file"), root))
    return str(made["mlstack:folder:Copy", "rows"].inputs["version"])


def test_options_reach_the_component(folder: Provider, tmp_path: Path) -> None:
    def program() -> None:
        outer = pulumi.ComponentResource("test:index:Outer", "outer")
        ml.Data("rows", path="rows.csv", type="file", opts=pulumi.ResourceOptions(parent=outer, protect=True))

    made = by_type(record(folder, program, tmp_path))
    component = made["mlstack:index:Data", "rows"]
    assert component.parent == made["test:index:Outer", "outer"].urn
    assert component.options["protect"] is True


def test_a_component_stands_for_its_reference(folder: Provider, tmp_path: Path) -> None:
    jobs = []

    def program() -> None:
        rows = ml.Data("rows", path="rows.csv", type="file")
        assert rows.mlstack_reference == "data.rows"
        jobs.append(Job(command="x", inputs={"rows": rows}))

    record(folder, program, tmp_path)
    assert jobs[0].inputs == {"rows": "data.rows"}


def test_a_wrong_argument_names_every_mistake(folder: Provider, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        record(folder, lambda: ml.Data("rows", type="heap", keep=-1), tmp_path)  # type: ignore[arg-type]
    assert {problem.path for problem in caught.value.problems} == {"data.rows.type", "data.rows.keep"}


def test_a_rule_of_the_kind_brings_its_remedy() -> None:
    with pytest.raises(SpecError) as caught:
        given(Data, "data.rows", path="a.csv", existing="b", type="file")
    (problem,) = caught.value.problems
    assert problem.code == "data-source"
    assert problem.remedy == "keep one of path and existing"


def test_arguments_that_are_none_count_as_left_out() -> None:
    assert given(Data, "data.rows", path="a.csv", type="file", keep=None, existing=None) == Data(
        path="a.csv", type="file"
    )


def test_one_name_twice_is_refused(folder: Provider, tmp_path: Path) -> None:
    def program() -> None:
        ml.Data("rows", path="rows.csv", type="file")
        ml.Data("rows", path="rows.csv", type="file")

    with pytest.raises(UsageError, match=r"data\.rows is there twice"):
        record(folder, program, tmp_path)


def test_a_refused_component_is_never_registered(forgetful: Provider, tmp_path: Path) -> None:
    def program() -> None:
        with pytest.raises(UsageError):
            ml.Job("train", command="x")

    assert record(forgetful, program, tmp_path).resources == {}


def test_a_kind_that_the_target_lacks_says_why(forgetful: Provider, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        record(forgetful, lambda: ml.Job("train", command="x"), tmp_path)
    assert caught.value.code == "unsupported"
    assert "it forgets to run them: use another" in caught.value.message


def test_a_builder_that_forgets_an_output_is_told(forgetful: Provider, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"the builder of models returned \['id'\], not \['id', 'uri', 'ver"):
        record(forgetful, lambda: ml.Model("net", path="a"), tmp_path)


def test_a_builder_knows_its_surroundings(forgetful: Provider, tmp_path: Path) -> None:
    recording = record(forgetful, lambda: ml.Data("rows", path="a", type="file", version="7"), tmp_path)
    tags, path = recording.warnings
    assert tags.as_json() == {
        "code": "no-effect",
        "resource": "data.rows",
        "field": "tags",
        "message": "consumed: True",  # nobody can know what a program makes next
    }
    assert path.message == "data rows c0ffee00 "
    (component,) = recording.components()
    outputs = component.outputs or {}
    assert {key: value for key, value in outputs.items() if value is not None} == {"version": "7"}
