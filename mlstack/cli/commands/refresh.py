"""``mlstack refresh``."""

from __future__ import annotations

from mlstack.cli.operate import has_state, nothing, operator, show
from mlstack.cli.options import At, Resources, Verify, at_stack
from mlstack.cli.project import open_project
from mlstack.cli.show.progress import DOING


@at_stack
def refresh(at: At, resources: Resources = False, verify: Verify = False) -> None:
    """Read what is really there into the state. Only the state changes, so nothing is asked."""
    opened = open_project(at)
    if not has_state(opened.project):
        show(nothing(opened.project), at, done=True)
        return
    with operator(opened, at, shown=DOING, verify=verify) as engine:
        result = engine.refresh()
    show(result, at, resources=resources, done=True)
