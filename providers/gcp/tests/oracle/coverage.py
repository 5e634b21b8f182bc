"""Which fields of the spec the cases give, of those that the target builds."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack.registry import provider
from mlstack.support import places
from mlstack.testing import all_fields
from mlstack.testing.cases import stack_of

from .cases import FILES, Stack

#: Field that is built -> why no case has it.
_OURS = "what it makes is mlstack's own, and a native block for it is refused"
OUTSIDE: dict[str, str] = {
    "monitors.features": "of data drift, which this table does not judge",
    "budget.per": "a month is all that is taken",
    "endpoints.deployments.timeout": "the emulated cloud does not know UpdateEndpointLongRunning",
    "data.native": _OURS,
    "environments.native": _OURS,
    "jobs.native": _OURS,
    "models.native": _OURS,
    "pipelines.native": _OURS,
    "schedules.native": _OURS,
}


def covered(stack: Stack) -> Iterator[str]:
    made = stack_of(dict(stack.spec), FILES)
    for field in all_fields(provider("gcp")):
        if any(True for _ in places(made, list(field.path))):
            yield str(field)
