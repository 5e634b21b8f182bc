"""What each example becomes on each target, as approved files: types, names, parents, what waits for what.

A change of a builder shows here as a change of a file, to be looked at and approved:

    MLSTACK_APPROVE=1 python -m pytest tests/graphs
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.spec import Stack
from mlstack.support import gaps
from mlstack.testing import Recording, record

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
SPECS = ("digits", "blue-green", "batch", "kitchen-sink", "llm")
TARGETS = ("local", "azure", "aws", "gcp", "kubernetes")
#: What an example does that the target refuses.
REFUSED = {
    ("blue-green", "gcp"): "copies of requests",
    ("batch", "gcp"): "settings of a batch that it has not",
    ("batch", "kubernetes"): "endpoints that work through data",
    ("llm", "local"): "a server that wants an accelerator",
}
PAIRS = [(example, target) for target in TARGETS for example in SPECS if (example, target) not in REFUSED]
#: What the examples' secrets and accounts are read from.
VARIABLES = {
    "HF_TOKEN": "the-token-of-the-graphs",
    "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
}


@pytest.mark.parametrize(("example", "target"), PAIRS)
def test_a_graph_is_as_approved(example: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    text = shown(graph(recorded(example, target)))
    file = HERE / target / f"{example}.yaml"
    if os.environ.get("MLSTACK_APPROVE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text(), f"look at the change, then MLSTACK_APPROVE=1 writes {file} anew"


def recorded(example: str, target: str) -> Recording:
    stack = Stack.load(EXAMPLES / example / "mlstack.yaml", stack=f"dev-{target}", sets=[f"cloud={target}"])
    asked = provider(target)
    assert gaps(asked, stack) == []
    return record(asked, lambda: deploy(stack), stack.root)


def graph(recording: Recording) -> dict[str, Any]:
    """Each resource by type and name, without what is part of its address alone."""
    names = {urn: f"{each.type} {each.name}" for urn, each in recording.resources.items()}
    drawn = {}
    for urn, each in recording.resources.items():
        entry = {
            "parent": names.get(each.parent),
            "inputs": sorted(each.inputs),
            "needs": sorted(names[need] for need in each.needs if need in names),
            "options": each.options,
        }
        drawn[names[urn]] = {key: value for key, value in entry.items() if value}
    return dict(sorted(drawn.items()))


def shown(drawn: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.width = 110
    stream = io.StringIO()
    yaml.dump(dict(drawn), stream)
    return stream.getvalue()
