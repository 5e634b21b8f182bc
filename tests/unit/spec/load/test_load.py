"""From a file to a stack, or to everything that is wrong with it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstack.errors import Problem, SpecError, UsageError
from mlstack.spec import Stack
from mlstack.spec.load import load, load_text
from mlstack.spec.load.codes import CODES
from mlstack.spec.load.limits import MAX_BYTES

SPEC = """\
name: digits
data:
  digits: {path: digits.csv, type: file}
environments:
  sk: {packages: [pandas]}
jobs:
  train:
    command: python train.py
    code: src
    environment: sk
    inputs: {data: data.digits}
    outputs: {model: {}}
models:
  digits: {from: jobs.train.model}
endpoints:
  digits:
    auth: key
    deployments:
      blue: {model: digits, traffic: 100}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "digits.csv").write_text("a,b\n")
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    return tmp_path


def wrong(action: Any, *arguments: Any, **options: Any) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        action(*arguments, **options)
    problems = caught.value.problems
    assert problems
    for problem in problems:
        assert problem.code in CODES
        assert problem.message
        assert problem.remedy
    return problems


def brief(problems: list[Problem]) -> list[tuple[str, str, int | None, int | None]]:
    return [(p.code, p.path, p.line, p.column) for p in problems]


def text_wrong(text: str, root: Path = Path()) -> list[tuple[str, str, int | None, int | None]]:
    return brief(wrong(load_text, text, root=root))


def test_a_sound_spec(folder: Path) -> None:
    stack = load(folder)
    assert isinstance(stack, Stack)
    assert stack.jobs["train"].command == "python train.py"
    assert stack.root == folder
    assert stack.where(("endpoints", "digits", "auth")) == (str(folder / "mlstack.yaml"), 17, 11)
    assert stack.where(("endpoints", "digits", "public")) == (str(folder / "mlstack.yaml"), 16, 3)


def test_the_class_loads_too(folder: Path) -> None:
    assert Stack.load(folder / "mlstack.yaml", sets=["name=other"]).name == "other"


def test_no_file(tmp_path: Path) -> None:
    (problem,) = wrong(load, tmp_path)
    assert problem.code == "no-spec"
    assert "mlstack new" in str(problem.remedy)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-spec"),
        ("# nothing\n", "empty-spec"),
        ("~\n", "empty-spec"),
        ("- a\n", "not-a-mapping"),
        ("text\n", "not-a-mapping"),
        ("name: x\n\tdata: 1\n", "tab-indent"),
        ("!!python/object/apply:os.system [x]", "yaml-tag"),
        ("name: [", "yaml-syntax"),
    ],
)
def test_what_is_no_spec_at_all(text: str, code: str) -> None:
    assert [code for code, *_ in text_wrong(text)] == [code]


def test_every_error_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
name: digits
cluod: local
security: strct
data:
  d: {path: nope.csv, type: file}
jobs:
  train:
    comand: python train.py
    environment: gone
  train:
    command: 3
    retries: many
    inputs: {x: data.d, y: foo, z: data.none}
models:
  Bad_Name: {from: jobs.train.model}
  m: {hub: a/b, path: nope}
endpoints:
  e:
    deployments:
      a: {model: m, traffic: 50}
      b: {model: gone, traffic: 40}
