"""YAML text to data with positions, and everything wrong with it as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import Problem
from mlstack.spec.load.compose import compose
from mlstack.spec.load.limits import MAX_BYTES
from mlstack.spec.source import Place, Source


def tree_of(text: str) -> Source:
    tree, problems = compose(text, "f.yaml")
    assert problems == []
    assert tree is not None
    return Source(tree, Path(), "f.yaml")


def data_of(text: str) -> object:
    tree = tree_of(text).tree
    assert tree is not None
    return tree.plain()


def problems_of(text: str) -> list[tuple[str, int | None, int | None, str]]:
    return [(p.code, p.line, p.column, p.path) for p in compose(text, "f.yaml")[1]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("012", 12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        # what YAML 1.1 would have made something else of
        ("yes", "yes"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ("'true'", "true"),
        ('"1"', "1"),
        ("|\n  1\n", "1\n"),
        ("9" * 5000, "9" * 5000),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("3.11", 3.11),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    data = data_of(f"a: {text}")
    assert data == {"a": value}
    assert isinstance(data, dict)
    assert type(data["a"]) is type(value)


def test_every_value_has_its_place() -> None:
    source = tree_of(
        "name: x\njobs:\n  train:\n    inputs: {c: {value: 1.0}}\n    steps:\n      - a\n      - b: 2\n"
    )
    assert source.locate(("name",)) == ("f.yaml", 1, 7)
    assert source.locate_key(("name",)) == ("f.yaml", 1, 1)
    assert source.locate(("jobs", "train")) == ("f.yaml", 3, 3)
    assert source.locate(("jobs", "train", "inputs", "c", "value")) == ("f.yaml", 4, 25)
    assert source.locate(("jobs", "train", "inputs", "c")) == ("f.yaml", 4, 14)
    assert source.locate(("jobs", "train", "steps", 0)) == ("f.yaml", 6, 9)
    assert source.locate(("jobs", "train", "steps", 1, "b")) == ("f.yaml", 7, 12)
    assert source.locate(()) == ("f.yaml", 1, 1)


def test_an_unknown_path_is_at_its_nearest_ancestor() -> None:
    source = tree_of("jobs:\n  train:\n    command: x\n")
    assert source.locate(("jobs", "train", "code", "deeper")) == ("f.yaml", 2, 3)
    assert source.locate(("jobs", "train", "command", "deeper")) == ("f.yaml", 3, 14)
    assert source.locate(("nothing",)) == ("f.yaml", 1, 1)
    assert source.locate(("jobs", 0)) == ("f.yaml", 1, 1)


def test_a_key_without_a_value_is_where_the_key_is() -> None:
    assert tree_of("a:\n  b:\n  c: 1\n").locate(("a", "b")) == ("f.yaml", 2, 3)


def test_what_stands_behind_an_alias_is_where_it_is_written() -> None:
    source = tree_of("a: &x {b: 1}\nc: *x\n")
    assert source.locate(("c", "b")) == ("f.yaml", 1, 11)
    assert source.locate(("c",)) == ("f.yaml", 2, 1)
    assert source.tree is not None
    data = source.tree.plain()
    assert data == {"a": {"b": 1}, "c": {"b": 1}}
    assert data["a"] is not data["c"]


def test_merge_keys() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd: {<<: *b}\ne: {'<<': 1}\n"
    assert data_of(text) == {
        "a": {"x": 1, "y": 1},
        "b": {"y": 2, "z": 2},
        "c": {"x": 3, "y": 1, "z": 2},
        "d": {"y": 2, "z": 2},
        "e": {"<<": 1},
    }
    assert tree_of(text).locate(("c", "z")) == ("f.yaml", 2, 17)
    assert tree_of(text).locate(("c", "x")) == ("f.yaml", 5, 6)


def test_readable_mistakes_are_reported_together_and_do_not_hide_the_rest() -> None:
    text = "a: 1\nb: !!python/object/apply:os.system [x]\n3: y\na: 2\nc: *gone\nd: {<<: 3}\n? [k]\n: v\n"
    tree, problems = compose(text, "f.yaml")
    assert [(p.code, p.line, p.column, p.path) for p in problems] == [
        ("yaml-tag", 2, 4, "b"),
        ("non-string-key", 3, 1, ""),
        ("duplicate-key", 4, 1, "a"),
        ("unknown-anchor", 5, 4, "c"),
        ("bad-merge", 6, 9, "d"),
        ("non-string-key", 7, 3, ""),
    ]
    assert "line 1 and line 4" in problems[2].message
    assert problems[1].remedy == 'put it in quotes: "3"'
    assert all(p.remedy for p in problems)
    assert tree is not None
    assert tree.plain() == {"a": 2, "b": ["x"], "3": "y", "c": None, "d": {}}


def test_a_duplicate_in_a_nested_mapping_names_its_path() -> None:
    assert problems_of("jobs:\n  t:\n    code: a\n    code: b\n") == [("duplicate-key", 4, 5, "jobs.t.code")]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a:\n\tb: 1\n", "tab-indent", 2, 1),
        ("a:\n  b: 1\n  \tc: 2\n", "tab-indent", 3, 3),
        ("a:\n  b: x\n\tc: 1\n\td: 2\n", "tab-indent", 3, 1),
        ("a: b: c\n", "yaml-syntax", 1, 5),
        ("a: 'x\nb: 2\n", "yaml-syntax", 1, 4),
        ("a: [1, 2\nb: 3\n", "yaml-syntax", 2, 2),
        ("a:\n  - x\n b: 1\n", "yaml-syntax", 3, 2),
        ("a: @x\n", "yaml-syntax", 1, 4),
        ("a: 1\nb: \x07\n", "bad-character", 2, 4),
        ('a: "\\ud83d"\n', "bad-character", 1, 4),
        ("a: 1\n---\nb: 1\n", "several-documents", 2, 1),
        ("a: &x [*x]\n", "too-many-aliases", 1, 8),
        ("a: " + "[" * 100, "too-deep", 1, 68),
    ],
)
def test_what_is_no_yaml(text: str, code: str, line: int, column: int) -> None:
    (problem,) = compose(text, "f.yaml")[1]
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert problem.remedy


def test_a_tab_within_a_block_text_is_not_blamed() -> None:
    assert data_of("a: |\n  x\n  \ty\n") == {"a": "x\n\ty\n"}
    assert problems_of("a: |\n \tfoo\nb:\n  - c\n d: 1\n")[0][:2] == ("yaml-syntax", 5)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_nothing_is_no_tree_or_null(text: str) -> None:
    tree, problems = compose(text, "f.yaml")
    assert problems == []
    assert tree is None or tree.value is None


def bomb(levels: int, width: int) -> str:
    lines = ["l0: &l0 [x, x]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    lines = ["l0: &l0 {a: [x, x, x, x, x, x, x, x]}"]
    lines += [f"l{i}: &l{i} {{<<: *l{i - 1}, k{i}: *l{i - 1}}}" for i in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "aliases": bomb(30, 9),
    "merges": merge_bomb(60),
    "many values": "[" + "a," * 50_000 + "]",
    "many keys": "".join(f"k{i}: v\n" for i in range(25_000)),
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "braces with keys": "{a: " * 20_000,
    "dashes": "- " * 100_000,
    "question marks": "? " * 100_000,
    "comments": "#\n" * (MAX_BYTES // 2),
    "newlines": "\n" * MAX_BYTES,
    "words": "a: " + " x" * (MAX_BYTES // 2),
    "lines": "a:\n" + " x\n" * (MAX_BYTES // 3),
    "block": "a: |\n" + " x\n" * (MAX_BYTES // 3),
    "escapes": 'a: "' + "\\n" * (MAX_BYTES // 2) + '"',
    "long tag": "!" + "a" * MAX_BYTES + " x",
    "long anchor": "&" + "a" * MAX_BYTES,
    "directives": "".join(f"%TAG !a{i}! x\n" for i in range(MAX_BYTES // 20)) + "--- a",
    "documents": "---\n" * (MAX_BYTES // 4),
    "alias chain": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 300)),
}


@pytest.mark.timeout(60)  # what grows with the square of the text takes minutes
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_takes_long(text: str) -> None:
    tree, _ = compose(text[:MAX_BYTES], "f.yaml")
    if tree is not None:
        tree.plain()


@pytest.mark.parametrize("name", ["aliases", "merges"])
def test_a_bomb_is_refused_for_what_it_is(name: str) -> None:
    assert [p.code for p in compose(HOSTILE[name], "f.yaml")[1]] == ["too-many-aliases"]


def test_depth_counts_aliases_written_out() -> None:
    assert [p.code for p in compose(HOSTILE["alias chain"], "f.yaml")[1]] == ["too-deep"]


def test_values_are_counted() -> None:
    assert [p.code for p in compose(HOSTILE["many keys"], "f.yaml")[1]] == ["too-large"]
    assert data_of("[" + "a," * 15_000 + "]") == ["a"] * 15_000


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t<0.\\"))
def test_any_text_gives_a_tree_or_problems(text: str) -> None:
    tree, problems = compose(text, "f.yaml")
    assert all(isinstance(p, Problem) and p.remedy for p in problems)
    if tree is not None:
        tree.plain()


def test_a_fixed_place_is_everywhere() -> None:
    place = Place("--set a=…")
    tree, problems = compose("{a: [1, {b: 2}], a: 1}", None, place)
    assert tree is not None
    source = Source(tree, Path())
    assert source.locate(("a",)) == place
    assert problems[0].file == "--set a=…"
    assert problems[0].line is None
