"""What the cases send that azure-ai-ml has no word for: kept as approved files, which a change must
re-approve.

MLSTACK_APPROVE=1 python -m pytest providers/azure/tests/oracle -k approved
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .cases import Case
from .ours import Sent

FILE = Path(__file__).parent / "approved.yaml"


def outside(stacks: Mapping[Case, Sent]) -> dict[str, Any]:
    """Resources of all types that no case compares: by type and logical name their inputs, in each form that a
    case gives them."""
    compared = {stack.resource(pair).type for case, stack in stacks.items() for pair in case.pairs}
    found: dict[str, dict[str, list[Any]]] = {}
    for stack in stacks.values():
        for each in stack.recording.children():
            forms = found.setdefault(each.type, {}).setdefault(each.name, [])
            if each.type not in compared and each.inputs not in forms:
                forms.append(each.inputs)
    return {
        type: dict(sorted(named.items())) for type, named in sorted(found.items()) if type not in compared
    }


def text(value: Any) -> str:
    yaml = YAML()
    yaml.width = 120
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