"""
    assert text_wrong(text, tmp_path) == [
        ("unknown-key", "cluod", 2, 1),
        ("unknown-value", "security", 3, 11),
        ("missing-path", "data.d.path", 5, 13),
        ("duplicate-key", "jobs.train", 10, 3),
        ("wrong-type", "jobs.train.command", 11, 14),
        ("wrong-type", "jobs.train.retries", 12, 14),
        ("bad-reference", "jobs.train.inputs.y", 13, 28),
        ("dangling-reference", "jobs.train.inputs.z", 13, 36),
        ("bad-name", "models.Bad_Name", 15, 3),
        ("unknown-output", "models.Bad_Name.from", 15, 20),
        ("model-source", "models.m", 16, 3),
        ("missing-path", "models.m.path", 16, 23),
        ("traffic-sum", "endpoints.e.deployments", 19, 5),
        ("dangling-reference", "endpoints.e.deployments.b.model", 21, 18),
    ]


def test_errors_elsewhere_do_not_hide_the_graph(folder: Path) -> None:
    text = SPEC.replace("environment: sk", "environment: gone").replace("auth: key", "auth: kee")
    assert [(p, line) for _, p, line, _ in text_wrong(text, folder)] == [
        ("jobs.train.environment", 10),
        ("endpoints.digits.auth", 17),
    ]


def test_a_reference_to_something_faulty_is_not_dangling(folder: Path) -> None:
    text = SPEC.replace("packages: [pandas]", "packages: 3").replace("outputs: {model: {}}", "outputs: 3")
    assert [code for code, *_ in text_wrong(text, folder)] == ["wrong-type", "wrong-type"]


def test_a_slip_in_a_key_is_one_error(folder: Path) -> None:
    for right, slip in [
        ("command:", "comand:"),
        ("environments:", "enviroments:"),
        ("name:", "nmae:"),
        ("traffic:", "trafic:"),
        ("{from:", "{form:"),
        ("type: file", "typ: file"),
    ]:
        text = SPEC.replace(right, slip, 1)
        assert text != SPEC
        (problem,) = wrong(load_text, text, root=folder)
        assert problem.code == "unknown-key"
        assert problem.remedy == f"did you mean '{right.strip('{').partition(':')[0]}'?"


def test_an_unknown_key_near_nothing_does_not_hide_what_is_wrong_with_the_whole(folder: Path) -> None:
    text = (
        SPEC.replace("auth: key", "zzzzz: 1")
        .replace("traffic: 100", "traffic: 90")
        .replace("blue:", "green: {model: digits}\n      blue:")
    )
    assert [code for code, *_ in text_wrong(text, folder)] == ["unknown-key", "traffic-sum"]


def test_what_a_broken_value_would_follow_is_not_reported() -> None:
    assert text_wrong("name: !!x [y]\ncompute: {t: {size: !y cpu-zzz, max: 1}}\n") == [
        ("yaml-tag", "name", 1, 7),
        ("yaml-tag", "compute.t.size", 2, 21),
    ]


def test_an_overlay_is_laid_over_and_named(folder: Path) -> None:
    over = folder / "mlstack.dev.yaml"
    over.write_text("endpoints:\n  digits: {auth: token}\njobs: {train: {env: {A: '1'}}}\ntags: {x: null}\n")
    stack = load(folder, stack="dev")
    assert stack.endpoints["digits"].auth == "token"
    assert stack.jobs["train"].environment == "sk"
    assert stack.where(("endpoints", "digits", "auth")) == (str(over), 2, 18)
    assert stack.where(("jobs", "train", "code"))[0] == str(folder / "mlstack.yaml")
    assert load(folder, stack="org/project/dev").model_dump() == stack.model_dump()
    assert load(folder, stack="prod").endpoints["digits"].auth == "key"
    assert load(folder).endpoints["digits"].auth == "key"


def test_an_empty_overlay_changes_nothing(folder: Path) -> None:
    (folder / "mlstack.dev.yaml").write_text("# later\n")
    assert load(folder, stack="dev").model_dump() == load(folder).model_dump()


def test_errors_of_both_files_are_in_order(folder: Path) -> None:
    (folder / "mlstack.yaml").write_text(SPEC.replace("auth: key", "auth: kee"))
    (folder / "mlstack.dev.yaml").write_text("regoin: x\njobs: {train: {retries: x, retries: y}}\n")
    problems = wrong(load, folder, stack="dev", sets=["jobs.train.timeout=3"])
    assert [(p.code, p.file and p.file.rsplit("/", 1)[-1], p.line) for p in problems] == [
        ("unknown-value", "mlstack.yaml", 17),
        ("unknown-key", "mlstack.dev.yaml", 1),
        ("duplicate-key", "mlstack.dev.yaml", 2),
        ("wrong-type", "mlstack.dev.yaml", 2),
        ("bad-duration", "--set jobs.train.timeout=3", None),
    ]


def test_an_overlay_may_remove_what_is_wrong(folder: Path) -> None:
    (folder / "mlstack.yaml").write_text(
        SPEC + "monitors: {m: {endpoint: gone, signal: cost, threshold: 5 USD}}\n"
    )
    assert wrong(load, folder)
    (folder / "mlstack.dev.yaml").write_text("monitors: null\n")
    assert load(folder, stack="dev").monitors == {}


def test_an_overlay_that_is_no_mapping(folder: Path) -> None:
    (folder / "mlstack.dev.yaml").write_text("- x\n")
    assert brief(wrong(load, folder, stack="dev")) == [("not-a-mapping", "", 1, 1)]


@pytest.mark.parametrize("name", ["", "a b", "../x/..", "dev/", "a\0"])
def test_a_stack_name_is_no_path(folder: Path, name: str) -> None:
    if name == "../x/..":
        assert load(folder, stack=name).name == "digits"
        return
    with pytest.raises(UsageError):
        load(folder, stack=name)


def test_set_beats_the_overlay(folder: Path) -> None:
    (folder / "mlstack.dev.yaml").write_text("endpoints: {digits: {auth: token}}\n")
    stack = load(folder, stack="dev", sets=["endpoints.digits.auth=identity", "tags.team=vision"])
    assert stack.endpoints["digits"].auth == "identity"
    assert stack.tags == {"team": "vision"}
    assert stack.where(("tags", "team")) == ("--set tags.team=vision", None, None)


def test_a_malformed_set_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UsageError):
        load(folder, sets=["endpoints.digits"])


def test_a_cycle_is_located(folder: Path) -> None:
    text = "name: x\njobs:\n  a: {command: x, inputs: {i: jobs.b.o}, outputs: {o: {}}}\n"
    text += "  b: {command: x, inputs: {i: jobs.a.o}, outputs: {o: {}}}\n"
    problems = wrong(load_text, text, root=folder)
    assert any(p.line in (3, 4) and p.column for p in problems)


def test_a_secret_is_in_no_message() -> None:
    text = """\
