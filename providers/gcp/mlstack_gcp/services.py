"""Services of Google Cloud that a stack needs, switched on in its project: each once, and never off again.

Others in the project may use them too, so that `down` leaves them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlstack.provider import Build

if TYPE_CHECKING:
    import pulumi

_KEY = "gcp.services"

#: What every stack needs.
ALWAYS = ("aiplatform", "iam", "logging", "monitoring", "storage")


def enabled(build: Build, name: str) -> pulumi.Resource:
    """The service ("cloudscheduler") switched on, for a builder that needs it: made below the workspace, once
    a program. Put it into ``depends_on`` of what needs it."""
    from mlstack_gcp.place import place

    here = place(build)
    return switched_on(here.workspace, here.project, name)


def switched_on(workspace: Build, project: Any, name: str) -> pulumi.Resource:
    """The same for the workspace's own builder, which has no place yet."""
    from pulumi_gcp import projects

    made: dict[str, Any] = workspace.shared.setdefault(_KEY, {})
    if name not in made:
        made[name] = workspace.make(
            projects.Service,
            name,
            project=project,
            service=f"{name}.googleapis.com",
            disable_on_destroy=False,
            disable_dependent_services=False,
        )
    found: pulumi.Resource = made[name]
    return found
