"""The suite finds what is wrong with a provider: each fault is made on purpose, and has to be named."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.provider import Provider
from mlstack.registry import provider
from mlstack.resource import Context, Resource
from mlstack.testing import accounts, checks, discoverable, entry_points, resource_lifecycle
from mlstack.testing.cases import find
from mlstack.testing.fields import SpecField

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "provider"

FAULTS = ("Orphaning", "Misnaming", "Silent", "Restless", "Rooted", "Chatty", "Literal", "Leaky", "Wordy")
TABLES = ("Undecided", "Adrift", "Loose")
POINTS = {name.lower(): f"mlstack_faults:{name}" for name in (*FAULTS, *TABLES)}


@pytest.fixture(autouse=True, scope="module")
def installed() -> Iterator[None]:
    with (
        discoverable(EXAMPLE),
        entry_points("mlstack-faults", {**POINTS, "eager": "mlstack_eager:Eager"}, HERE / "faults"),
    ):
        yield
    for name in ("mlstack_faults", "mlstack_eager"):
        sys.modules.pop(name, None)


def field(path: str) -> SpecField:
    found = find(path)
    assert found is not None
    return found


def faulty(name: str) -> Provider:
    return provider(name)


@pytest.mark.parametrize("name", ["folder", "silent"])
def test_what_builds_well_is_not_complained_of(name: str, tmp_path: Path) -> None:
    assert list(checks.builds(faulty(name), "data", tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "kind", "complaint"),
    [
        ("orphaning", "data", "one (mlstack:folder:Copy) is below no component: give it opts=build.opts()"),
        ("misnaming", "data", "copy-of-one (mlstack:folder:Copy) is not named after one: use build.child()"),
        ("chatty", "data", "one (mlstack:folder:Copy): colour: Extra inputs are not permitted"),
        ("leaky", "secrets", "one (mlstack:folder:Copy) holds the value of MLSTACK_CONFORMANCE_ONE in clear"),
    ],
)
def test_a_builder_gone_wrong(name: str, kind: str, complaint: str, tmp_path: Path) -> None:
    assert list(checks.builds(faulty(name), kind, tmp_path)) == [complaint]


@pytest.mark.parametrize(
    ("name", "complaints"),
    [
        ("folder", []),
        ("restless", ["the second build differs", "the build in another folder differs"]),
        ("rooted", ["the build in another folder differs"]),
    ],
)
def test_builds_that_are_not_the_same_again(name: str, complaints: list[str], tmp_path: Path) -> None:
    found = list(checks.repeatable(faulty(name), "data", tmp_path / "a", tmp_path / "b"))
    assert [complaint.partition(" from the first:")[0].partition(":")[0] for complaint in found] == complaints


@pytest.mark.parametrize(
    ("name", "path", "silent"),
    [
        ("folder", "data.columns.label", False),
        ("silent", "data.columns.label", True),
        ("wordy", "data.columns.label", True),
        ("silent", "data.path", False),
        ("literal", "data.path", False),
    ],
)
def test_a_field_that_is_dropped_in_silence(name: str, path: str, silent: bool, tmp_path: Path) -> None:
    found = list(accounts.accounted(faulty(name), field(path), tmp_path))
    assert [complaint.startswith(f"{path} = ") for complaint in found] == ([True] if silent else [])


def test_an_output_that_does_not_arrive(tmp_path: Path) -> None:
    assert list(accounts.takes_outputs(faulty("folder"), field("data.path"), tmp_path / "a")) == []
    (found,) = accounts.takes_outputs(faulty("literal"), field("data.path"), tmp_path / "b")
    assert found == "data.path: an Output of 'data/other.csv' gives other inputs than 'data/other.csv' itself"


def test_tables_that_contradict_themselves() -> None:
    assert list(checks.declared(faulty("folder"))) == []
    assert list(checks.declared(faulty("undecided"))) == [
        "data is in builders and in unsupported",
        "jobs is in neither builders nor unsupported",
        "unsupported: the spec has no 'models.colour'",
        "unsupported['models.flavor'] gives no reason: 'no'",
        "no_input: the spec has no 'data.shape'",
        "ways: the spec has no 'models.colour'",
    ]


def test_a_way_that_is_refused_after_all(tmp_path: Path) -> None:
    (found,) = accounts.accounted(faulty("undecided"), field("models.keep"), tmp_path)
    assert found.startswith("it is refused even of a url: models.one.keep")


def test_a_refusal_that_refuses_nothing(tmp_path: Path) -> None:
    assert list(checks.refused(faulty("folder"), "data.keep", tmp_path)) == []
    (found,) = checks.refused(faulty("wordy"), "data.keep=0", tmp_path)
    assert found == "data.keep=0 is declared as unsupported, but what is refused is: nothing"


def test_tables_that_lead_nowhere() -> None:
    found = list(checks.resolvable(faulty("adrift")))
    assert [complaint.partition(": ")[0] for complaint in found] == [
        "builders['data']",
        "builders['models']",
        "resources",
        "resources['mlstack:adrift:None']",
        "resources['mlstack:adrift:Function']",
        "mlstack_faults:Replaced",
    ]


def test_settings_that_take_anything() -> None:
    assert list(checks.settings(faulty("folder"))) == []
    (found,) = checks.settings(faulty("loose"))
    assert "takes what it does not know" in found


def test_a_provider_that_imports_pulumi_at_once() -> None:
    assert list(checks.found_by_entry_point(faulty("folder"))) == []
    (found,) = checks.found_by_entry_point(faulty("eager"))
    assert "imports Pulumi: pulumi" in found


INPUTS = {"name": "rows", "source": "rows.csv", "version": "1", "folder": "shared"}


@pytest.mark.parametrize(
    ("resource", "complaints"),
    [
        ("mlstack_folder:Copy", []),
        (
            "mlstack_faults:Doubling",
            [
                "a second create made another one",
                "a second create put out other values",
                "find gives None, and create made",
                "read does not find what create made",
                "read does not find it after the update",
            ],
        ),
        ("mlstack_faults:Losing", ["find gives None, and create made"]),
        ("mlstack_faults:Clinging", ["read still finds it after delete", "find still finds it after delete"]),
        (
            "mlstack_faults:Pinned",
            ["the output place is an absolute path", "secret_outputs has 'key', which create does not"],
        ),
        ("mlstack_faults:Stubborn", ["after the update read gives the inputs"]),
    ],
)
def test_verbs_that_do_not_do_as_they_say(resource: str, complaints: list[str], tmp_path: Path) -> None:
    from pkgutil import resolve_name

    (tmp_path / "rows.csv").write_text("x\n")
    made: Resource[Any] = resolve_name(resource)()
    changed: Mapping[str, Any] = {"version": "2"}
    found = list(resource_lifecycle(made, Context(tmp_path, "urn", "rows"), INPUTS, changed))
    assert len(found) == len(complaints), found
    assert all(said.startswith(complaint) for said, complaint in zip(found, complaints, strict=True)), found


def test_an_update_of_what_is_only_replaced(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x\n")
    context = Context(tmp_path, "urn", "rows")
    copy = provider("folder").resource("mlstack:folder:Copy")
    found = list(resource_lifecycle(copy, context, INPUTS, {"folder": "elsewhere"}))
    assert "folder is in replace_on: an update never changes it" in found
