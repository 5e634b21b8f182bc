"""Commands that need no engine, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.cli.commands.explain import support
from mlstack.cli.commands.invoke import content_type, failure
from mlstack.cli.commands.run_job import parse_input
from mlstack.cli.find import check_deployment, find
from mlstack.cli.measure import measure, percentile
from mlstack.cli.options import At
from mlstack.cli.program import forget_modules, of_folder
from mlstack.cli.project import open_project
from mlstack.errors import SpecError, UsageError
from mlstack.registry import provider
from mlstack.runtime import Answer, Record

SPEC = "version: 1\nname: digits\n"


# new


def test_new_makes_a_stack_that_is_valid(run: Any, tmp_path: Path) -> None:
    made = run("new", "digits", "first", "--json")
    assert made.code == 0, made
    files = json.loads(made.stdout)["files"]
    assert {"first/mlstack.yaml", "first/src/train.py", "first/data/digits.csv"} <= set(files)
    valid = run("validate", "-f", "first", "--json")
    assert valid.code == 0, valid
    assert json.loads(valid.stdout)["name"] == "first"


def test_new_overwrites_nothing(run: Any, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("mine")
    refused = run("new", "--json")
    assert refused.code == 2
    assert "src/train.py" in json.loads(refused.stdout)["error"]["message"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["train.py"]
    assert (tmp_path / "src" / "train.py").read_text() == "mine"


def test_new_lists_its_templates(run: Any) -> None:
    rows = json.loads(run("new", "--list", "--json").stdout)["templates"]
    assert {"batch", "blue-green", "digits", "empty"} == {row["name"] for row in rows}
    for row in rows:
        made = run("new", row["name"], row["name"])
        assert made.code == 0, made
        assert run("validate", "-f", row["name"]).code == 0


def test_an_unknown_template_is_a_usage_error(run: Any) -> None:
    ran = run("new", "digit")
    assert ran.code == 2
    assert "'digits'" in ran.stderr


# what a command works on


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_the_stack_is_named_after_the_cloud(tmp_path: Path) -> None:
    file = write(tmp_path, "mlstack.yaml", SPEC)
    opened = open_project(At(file=file))
    assert (opened.project.stack, opened.project.cloud) == ("dev-local", "local")
    assert open_project(At(file=tmp_path, stack="prod")).project.stack == "prod"


@pytest.mark.parametrize("spec", [f"{SPEC}cloud: azure\n", f"{SPEC}cloud: [azure, aws]\n"])
def test_the_cloud_of_the_spec_names_the_stack(tmp_path: Path, spec: str) -> None:
    """The overlay of that stack says local, and so is read."""
    file = write(tmp_path, "mlstack.yaml", spec)
    write(tmp_path, "mlstack.dev-azure.yaml", "cloud: local\n")
    opened = open_project(At(file=file))
    assert (opened.project.stack, opened.project.cloud) == ("dev-azure", "local")


def test_set_beats_the_file_in_naming_the_cloud(tmp_path: Path) -> None:
    file = write(tmp_path, "mlstack.yaml", f"{SPEC}cloud: azure\n")
    assert open_project(At(file=file, sets=["cloud=local"])).project.stack == "dev-local"


def test_a_target_that_is_not_installed_says_how_to_get_it(tmp_path: Path, absent: str) -> None:
    file = write(tmp_path, "mlstack.yaml", SPEC)
    with pytest.raises(UsageError) as raised:
        open_project(At(file=file, cloud=absent))
    assert f"pip install 'mlstack[{absent}]'" in str(raised.value.remedy)
    assert "installed are: aws, azure, gcp, local" in str(raised.value.remedy)


BOUND = "config:\n  mlstack:uid: 0a1b2c3d\n  mlstack:cloud: {}\n"


def test_a_bound_stack_keeps_its_cloud(tmp_path: Path) -> None:
    file = write(tmp_path, "mlstack.yaml", SPEC)
    write(tmp_path, "Pulumi.prod.yaml", BOUND.format("local"))
    assert open_project(At(file=file, stack="prod")).project.cloud == "local"
    for at in (At(file=file, stack="prod", cloud="azure"), At(file=file, stack="prod", sets=["cloud=azure"])):
        with pytest.raises(UsageError) as raised:
            open_project(at)
        assert "'local'" in raised.value.message
        assert "'azure'" in raised.value.message


def test_a_bound_stack_needs_no_cloud_in_the_spec(tmp_path: Path, absent: str) -> None:
    file = write(tmp_path, "mlstack.yaml", SPEC)
    write(tmp_path, "Pulumi.prod.yaml", BOUND.format(absent))
    with pytest.raises(UsageError) as raised:
        open_project(At(file=file, stack="prod"))
    assert raised.value.code == "target-not-installed"


def test_what_the_target_cannot_do_is_an_error_of_the_spec(tmp_path: Path) -> None:
    file = write(tmp_path, "mlstack.yaml", f"{SPEC}workspace: {{name: w}}\n")
    with pytest.raises(SpecError) as raised:
        open_project(At(file=file))
    assert [problem.code for problem in raised.value.problems] == ["unsupported"]
    assert raised.value.problems[0].line == 3


def test_the_region_is_set_as_text(tmp_path: Path) -> None:
    file = write(tmp_path, "mlstack.yaml", SPEC)
    spec = open_project(At(file=file, region="no")).spec
    assert spec is not None
    assert spec.region == "no"


def test_rehearse_is_refused_where_there_is_no_account_to_spare(run: Any, tmp_path: Path) -> None:
    write(tmp_path, "mlstack.yaml", SPEC)
    ran = run("preview", "--rehearse", "--json")
    assert ran.code == 2
    assert "needs no account" in json.loads(ran.stdout)["error"]["message"]


# a Pulumi program in place of a spec


def test_a_program_takes_the_place_of_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "Pulumi.yaml", "name: wine\nruntime: python\nmain: src/\n")
    write(tmp_path / "src", "__main__.py", "")
    monkeypatch.chdir(tmp_path)
    opened = open_project(At())
    assert opened.spec is None
    assert (opened.project.name, opened.project.stack, opened.project.cloud) == ("wine", "dev-local", "local")
    assert opened.project.root == tmp_path / "src"
    with pytest.raises(UsageError, match="--set is for a spec"):
        open_project(At(sets=["a=1"]))


def test_a_spec_goes_before_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "Pulumi.yaml", "name: wine\nruntime: python\n")
    write(tmp_path, "__main__.py", "")
    write(tmp_path, "mlstack.yaml", SPEC)
    monkeypatch.chdir(tmp_path)
    opened = open_project(At())
    assert opened.spec is not None
    assert opened.project.name == "digits"


def test_a_program_runs_whole_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what its modules do when they are imported, as `up` runs it for the preview and again."""
    import sys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    write(tmp_path, "infra_of_this_test.py", "open('runs', 'a').write('module ')\n")
    write(tmp_path, "__main__.py", "import infra_of_this_test\nopen('runs', 'a').write('main ')\n")
    program = of_folder(tmp_path)
    program()
    program()
    assert (tmp_path / "runs").read_text() == "module main module main "
    forget_modules(tmp_path)
    assert "infra_of_this_test" not in sys.modules
    assert "mlstack.cli.program" in sys.modules


