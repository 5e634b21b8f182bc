"""What is recorded of a program by the real engine, and what is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

import mlstack as ml
from mlstack.cli.program import of_folder
from mlstack.eject import record, write
from mlstack.engine.install import find_engine
from mlstack.engine.operations import Operator
from mlstack.engine.project import Project, backend_url, read_manifest
from mlstack.errors import UsageError
from mlstack.testing import discoverable

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"

pytestmark = pytest.mark.engine


def program() -> None:
    """A model that is a copy of data, and what a program may make of an output."""
    rows = ml.Data("rows", path="rows.csv", type="file")
    net = ml.Model("net", path=rows.uri)
    pulumi.export("whole", net.uri)
    pulumi.export("put together", pulumi.Output.concat("at ", net.uri, "!"))
    pulumi.export("computed", net.uri.apply(lambda uri: hashlib.sha256(uri.encode()).hexdigest()))
    pulumi.export("by chance", "rows")


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    engine = find_engine()
    if engine is None:
        pytest.skip("there is no engine: `make setup` obtains one")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "for tests only")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    root = tmp_path / "project"
    root.mkdir()
    (root / "rows.csv").write_text("x,y\n1,0\n")
    with discoverable(EXAMPLE):
        made = Operator(Project(root, "example", "dev", "folder", program, {"name": "example"}), engine)
        made.up()
        yield made


def running(operator: Operator, other: Callable[[], None]) -> Operator:
    return replace(operator, project=replace(operator.project, program=other))


def test_a_program_is_written_as_what_it_does(operator: Operator, tmp_path: Path) -> None:
    write(operator.project, record(operator), tmp_path / "plain", {})

    text = (tmp_path / "plain" / "__main__.py").read_text()
    # the component looks at the file there, which has no marks in its name
    assert re.search(r'"source": "shared/[^"]*/rows.csv",', text)
    assert "depends_on=[rows]" in text
    assert 'pulumi.export("whole", net.uri)' in text
    assert 'pulumi.export("put together", pulumi.Output.concat("at ", net.uri, "!"))' in text
    assert 'pulumi.export("by chance", "rows")' in text
    uri = operator.preview().outputs["whole"]
    assert f'"{hashlib.sha256(uri.encode()).hexdigest()}"' in text


def test_mlstack_runs_the_ejected_program_too(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    write(operator.project, record(operator), plain, {})
    monkeypatch.setenv("PULUMI_BACKEND_URL", backend_url(operator.project))
    monkeypatch.chdir(plain)
    project = replace(operator.project, root=plain, program=of_folder(plain), manifest=read_manifest(plain))

    result = replace(operator, project=project).preview()

    assert {op for op, count in result.summary.items() if count} == {"same"}


def test_a_stack_that_is_not_what_its_program_says_is_refused(operator: Operator) -> None:
    (operator.project.root / "rows.csv").write_text("x,y\n2,1\n")
    with pytest.raises(UsageError, match=r"not what its program says: .*rows \((update|replace)\)"):
        record(operator)


def test_what_a_program_only_reads_is_refused(operator: Operator) -> None:
    def reading() -> None:
        program()
        pulumi.StackReference("organization/example/dev")

    with pytest.raises(UsageError, match=r"reads what it does not make: organization/example/dev \(pulumi:"):
        record(running(operator, reading))
