"""Every code that a spec can fail with is explained, with its mistake and its cure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mlstack
from mlstack.spec.load.codes import CODES

ROOT = Path(mlstack.__file__).parent
SOURCES = [ROOT / "graph.py", *(ROOT / "spec").rglob("*.py")]
CALLS = {"fault": 0, "Problem": 0, "report": 0, "refuse": 0, "exactly_one": 2}


def codes_in(source: Path) -> set[str]:
    """The literal codes that a module raises."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = CALLS.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                found.add(str(node.args[place].value))
    return found


def test_every_code_raised_is_explained() -> None:
    raised = {code for source in SOURCES for code in codes_in(source)}
    assert len(raised) > 60
    assert raised - set(CODES) == set()


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_has_a_mistake_and_a_cure(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    text = CODES[code]
    assert re.search(r"Mistake: .+ Cure: .+", text)
    assert text.count("`") % 2 == 0
