"""The table of platform rules as a whole."""

from collections import Counter

from mlstack_azure.rehearsal.ids import TYPES
from mlstack_azure.rehearsal.rules import CONDITIONS, RULES


def test_each_rule_says_where_it_stands() -> None:
    for one in [*RULES, *CONDITIONS]:
        assert (
            "learn.microsoft.com" in one.source or "azure-ai-ml" in one.source or "docker.com" in one.source
        ), one


def test_codes_are_unique_and_types_are_known() -> None:
    codes = Counter(one.code for one in [*RULES, *CONDITIONS])
    assert [code for code, times in codes.items() if times > 1] == []
    assert {kind for one in [*RULES, *CONDITIONS] for kind in one.tokens} <= set(TYPES)