name: x
secrets:
  a: hunter2
  b: {value: hunter2}
  c: {env: hunter2-hunter2}
  d: [hunter2]
settings: {azure: hunter2}
notifications: {n: {slack: hunter2}}
jobs: {j: {command: x, secrets: {A: Hunter2}, env: {TOKEN: [hunter2]}, timeout: {password: hunter2}}}
"""
    problems = wrong(load_text, text, root=".", sets=["compute.password=hunter2", "secrets.e=hunter2"])
    assert {p.path for p in problems} >= {"secrets.a", "secrets.b", "secrets.c.env", "secrets.d", "secrets.e"}
    for problem in problems:
        if problem.path != "settings.azure":
            assert "unter2" not in str(problem)


def test_a_value_is_shortened() -> None:
    for problem in wrong(
        load_text, f"name: {'x' * 5000}\nsecurity: {'y' * 5000}\n{'z' * 5000}: 1\n", root="."
    ):
        assert len(problem.message) < 200
        assert len(str(problem.remedy)) < 400


@pytest.mark.timeout(60)
def test_a_design_sized_spec_loads_quickly(folder: Path) -> None:
    jobs = "".join(
        f"  j{i}: {{command: x, environment: sk, inputs: {{d: data.digits}}}}\n" for i in range(400)
    )
    stack = load_text(SPEC.replace("jobs:\n", "jobs:\n" + jobs), root=folder)
    assert len(stack.jobs) == 401


@pytest.mark.timeout(60)  # what grows with the square of the text takes minutes
@pytest.mark.parametrize(
    "text",
    [
        "name: x\njobs:\n" + "".join(f"  j{i}: {{comand: x}}\n" for i in range(3000)),
        "name: x\n" + "".join(f"k{i}: x\n" for i in range(9000)),
        "name: x\ntags: {" + "".join(f"k{i}: [], " for i in range(6000)) + "}",
        "name: x\njobs:\n"
        + "".join(f"  j{i}: {{command: x, inputs: {{a: data.n{i}}}}}\n" for i in range(1000)),
        "name: x\njobs:\n"
        + "".join(
            f"  j{i}: {{command: x, inputs: {{a: jobs.j{(i + 1) % 800}.o}}, outputs: {{o: {{}}}}}}\n"
            for i in range(800)
        ),
    ],
    ids=["slips", "unknown", "wrong tags", "dangling", "a long cycle"],
)
def test_many_errors_do_not_take_long(text: str) -> None:
    assert len(text) < MAX_BYTES
    assert wrong(load_text, text, root=".")


@pytest.mark.timeout(60)
def test_a_20_mb_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "mlstack.yaml").write_bytes(b"name: x\n" * 2_500_000)
    assert [p.code for p in wrong(load, tmp_path)] == ["too-large"]


FIELDS = """
    x a.b jobs.train.model data.digits from path type command hub deployments traffic
    model replicas min max cluster steps job value env on
"""
WORDS = st.sampled_from([*Stack.model_fields, *FIELDS.split()])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
TREES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), below, max_size=4)
    ),
    max_leaves=25,
)


def stack_or_problems(text: str, root: Path) -> None:
    try:
        loaded = load_text(text, root=root)
    except SpecError as error:
        caught = error
    else:
        assert isinstance(loaded, Stack)
        return
    assert caught.problems
    assert all(problem.code in CODES and problem.remedy for problem in caught.problems)
    assert str(caught)
    assert caught.as_json()["errors"]


@settings(max_examples=150, deadline=None)
@given(data=st.dictionaries(WORDS, TREES, max_size=6))
def test_any_data_gives_a_stack_or_problems(data: dict[str, Any]) -> None:
    stack_or_problems(json.dumps({"name": "x", **data}), Path())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_any_bytes_give_a_stack_or_problems(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "mlstack.yaml").write_bytes(raw)
    with suppress(SpecError):
        load(tmp_path)


@settings(max_examples=100, deadline=None)
@given(
    where=st.integers(0, len(SPEC)),
    length=st.integers(0, 12),
    put=st.text(alphabet="{}[]:,-&*!|>'\"#%@` \n\tabn0.~<", max_size=6),
)
def test_any_change_of_a_sound_spec_gives_a_stack_or_problems(where: int, length: int, put: str) -> None:
    stack_or_problems(SPEC[:where] + put + SPEC[where + length :], Path())
