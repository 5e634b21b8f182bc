"""The table of kinds: every collection of the spec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlstack.spec.base import Resource
from mlstack.spec.budget import Budget
from mlstack.spec.compute import Compute
from mlstack.spec.data import Data
from mlstack.spec.endpoint import Endpoint
from mlstack.spec.environment import Environment
from mlstack.spec.job import Job
from mlstack.spec.model import Model
from mlstack.spec.monitor import Monitor
from mlstack.spec.notification import Notification
from mlstack.spec.pipeline import Pipeline
from mlstack.spec.schedule import Schedule
from mlstack.spec.secret import Secret
from mlstack.spec.workspace import Workspace

if TYPE_CHECKING:
    from mlstack.spec.stack import Stack


@dataclass(frozen=True)
class Kind:
    """One kind. ``key`` is its collection in the spec, ``singular`` the word for one of it.

    ``stateful``: losing it loses what cannot be made again. ``single``: there is at most one per stack, and
    it stands under its key without a name of its own; elsewhere it goes by the name "default".
    """

    key: str
    singular: str
    cls: type[Resource]
    stateful: bool = False
    single: bool = False


SINGLE = "default"
"""The name of the one resource of a kind that has no names."""

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("workspace", "workspace", Workspace, stateful=True, single=True),
        Kind("secrets", "secret", Secret),
        Kind("compute", "compute", Compute),
        Kind("environments", "environment", Environment),
        Kind("data", "data", Data, stateful=True),
        Kind("jobs", "job", Job),
        Kind("models", "model", Model),
        Kind("endpoints", "endpoint", Endpoint, stateful=True),
        Kind("monitors", "monitor", Monitor),
        Kind("notifications", "notification", Notification),
        Kind("pipelines", "pipeline", Pipeline),
        Kind("schedules", "schedule", Schedule),
        Kind("budget", "budget", Budget, single=True),
    )
}


def resources(stack: Stack) -> Iterator[tuple[str, str, Resource]]:
    """Every resource of a stack as (collection key, name, spec), in the order of the spec's kinds."""
    for key, kind in KINDS.items():
        held = getattr(stack, key, None)
        if kind.single and held is not None:
            yield key, SINGLE, held
        elif held:
            for name, spec in held.items():
                yield key, name, spec
