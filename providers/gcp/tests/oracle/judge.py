"""What a stack's documents are beside what they have to be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mlstack.testing.record import UID
from tests.oracle.compare import Difference, Table, differences, leaves

from .cases import FILES, VARIABLES, Case, Expected, Stack, matches
from .documents import document, strict
from .held import Held, Step, brought_up

#: Words of types that carry labels: the stack's own and its uid are on each.
LABELLED = frozenset(
    {
        *("AiEndpoint", "Model", "Bucket", "Secret", "Repository", "Job", "Table", "Dataset"),
        *("AiPersistentResource", "AlertPolicy", "NotificationChannel", "MonitoringJob"),
    }
)
_LABELS = {"AlertPolicy": "userLabels", "NotificationChannel": "userLabels"}


class Stacks:
    """Stacks that are there, each brought up once, until all are closed."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._held: dict[str, Held] = {}

    def held(self, stack: Stack) -> Held:
        if stack.name not in self._held:
            root = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
            self._held[stack.name] = self._open.enter_context(brought_up(stack.spec, FILES, root, VARIABLES))
        return self._held[stack.name]

    def close(self) -> None:
        self._open.close()


def wanted(expected: Expected) -> dict[str, Any]:
    body = dict(expected.body)
    if expected.word in LABELLED:
        key = _LABELS.get(expected.word, "labels")
        body[key] = {"team": "vision", "mlstack-stack": UID, **body.get(key, {})}
    return strict(expected.word, body)


def compared(
    held: Held, case: Case, expected: Expected, table: Table, step: Step | None = None
) -> list[Difference]:
    """What differs and is not allowed. ``step``: another making of the resource than the stack's own."""
    resource = held.resource(expected.word, expected.of)
    actual = document(resource, step or held.steps[resource.type, resource.name])
    return table.remaining(case.name, expected.word, _differences(actual, wanted(expected)))


def _differences(actual: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Difference]:
    asked = leaves(expected)
    for each in differences(actual, expected):
        if not matches(asked.get(each.path), each.ours):
            yield each