# explain, schema


def test_explain_says_who_supports_what() -> None:
    target = provider("local")
    assert support("endpoints.deployments", [target])["local"]["supported"] is True
    refused = support("workspace.network", [target])["local"]
    assert refused == {"supported": False, "reason": target.unsupported["workspace"]}


def test_explain_reads_well(run: Any) -> None:
    ran = run("explain", "job.timeout")
    assert ran.code == 0, ran
    assert ran.stdout.startswith("jobs.timeout")
    line = next(line for line in ran.stdout.splitlines() if "supported by: " in line)
    assert {"azure", "local"} <= set(line.partition(": ")[2].split(", "))
    assert "workspace" in run("explain").stdout


def test_the_version_is_told(run: Any) -> None:
    from importlib.metadata import version

    assert run("--version").stdout.strip() == version("mlstack")


def test_without_a_command_there_is_help(run: Any) -> None:
    ran = run()
    assert ran.code == 0
    assert ran.stdout == run("--help").stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["invoke"], "ENDPOINT"),
        (["logs", "--tail", "many"], "--tail"),
        (["logs", "--follow"], ""),
    ],
)
def test_errors_of_the_parser_are_usage_errors(run: Any, args: list[str], said: str) -> None:
    ran = run(*args, "--json")
    assert ran.code == 2, ran
    error = json.loads(ran.stdout)["error"]
    assert (error["code"], error["category"]) == ("usage", "user")
    assert said in error["message"]


