"""Judge one case: what mlstack sends beside what azure-ai-ml makes of the case's documents."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlstack.testing import Registered
from tests.oracle.compare import ABSENT, Difference, Table, differences, leaves

from . import bodies, theirs
from .cases import Case, Pair, filled
from .ours import Sent, body, sent


@cache
def sent_for(case: Case) -> Sent:
    """What the case's stack sends; made once."""
    with tempfile.TemporaryDirectory() as folder:
        return sent(case.spec, Path(folder))


@cache
def expected(case: Case, pair: Pair) -> Mapping[str, Any]:
    """What azure-ai-ml makes of the document, with the ids that mlstack gives to other resources."""
    stack = sent_for(case)
    own = {f"ours:{path}": value for path, value in leaves(body(stack.resource(pair))).items()}
    with tempfile.TemporaryDirectory() as folder:
        return theirs.body(pair.kind, filled(pair.yaml, {**stack.outputs, **own}), Path(folder))


def compared(case: Case, pair: Pair, table: Table, resource: Registered | None = None) -> list[Difference]:
    """What differs and is not allowed. ``resource``: another one than the one that is sent."""
    judged = resource or sent_for(case).resource(pair)
    table.listed.update(
        ("inputs of a gap resource beside the body", judged.type, key) for key in beside(judged)
    )
    found = table.remaining(case.name, pair.kind, differences(body(judged), expected(case, pair)))
    return found + [Difference(f"({name})", ABSENT, "a part of the address") for name in _unaddressed(judged)]


def beside(resource: Registered) -> list[str]:
    """The inputs of a gap resource that say where and how, and are no part of the body."""
    body_of = {"properties", "traffic", "mirror"}
    return [] if resource.type.startswith(bodies.ML) else sorted(resource.inputs.keys() - body_of)


def _unaddressed(resource: Registered) -> list[str]:
    """Arguments that are a part of a resource's address, and that it lacks."""
    if not resource.type.startswith(bodies.ML):
        return [name for name in bodies.GAPS[resource.type] if not resource.inputs.get(name)]
    names = [argument for _, argument in bodies.PATHS[resource.type.rpartition(":")[2]]]
    return [name for name in ("resourceGroupName", *names) if not resource.inputs.get(name)]
