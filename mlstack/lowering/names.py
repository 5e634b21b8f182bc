"""Physical names and tags: deterministic, within a cloud's rules, and no two stacks' the same."""

from __future__ import annotations

import re
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.provider import STACK_TAG, Build
from mlstack.spec import KINDS


def tail(build: Build, *parts: str, generation: str = "") -> str:
    """A hash (8 hex digits) of the stack, the kind and the names.

    ``generation`` gives a fresh one where a replacement needs a fresh name; so does the stack's own counter
    (``mlstack:generation`` in its config), as a name that a cloud has soft-deleted cannot be had again.
    """
    counter = pulumi.Config("mlstack").get("generation") or ""
    return fingerprint(build.stack_uid, build.kind, build.name, *parts, generation, counter)[:8]


def physical(
    build: Build,
    *parts: str,
    longest: int,
    generation: str = "",
    compact: bool = False,
    end: str | None = None,
) -> str:
    """A name of at most ``longest`` characters (from 10) that ends in its `tail`, or in ``end``.

    ``compact``: letters and digits alone.
    """
    end = end or tail(build, *parts, generation=generation)
    words = "-".join((beginning(build), *parts))
    if compact:
        words = "".join(letter for letter in words if letter.isalnum())
        return f"{words[: longest - len(end)]}{end}"
    return f"{words[: longest - len(end) - 1].rstrip('-')}-{end}"


def tags(build: Build) -> dict[str, Any]:
    """The spec's tags, the stack's, and mlstack's own, by which recovery knows what belongs to the stack."""
    return {**build.stackwide.tags, **build.spec.tags, STACK_TAG: build.stack_uid}


def beginning(build: Build) -> str:
    """The resource's name; the project's for what has no name of its own."""
    if not KINDS[build.kind].single:
        return build.name
    words = re.sub(r"[^a-z0-9]+", "-", pulumi.get_project().lower()).strip("-")
    return words if words[:1].isalpha() else f"ml-{words}".rstrip("-")
