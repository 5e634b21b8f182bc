"""What the cases send that azure-ai-ml has no word for: kept as approved files, which a change must
re-approve.

MLSTACK_APPROVE=1 python -m pytest providers/azure/tests/oracle -k approved
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .cases import Case
from .ours import Sent

FOLDER = Path(__file__).parent / "approved"


def outside(case: Case, stack: Sent) -> dict[str, Any]:
    """The inputs of all resources that no pair of the case compares, by logical name and type."""
    compared = {stack.resource(pair).urn for pair in case.pairs}
    return {
        f"{each.name} {each.type}": each.inputs
        for each in stack.recording.children()
        if each.urn not in compared
    }


def text(value: Any) -> str:
    yaml = YAML()
    yaml.width = 120
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()
