"""Which way an endpoint is served: by Deployments of our own, or by KServe.

`settings.kubernetes.serving` says it; ``auto`` looks at what the cluster has when the endpoint is made first,
and stays with that.
"""

from __future__ import annotations

from typing import Literal

from mlstack.provider import Build
from mlstack_kubernetes.offering import INFERENCE_SERVICE, Offering, chosen, offering

Way = Literal["plain", "kserve"]

NO_KSERVE = "the cluster has no KServe: it knows no InferenceService"


def serving(build: Build) -> Way:
    """The way of this endpoint. SpecError: it is to be KServe's, and the cluster has none."""
    given: str = build.settings.serving
    if given == "auto":
        given = chosen(build, "serving", _auto)
    elif given == "kserve":
        found = offering(build)
        if found.unread is None and not found.has(INFERENCE_SERVICE):
            raise build.wrong(
                "deployments", NO_KSERVE, "install KServe, or set settings.kubernetes.serving: plain"
            )
    return "kserve" if given == "kserve" else "plain"


def _auto(found: Offering) -> tuple[str, str]:
    if found.unread is not None:
        return "plain", f"the cluster cannot be asked what it has ({found.unread})"
    if found.has(INFERENCE_SERVICE):
        return "kserve", "the cluster has KServe (serving.kserve.io)"
    return "plain", "the cluster has no KServe"