# what is found by name


RECORDS = [
    Record("jobs", "train", {}),
    Record("endpoints", "train", {}),
    Record("endpoints", "digits", {"deployments": {"main": {}}}),
]


@pytest.mark.parametrize("name", ["digits", "endpoints.digits", "endpoint.digits"])
def test_a_resource_is_found_by_name(name: str) -> None:
    assert find(RECORDS, ("jobs", "endpoints"), name) is RECORDS[2]


@pytest.mark.parametrize(
    ("name", "said"),
    [("train", "endpoints.train, jobs.train"), ("digit", "'digits'"), ("models.digits", "endpoints.digits")],
)
def test_a_name_that_means_nothing_or_two_things(name: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        find(RECORDS, ("jobs", "endpoints"), name)
    assert said in str(raised.value.remedy)


def test_a_deployment_has_to_be_there() -> None:
    check_deployment(RECORDS[2], None)
    check_deployment(RECORDS[2], "main")
    with pytest.raises(UsageError, match="no deployment 'mian'"):
        check_deployment(RECORDS[2], "mian")


# invoke, run


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"instances": [[1]]}', "application/json"),
        (b"\n [1, 2]", "application/json"),
        (b"1,2\n3,4\n", "text/csv"),
        (b"", "text/csv"),
    ],
)
def test_the_content_type_is_seen_from_the_body(body: bytes, kind: str) -> None:
    assert content_type(body) == kind


@pytest.mark.parametrize(
    ("status", "category"), [(400, "user"), (401, "permission"), (429, "transient"), (503, "transient")]
)
def test_an_answer_that_is_none_has_its_category(status: int, category: str) -> None:
    error = failure("digits", Answer(status, {"error": "rows are too wide"}, 0.1))
    assert (error.category, error.exit_code, error.where) == (category, 1, "endpoints.digits")
    assert "rows are too wide" in error.message


def test_measuring_counts_what_fails() -> None:
    answers = [Answer(200, {}, 0.001 * n) for n in range(1, 9)] + [Answer(500, {}, 9.0)]

    def ask() -> Answer:
        if not answers:
            raise ConnectionError
        return answers.pop(0)

    measured = measure(ask, repeat=10, concurrency=1)
    assert (measured["requests"], measured["failed"]) == (10, 2)
    assert (measured["p50"], measured["p95"], measured["p99"]) == (4.0, 8.0, 8.0)


def test_percentiles_are_of_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, p) for p in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([], 50) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("c=2", ("c", 2)), ("c=1e-3", ("c", 0.001)), ("name=a=b", ("name", "a=b")), ("on=true", ("on", True))],
)
def test_an_input_is_yaml(text: str, value: Any) -> None:
    assert parse_input(text) == value


@pytest.mark.parametrize("text", ["c", "=2", "c=[1"])
def test_an_input_without_form_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--input"):
        parse_input(text)
