"""The kubeconfig, as far as `mlstack doctor` looks at it.

Source: Kubernetes, "Organizing Cluster Access Using kubeconfig Files".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

#: The key of the choice that a stack keeps for good: the context that it was first applied in.
CHOICE = "kubernetes.context"
_VARIABLE = "KUBECONFIG"
_UNREADABLE = (OSError, YAMLError, AttributeError, TypeError, KeyError)


def checks(context: str | None) -> Iterator[tuple[str, bool, str]]:
    """(what, is it well, detail or remedy). The cluster itself is not asked."""
    present = [file for file in files() if file.is_file()]
    if not present:
        tried = " or ".join(map(str, files()))
        yield "kubeconfig", False, f"there is no {tried}: write one, or name it in {_VARIABLE}"
        return
    shown = ", ".join(map(str, present))
    try:
        current, contexts = _read(present)
    except _UNREADABLE:
        yield "kubeconfig", False, f"{shown} cannot be read: `kubectl config view` says why"
        return
    yield "kubeconfig", True, shown
    wanted = context or current
    if wanted is None:
        yield "context", False, "none is current: `kubectl config use-context NAME`"
    elif wanted not in contexts:
        known = ", ".join(contexts) or "none"
        yield "context", False, f"the kubeconfig has no context {wanted!r}: it has {known}"
    else:
        yield "context", True, wanted


def current() -> str | None:
    """The current context; None where there is no kubeconfig, as within a cluster, or none is current."""
    try:
        return _read([file for file in files() if file.is_file()])[0]
    except _UNREADABLE:
        return None


def files() -> list[Path]:
    """Where a kubeconfig is looked for."""
    given = os.environ.get(_VARIABLE)
    if not given:
        return [Path.home() / ".kube" / "config"]
    return [Path(part) for part in given.split(os.pathsep) if part]


def _read(present: list[Path]) -> tuple[str | None, list[str]]:
    """The current context, and all that there are: of several files the first that says it."""
    current: str | None = None
    contexts: dict[str, None] = {}
    for file in present:
        held = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")) or {}
        current = current or held.get("current-context") or None
        contexts |= {str(each["name"]): None for each in held.get("contexts") or ()}
    return current, list(contexts)
