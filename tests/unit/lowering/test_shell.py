"""Placeholders, judged by a real shell."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlstack.lowering.shell import by_variables, literal, render

VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def said(command: str) -> str:
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "command",
    [
        "printf %s ${{inputs.x}}",
        'printf %s "${{ inputs.x }}"',
        "printf %s '${{inputs.x}}'",
        "printf %s \\'' \" ' >&2; printf %s \"${{inputs.x}}\"",
        'printf %s "it\'s \\"" >&2; printf %s ${{inputs.x}}',
    ],
)
@settings(max_examples=12, deadline=None)
@given(value=VALUES)
@example(value="a b'c\"d$HOME`id`\\n")
@example(value="")
@example(value="-n *")
def test_a_value_is_one_word_wherever_it_stands(command: str, value: str) -> None:
    rendered = render(command, {"x": value}, {})
    out = subprocess.run(["/bin/sh", "-c", rendered], capture_output=True, check=True).stdout
    assert out == value.encode()


def test_inputs_and_outputs_are_apart() -> None:
    rendered = render("echo ${{inputs.a}} ${{outputs.a}} ${HOME}", {"a": "in"}, {"a": "out"})
    assert rendered == "echo in out ${HOME}"


def test_an_undeclared_one_is_named() -> None:
    with pytest.raises(KeyError, match=r"outputs\.b"):
        render("echo ${{outputs.b}}", {"b": "x"}, {"a": "y"})


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1.0"), (True, "true"), (False, "false"), ("a b", "a b"), (1e-5, "1e-05")],
)
def test_a_literal_reads_as_in_the_spec(value: object, text: str) -> None:
    assert literal(value) == text
    assert said(f"printf %s {render('${{inputs.x}}', {'x': literal(value)}, {})}") == text


@pytest.mark.parametrize(
    "command", ["printf %s ${{inputs.x}}", 'printf %s "${{inputs.x}}"', "printf %s '${{inputs.x}}'"]
)
@pytest.mark.parametrize("value", ["a b'c\"d$HOME`id`\\n", "", "-n *", "two\nlines"])
def test_a_variable_is_one_word_wherever_it_stands(command: str, value: str) -> None:
    rendered = by_variables(command, lambda kind, name: f"{kind}_{name}")
    done = subprocess.run(
        ["/bin/sh", "-c", rendered], env={"inputs_x": value}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == (value, "")
