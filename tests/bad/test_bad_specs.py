"""Broken specs: each is answered with its error, at its place, with a remedy; and nothing is created.

``cases.yaml`` says what is expected. Written from the documents of the spec and the command line alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from ruamel.yaml import YAML

HERE = Path(__file__).parent
KEYS = {"code", "file", "line", "column", "path", "message", "remedy"}
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MARK = re.compile(r"# here(?: (\w+))?$")

Error = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """One error of a case; the fields are explained at the head of ``cases.yaml``."""

    path: str = ""
    says: list[str] = field(default_factory=list)
    says_one_of: list[str] = field(default_factory=list)
    mark: str = ""
    place: Literal["line", "file", "set"] = "line"
    file: str = "mlstack.yaml"


@dataclass(frozen=True)
class Case:
    name: str
    errors: list[Expected]
    hides: list[str]
    args: list[str]
    more: bool


def read(name: str, row: dict[str, Any]) -> Case:
    row = dict(row)
    hides, args, more = row.pop("hides", []), row.pop("args", []), row.pop("more", False)
    rows = row.pop("errors", [row])
    return Case(name, [Expected(**each) for each in rows], hides, args, more)


CASES = [read(*item) for item in YAML(typ="safe", pure=True).load((HERE / "cases.yaml").read_text()).items()]


def differences(error: Error, expected: Expected, folder: Path) -> list[str]:
    """What keeps a reported error from being the expected one; empty when it is."""
    said = f"{error['message']}\n{error['remedy']}"
    wrong = []
    if expected.path not in error["path"]:
        wrong.append(f"path {error['path']!r} lacks {expected.path!r}")
    for word in expected.says:
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said, re.IGNORECASE):
            wrong.append(f"does not say {word!r}")
    if expected.says_one_of and not any(word.lower() in said.lower() for word in expected.says_one_of):
        wrong.append(f"says none of {expected.says_one_of}")
    return wrong + misplaced(error, expected, folder)


def misplaced(error: Error, expected: Expected, folder: Path) -> list[str]:
    if expected.place == "set":
        blamed = f"{error['file']} {error['message']} {error['remedy']}"
        faults = [] if "--set" in blamed else ["does not name --set as the place"]
        return faults + (["has a line, though no file is at fault"] if error["line"] is not None else [])
    if error["file"] is None or (folder / error["file"]).resolve() != (folder / expected.file).resolve():
        return [f"blames {error['file']!r}, not {expected.file}"]
    if expected.place == "file":
        return []
    lines = (folder / expected.file).read_text().splitlines()
    marks = {number: MARK.search(line) for number, line in enumerate(lines, start=1)}
    there = [number for number, found in marks.items() if found and (found[1] or "") == expected.mark]
    assert there, f"the case marks no line of {expected.file}"
    return [] if error["line"] in there else [f"is at line {error['line']}, not at one of {there}"]


def assert_well_formed(error: Error, folder: Path) -> None:
    assert set(error) == KEYS
    assert KEBAB.fullmatch(error["code"]), error
    assert isinstance(error["path"], str), error
    assert error["message"].strip(), error
    assert error["remedy"], f"no remedy: {error}"
    assert error["remedy"].strip(), error
    assert (error["line"] is None) == (error["column"] is None), error
    if error["line"] is not None:
        lines = (folder / error["file"]).read_bytes().split(b"\n")
        assert 1 <= error["line"] <= len(lines), error
        assert 1 <= error["column"] <= len(lines[error["line"] - 1]) + 1, error


def assert_expected(errors: list[Error], case: Case, folder: Path) -> None:
    """Each expected error is among the reported ones, and (but for ``more``) no other is."""
    for error in errors:
        assert_well_formed(error, folder)
    left = list(errors)
    for expected in case.errors:
        found = next((error for error in left if not differences(error, expected, folder)), None)
        why = [f"{error['code']}: {', '.join(differences(error, expected, folder))}" for error in left]
        assert found is not None, f"{expected} is not reported; of what is left:\n" + "\n".join(why)
        left.remove(found)
    assert case.more or not left, f"one mistake is one error, and these are beyond it: {left}"


@pytest.mark.drawn(of=3)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_spec_is_answered(project: Any, case: Case) -> None:
    project.put(case.name)
    before = project.listing()

    ran = project.run("validate", "-f", "mlstack.yaml", "--json", *case.args)

    assert "Traceback" not in ran.stderr
    assert ran.code == 3, ran.stdout[-2000:] + ran.stderr[-2000:]
    answer = json.loads(ran.stdout)
    assert set(answer) == {"errors"}
    assert len(ran.stdout) < 64_000, "the answer to a broken spec is short, whatever the spec's size"
    for hidden in case.hides:
        assert hidden not in ran.stdout + ran.stderr
    assert_expected(answer["errors"], case, project.folder)
    assert project.listing() == before, "something was created or changed"
    assert ran.cpu < 3, "a second is the goal; the start of the interpreter and a slow machine come on top"


@pytest.mark.parametrize("name", ["unknown-key-nested", "data-path-missing", "secret-literal", "nul-byte"])
def test_up_refuses_it_in_the_same_way(project: Any, name: str) -> None:
    project.put(name)
    before = project.listing()
    validated = project.run("validate", "-f", "mlstack.yaml", "--json")

    ran = project.run("up", "-f", "mlstack.yaml", "--yes", "--json")

    assert ran.code == 3, ran.stdout + ran.stderr
    assert json.loads(ran.stdout) == json.loads(validated.stdout)
    assert "Traceback" not in ran.stderr
    assert "canary-5f3a91c7" not in ran.stdout + ran.stderr
    assert project.listing() == before, "something was created or changed"


@pytest.mark.parametrize(
    ("name", "what", "line", "remedy"),
    [
        ("unknown-key-nested", "timout", 6, "timeout"),
        ("wrong-type-number", "many", 6, ""),
        ("secret-literal", "hub-token", 4, "env"),
    ],
)
def test_a_person_reads_three_lines(project: Any, name: str, what: str, line: int, remedy: str) -> None:
    project.put(name)

    ran = project.run("validate", "-f", "mlstack.yaml")

    assert ran.code == 3, ran.stdout + ran.stderr
    lines = [text for text in ran.stderr.splitlines() if text.strip()]
    assert len(lines) == 3, ran.stderr
    assert what in lines[0]
    assert re.search(rf"mlstack\.yaml:{line}\b", lines[1])
    assert remedy in lines[2]
    assert "canary-5f3a91c7" not in ran.stdout + ran.stderr


def test_the_mistakes_come_in_the_order_of_the_file(project: Any) -> None:
    project.put("several")

    errors = json.loads(project.run("validate", "-f", "mlstack.yaml", "--json").stdout)["errors"]

    lines = [error["line"] for error in errors]
    assert lines == sorted(lines)


def test_a_sound_spec_is_valid(project: Any) -> None:
    (project.folder / "mlstack.yaml").write_text((HERE / "sound.yaml").read_text())
    (project.folder / "rows.csv").write_text("x,label\n1,0\n")
    before = project.listing()

    ran = project.run("validate", "-f", "mlstack.yaml", "--json")

    assert ran.code == 0, ran.stdout + ran.stderr
    assert not json.loads(ran.stdout).get("errors")
    assert project.listing() == before


def test_the_overlay_of_another_stack_is_not_read(project: Any) -> None:
    project.put("overlay-wrong-type")
    (project.folder / "mlstack.dev-local.yaml").rename(project.folder / "mlstack.staging.yaml")

    assert project.run("validate", "-f", "mlstack.yaml", "--json").code == 0
    assert project.run("validate", "-f", "mlstack.yaml", "-s", "staging", "--json").code == 3


def test_every_spec_is_in_the_table() -> None:
    kept = {path.stem for path in (HERE / "specs").iterdir()}

    assert kept <= {case.name for case in CASES}
    assert len(CASES) >= 40
