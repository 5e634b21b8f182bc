"""Labels within Kubernetes' rules."""

from __future__ import annotations

import re

import pytest
from mlstack_kubernetes.names import label

from tests.lowered import Lower

#: Kubernetes, "Labels and Selectors", Syntax and character set.
VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


@pytest.mark.parametrize("text", ["vision", "a b", "-ends-", "ü", "x" * 100, "", "a/b@c", "..."])
def test_every_text_is_a_label(text: str) -> None:
    found = label(text)
    assert VALUE.fullmatch(found)
    assert len(found) <= 63


def test_a_label_that_had_to_be_changed_is_told_once(lower: Lower) -> None:
    sent = lower("""
tags: {team: vision, "cost centre": "a b"}
workspace: {}
""")
    assert sent.inputs("Namespace", "default")["metadata"]["labels"]["cost-centre"] == "a-b"
    told = [each for each in sent.recording.warnings if each.field == "tags"]
    assert [each.message for each in told] == [
        "Kubernetes takes no label cost centre=a b: it is written cost-centre=a-b"
    ]
