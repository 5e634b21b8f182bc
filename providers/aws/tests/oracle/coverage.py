"""Which fields of the spec the cases give, of those that the target builds."""

from __future__ import annotations

from mlstack.registry import provider
from mlstack.support import places
from mlstack.testing import all_fields
from mlstack.testing.cases import stack_of

from .cases import FILES, cases

#: Field -> why no case can have it.
OUTSIDE = {
    "schedules.on": "rules of events are tried by their builder (work/test_builders.py)",
    **{
        f"endpoints.rollout.{field}": "how an endpoint goes over shows in a change (resources/test_switch.py)"
        for field in ("every", "in_place", "steps")
    },
    **{
        f"monitors.{field}": "monitors of data are tried by their builder (kinds/test_monitors.py)"
        for field in ("baseline", "metric", "features", "code.dir", "code.script")
    },
}


def covered() -> set[str]:
    stacks = [stack_of(dict(case.spec), FILES) for case in cases()]
    return {
        str(field)
        for field in all_fields(provider("aws"))
        if any(True for stack in stacks for _ in places(stack, list(field.path)))
    }
