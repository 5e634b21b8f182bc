"""The table of rules and the tests are the same list."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from serving.tests.contracts.rules import RULES


@pytest.mark.parametrize("platform", RULES)
def test_each_rule_has_its_test(platform: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"test_{platform}.py").read_text())
    tests = [
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
    ]
    assert sorted(tests) == sorted(f"test_{rule}" for rule in RULES[platform])


def test_each_rule_has_its_source() -> None:
    for rules in RULES.values():
        for rule in rules.values():
            assert rule.says
            assert ":" in rule.source
