"""Physical names: deterministic, within Azure's rules, and no two stacks' the same."""

from __future__ import annotations

import re
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pulumi

from mlstack.content import fingerprint
from mlstack.provider import STACK_TAG, Build
from mlstack.spec import KINDS


def physical(build: Build, *parts: str, longest: int, generation: str = "", compact: bool = False) -> str:
    """A name of at most ``longest`` characters that ends in a hash of the stack, the kind and the names.

    ``compact``: letters and digits alone (storage accounts, container registries). ``generation`` gives a
    fresh name where a replacement needs one; so does the stack's own counter (``mlstack:generation`` in its
    config), as a name that Azure has soft-deleted cannot be had again.
    """
    counter = pulumi.Config("mlstack").get("generation") or ""
    tail = fingerprint(build.stack_uid, build.kind, build.name, *parts, generation, counter)[:8]
    if build.kind == "compute" and tail.isdigit():  # Azure takes no compute whose name ends in "-" and digits
        tail = f"{tail[:-1]}{'abcdefghij'[int(tail[-1])]}"
    words = "-".join((_beginning(build), *parts))
    if compact:
        words = "".join(letter for letter in words if letter.isalnum())
        return f"{words[: longest - 8]}{tail}"
    return f"{words[: longest - 9].rstrip('-')}-{tail}"


def identifier(name: str) -> str:
    """A name with `_` for `-`: what Azure ML takes for components and steps of pipelines (azure-ai-ml,
    ``is_valid_node_name``; the YAML references of components). Names of the spec have no `_` themselves, so
    that no two of them become one."""
    return name.replace("-", "_")


def guid(build: Build, *parts: str) -> str:
    """A UUID that is the same each time: role assignments are named so."""
    return str(uuid5(NAMESPACE_URL, "/".join(("mlstack", build.stack_uid, build.kind, build.name, *parts))))


def tags(build: Build) -> dict[str, Any]:
    """The spec's tags, the stack's, and mlstack's own, by which recovery knows what belongs to the stack."""
    return {**build.stackwide.tags, **build.spec.tags, STACK_TAG: build.stack_uid}


def _beginning(build: Build) -> str:
    """The resource's name; the project's for what has no name of its own."""
    if not KINDS[build.kind].single:
        return build.name
    words = re.sub(r"[^a-z0-9]+", "-", pulumi.get_project().lower()).strip("-")
    return words if words[:1].isalpha() else f"ml-{words}".rstrip("-")
