"""Expressions are laid out as ruff lays them out, and mean what they meant on one line."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlstack.eject.layout import (
    WIDTH,
    Expression,
    call,
    flat,
    imports,
    laid_out,
    listed,
    literal,
    mapping,
    quoted,
    statement,
)

TEXTS = st.text("ab c'\"\\\n\té✓", max_size=40)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)


def expression(value: Any) -> Expression:
    if isinstance(value, dict):
        return mapping({key: expression(item) for key, item in value.items()})
    return listed([expression(item) for item in value]) if isinstance(value, list) else literal(value)


@given(VALUES)
def test_what_is_laid_out_is_the_value(value: Any) -> None:
    assert ast.literal_eval(flat(expression(value))) == value
    assert ast.literal_eval(laid_out(expression(value), 0)) == value


@given(VALUES)
def test_a_line_is_too_long_only_for_one_text(value: Any) -> None:
    for line in laid_out(expression(value), 0).splitlines():
        assert len(line) <= WIDTH or line.count(", ") == 0 or line.strip().startswith(("'", '"'))


def test_ruff_has_nothing_to_change(tmp_path: Path) -> None:
    samples: list[Any] = [
        [],
        {},
        "it's",
        'say "so"',
        "both ' and \"",
        ["a" * 30] * 3,
        {"key": "b" * 70, "other": ["c" * 20] * 5},
        {"text": "line\n" * 20, "short": "one\ntwo\n"},
        {"deep": {"deeper": {"deepest": ["d" * 25, "e" * 25, {"f": "g" * 40}]}}},
        ["x" * 120],
        [1, 2.5, True, None],
    ]
    lines = [statement(f"sample_{n}", expression(each)) for n, each in enumerate(samples)]
    lines += [
        statement("made", call("pulumi.Output.concat", *[quoted("h" * 20)] * 5)),
        statement("", call("pulumi.export", quoted("url"), "endpoint.url")),
        statement("part", call(f"{'i' * 40}.id.apply", 'lambda text: "/".join(text.split("/")[:3])')),
        statement(
            "opts", call("pulumi.ResourceOptions", parent="parent", depends_on=listed(["one" * 9] * 3))
        ),
    ]
    modules = {f"some_cloud.module_{n}": f"module_{n}" for n in range(9)} | {"one.storage": "one_storage"}
    file = tmp_path / "__main__.py"
    file.write_text("\n".join([*imports({"pulumi": "pulumi", **modules}, {}), "", *lines]) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
