"""Physical names: deterministic, within Azure's rules, and no two stacks' the same."""

from __future__ import annotations

from mlstack.content import fingerprint
from mlstack.provider import Build


def physical(build: Build, *parts: str, longest: int, generation: str = "", compact: bool = False) -> str:
    """A name of at most ``longest`` characters that ends in a hash of the stack, the kind and the names.

    ``compact``: letters and digits alone (storage accounts, container registries). ``generation`` gives a
    fresh name where a replacement needs one.
    """
    tail = fingerprint(build.stack_uid, build.kind, build.name, *parts, generation)[:8]
    words = "-".join((build.name, *parts))
    if compact:
        words = "".join(letter for letter in words if letter.isalnum())
        return f"{words[: longest - 8]}{tail}"
    return f"{words[: longest - 9].rstrip('-')}-{tail}"


def tags(build: Build) -> dict[str, object]:
    """The spec's tags, the stack's, and mlstack's own, by which recovery knows what belongs to the stack."""
    return {**build.stackwide.tags, **build.spec.tags, "mlstack-stack": build.stack_uid}
