"""``mlstack preview``."""

from __future__ import annotations

from mlstack.cli import confirm
from mlstack.cli.operate import operator, show
from mlstack.cli.options import At, Resources, Verify, at_stack
from mlstack.cli.project import need_secrets, open_project


@at_stack
def preview(at: At, resources: Resources = False, verify: Verify = False) -> None:
    """Show what `up` would change, and what it would cost. Changes nothing."""
    from mlstack.program import Warned

    opened = open_project(at)
    need_secrets(opened, at)
    with operator(opened, at, verify=verify) as engine:
        result = engine.preview()
    result.warnings += [
        Warned("needs-confirm", path, "", f"lost by this: `mlstack up` will want --confirm {result.stack}")
        for path in confirm.labels(confirm.grave(result.changes, opened.provider))
    ]
    show(result, at, resources=resources, done=False)
