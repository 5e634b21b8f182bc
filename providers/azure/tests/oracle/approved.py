"""What the cases send that azure-ai-ml has no word for: kept as approved files, which a change must
re-approve.

MLSTACK_APPROVE=1 python -m pytest providers/azure/tests/oracle -k approved
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlstack.resource import UNKNOWN
from mlstack.testing import Registered

from .cases import Case
from .ours import Sent

FOLDER = Path(__file__).parent / "approved"


def differences(listed: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """What is allowed to differ, by reason: kinds and paths."""
    reasons: dict[str, list[str]] = {}
    for why, kind, path in sorted(listed):
        reasons.setdefault(why, []).append(f"{kind} {path}")
    return reasons


def outside_resources(stacks: Mapping[Case, Sent]) -> list[Registered]:
    """The resources of the types that no case compares."""
    compared = {stack.resource(pair).type for case, stack in stacks.items() for pair in case.pairs}
    every = [each for stack in stacks.values() for each in stack.recording.children()]
    return [each for each in every if each.type not in compared]


def outside(stacks: Mapping[Case, Sent]) -> dict[str, Any]:
    """Their inputs, by type and logical name, in each form that a case gives them."""
    found: dict[str, dict[str, list[Any]]] = {}
    for each in outside_resources(stacks):
        forms = found.setdefault(each.type, {}).setdefault(each.name, [])
        if each.inputs not in forms:
            forms.append(each.inputs)
    # another one at each change of the serving runtime, which is no change of what is sent
    staged = {
        inputs["digest"]: "serving-hash"
        for named in found.values()
        for forms in named.values()
        for inputs in forms
        if str(inputs.get("path", "")).startswith(".mlstack/")
    }
    return {
        type: {name: _renamed(forms, staged) for name, forms in sorted(named.items())}
        for type, named in sorted(found.items())
    }


def _renamed(value: Any, words: Mapping[str, str]) -> Any:
    """The value with other words in its texts."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, words) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, words) for item in value]
    if isinstance(value, str):
        for before, after in words.items():
            value = value.replace(before, after)
    return value


def check(name: str, value: Any) -> None:
    """The value is what the approved file of that name holds."""
    written, file = text(value), FOLDER / f"{name}.yaml"
    if os.environ.get("MLSTACK_APPROVE"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(written)
    assert written == file.read_text(), f"look at the change, then MLSTACK_APPROVE=1 writes {file.name} anew"


def _known(value: Any) -> Any:
    """In one order, and with words for what is unknown."""
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return "(unknown)" if value is UNKNOWN else value


def text(value: Any) -> str:
    yaml = YAML()
    yaml.width = 120
    stream = io.StringIO()
    yaml.dump(_known(value), stream)
    return stream.getvalue()
