"""Names and labels within Kubernetes' rules: deterministic, and no two stacks' the same.

Sources: Kubernetes, "Object Names and IDs" and "Labels and Selectors".
"""

from __future__ import annotations

import re
from typing import Any

from mlstack.lowering import names
from mlstack.lowering.values import lift
from mlstack.provider import STACK_TAG, Build

#: 253 are allowed; but names become labels (63), and a CronJob's and a pod's get a tail.
LONGEST = 52
#: Labels of pods: the resource of the spec that they are for ("endpoints.scores"), and it or its part by name
#: ("scores-main"). Names alone would not do: scores-main may be a job, or another endpoint with a part less.
RESOURCE = "app.kubernetes.io/part-of"
NAME = "app.kubernetes.io/name"


def physical(build: Build, *parts: str, generation: Any = "") -> Any:
    """The name of an object. ``generation``: what makes it another object; it may be an Output."""
    return lift(generation, lambda text: names.physical(build, *parts, longest=LONGEST, generation=text))


def labels(build: Build) -> dict[str, Any]:
    """The spec's tags, the stack's, and mlstack's own, as labels that Kubernetes takes. What had to be
    changed is said, once for each resource."""
    found: dict[str, Any] = {"app.kubernetes.io/managed-by": "mlstack"}
    told: set[tuple[str, str]] = build.shared.setdefault("kubernetes.labels", set())
    for key, value in names.tags(build).items():
        name = _key(key)
        found[name] = lift(value, label)
        if name != key or (isinstance(value, str) and found[name] != value):
            shown = f"{key}={value}" if isinstance(value, str) else key
            if (build.kind, build.name) not in told:
                build.warn("tags", f"Kubernetes takes no label {shown}: it is written {name}={found[name]}")
    told.add((build.kind, build.name))
    return found


def selector(build: Build, *parts: str) -> dict[str, str]:
    """Labels of the pods that belong to a resource, or to a part of it, and of no others."""
    return {
        STACK_TAG: build.stack_uid,
        RESOURCE: f"{build.kind}.{build.name}",
        NAME: "-".join((build.name, *parts)),
    }


def label(text: str) -> str:
    """A text as the value of a label."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text)[:63].strip("-_.")


def _key(text: str) -> str:
    """A key as Kubernetes takes it; one with a prefix (example.com/team) keeps it."""
    prefix, slash, name = text.rpartition("/")
    return f"{prefix}{slash}{label(name) or 'x'}"
