"""Names, labels and numeric ids: deterministic, within Google's rules, and no two stacks' the same."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from mlstack.lowering import names
from mlstack.lowering.names import physical
from mlstack.provider import Build
from mlstack_gcp.values import lift

__all__ = ["label", "labels", "number", "physical"]


def number(build: Build, *parts: str, digits: int = 10) -> str:
    """A number of just so many digits, none of them a leading zero: endpoints and deployed models of Vertex
    AI are named so."""
    seed = names.tail(build, *parts)
    whole = hashlib.sha256("/".join((build.stack_uid, build.kind, build.name, *parts, seed)).encode())
    least = 10 ** (digits - 1)
    return str(least + int(whole.hexdigest(), 16) % (9 * least))


def labels(build: Build) -> dict[str, Any]:
    """The spec's tags, the stack's, and mlstack's own, as labels that Google takes.

    Source: "Requirements for labels" (cloud.google.com/resource-manager/docs/creating-managing-labels): small
    letters, digits, `_` and `-`, at most 63 characters, keys begin with a letter. What had to be changed is
    said, once for each resource.
    """
    found: dict[str, Any] = {}
    for key, value in names.tags(build).items():
        name = _key(key)
        found[name] = lift(value, label)
        if name != key or (isinstance(value, str) and found[name] != value):
            shown = f"{key}={value}" if isinstance(value, str) else key
            build.warn("tags", f"Google takes no label {shown}: it is written {name}={found[name]}")
    return found


def label(text: str) -> str:
    """A text as the value of a label."""
    return re.sub(r"[^\w-]", "-", str(text).lower())[:63]


def _key(text: str) -> str:
    name = label(text)
    return name if name[:1].isalpha() else f"x-{name}"[:63]
