"""Workspaces in a cluster, and what a stack says for all: what is refused, and what makes no input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

UNSUPPORTED: Mapping[str, str] = {
    "policies": "no policy is checked yet: leave it out",
    "region": "a cluster is where it is: leave it out",
    "security=strict": "the key that a cluster's store and volumes are encrypted with is set at the cluster: "
    "leave it out. Pods run without rights, and endpoints are inside the cluster unless public: true",
    "workspace.network": "who reaches a cluster, its own network settles; endpoints are inside of it unless "
    "public: true: leave it out",
    "workspace.registry": "no image is built in a cluster: leave it out, and give environments their image",
    "workspace.encryption_key": "the key that a cluster's store and volumes are encrypted with is set at the "
    "cluster: leave it out",
    "workspace.existing=auto": "any namespace would do, and none is better than another: name one, or leave "
    "it out and one is made",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "workspace.storage": Way("the name of a PersistentVolumeClaim", value="models"),
    "workspace.identity": Way("the name of a ServiceAccount", value="trainer"),
    "workspace.name": Way("a name that a namespace may have", value="ml"),
    "workspace.existing": Way("the name of a namespace", value="ml"),
}

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def refusals(stack: Stack) -> Iterator[Refusal]:
    workspace = stack.workspace
    if workspace is None:
        return
    if workspace.existing is not None and workspace.name is not None:
        yield (
            ("workspace", "name"),
            "the namespace is there already, with a name of its own",
            "leave out name, or leave out existing",
        )
    for field, what in (
        ("name", "a namespace"),
        ("existing", "a namespace"),
        ("storage", "a PersistentVolumeClaim"),
        ("identity", "a ServiceAccount"),
    ):
        given = getattr(workspace, field)
        if isinstance(given, str) and not _NAME.fullmatch(given):
            yield (
                ("workspace", field),
                f"{given!r} is no name of {what}",
                "write 1 to 63 small letters, digits and hyphens, as `kubectl get` shows it",
            )
