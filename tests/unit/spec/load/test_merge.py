"""What is laid over a spec: RFC 7396, with the place of each value kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlstack.errors import UsageError
from mlstack.spec.load.compose import compose
from mlstack.spec.load.merge import apply_sets, lay_over
from mlstack.spec.source import Node, Source

BASE = """\
name: x
tags: {a: 1, b: 2}
list: [1, 2, 3]
jobs:
  t:
    command: run
    env: {A: "1"}
"""


def tree(text: str, file: str = "base.yaml") -> Node:
    node, problems = compose(text, file)
    assert node is not None
    assert problems == []
    return node


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [  # the table of RFC 7396, appendix A, as far as the root is a map
        ("{a: b}", "{a: c}", {"a": "c"}),
        ("{a: b}", "{b: c}", {"a": "b", "b": "c"}),
        ("{a: b}", "{a: null}", {}),
        ("{a: b, b: c}", "{a: null}", {"b": "c"}),
        ("{a: [b]}", "{a: c}", {"a": "c"}),
        ("{a: c}", "{a: [b]}", {"a": ["b"]}),
        ("{a: {b: c}}", "{a: {b: d, c: null}}", {"a": {"b": "d"}}),
        ("{a: [{b: c}]}", "{a: [1]}", {"a": [1]}),
        ("{e: null}", "{a: 1}", {"e": None, "a": 1}),
        ("{a: foo}", "{b: {c: null}}", {"a": "foo", "b": {}}),
        ("{}", "{a: {bb: {ccc: null}}}", {"a": {"bb": {}}}),
        ("{a: text}", "{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_merge_patch(base: str, patch: str, result: dict[str, Any]) -> None:
    below = tree(base)
    assert lay_over(below, tree(patch)).plain() == result
    assert below.plain() == tree(base).plain()


def test_each_value_keeps_the_file_that_it_is_from() -> None:
    merged = lay_over(tree(BASE), tree("\ntags: {b: 3}\njobs: {t: {env: {B: '2'}}}\n", "over.yaml"))
    source = Source(merged, Path())
    assert source.locate(("tags", "a")) == ("base.yaml", 2, 11)
    assert source.locate(("tags", "b")) == ("over.yaml", 2, 11)
    assert source.locate(("jobs", "t")) == ("base.yaml", 5, 3)
    assert source.locate(("jobs", "t", "env", "A")) == ("base.yaml", 7, 14)
    assert source.locate(("jobs", "t", "env", "B")) == ("over.yaml", 3, 21)


def test_sets_beat_what_is_below_in_their_order() -> None:
    merged = apply_sets(
        tree(BASE),
        ["tags.a=5", "tags.a=[x, {y: 1}]", "jobs.t.env.A=null", "new.deep.er=true", r"tags.a\.b=1"],
    )
    assert merged.plain() == {
        "name": "x",
        "tags": {"a": ["x", {"y": 1}], "b": 2, "a.b": 1},
        "list": [1, 2, 3],
        "jobs": {"t": {"command": "run", "env": {}}},
        "new": {"deep": {"er": True}},
    }
    source = Source(merged, Path())
    assert source.locate(("tags", "a", 0)) == ("--set tags.a=[x, {y: 1}]", None, None)
    assert source.locate(("new", "deep", "er")).file == "--set new.deep.er=true"
    assert source.locate(("tags", "b")).line == 2


def test_a_value_may_hold_an_equals_sign_and_a_colon() -> None:
    merged = apply_sets(tree("a: 1"), ["x=a=b", "y=s3://b/k", "z='q: r'", "w={k: v}"])
    assert merged.plain() == {"a": 1, "x": "a=b", "y": "s3://b/k", "z": "q: r", "w": {"k": "v"}}


@pytest.mark.parametrize(
    "text",
    ["a", "=1", ".=1", "a.=1", ".a=1", "a..b=1", "", "a=[", "a=: :", "a=!!x y", "a={b: 1, b: 2}",
     "a=1\n---\n2", "a\\=1", "a." * 100 + "a=1"],
)  # fmt: skip
def test_a_malformed_set_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        apply_sets(tree(BASE), [text])
    assert caught.value.exit_code == 2
    assert caught.value.remedy
    assert "--set" in caught.value.message


def test_an_element_of_a_list_cannot_be_set() -> None:
    with pytest.raises(UsageError, match="list is a list, which is set as a whole"):
        apply_sets(tree(BASE), ["list.0=1"])


def test_a_set_that_may_be_secret_is_not_quoted() -> None:
    source = Source(apply_sets(tree(BASE), ["settings.api_key=hunter2"]), Path())
    assert source.locate(("settings", "api_key")).file == "--set settings.api_key=…"
    with pytest.raises(UsageError) as caught:
        apply_sets(tree(BASE), ["secrets.x=[hunter2"])
    assert "hunter2" not in str(caught.value)
