"""Native passthrough, as the suite tries it: on each resource that a kind's builder makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlstack.provider import Provider
from mlstack.sdktypes import args_class, resource_class, shape
from mlstack.testing.built import build
from mlstack.testing.cases import Case
from mlstack.testing.record import Registered
from mlstack.tokens import token

TRIED = "conformance"


def passed_through(provider: Provider, tried: Case, root: Path) -> Iterator[str]:
    """A block for each child arrives in the inputs of that child alone (and of what waits for it, as that may
    tell of it), and one that no child takes is refused."""
    assert tried.resource is not None
    nobody: dict[str, Any] = {provider.name: {"Nobody": {}}}
    if not any(gap.code == "bad-native" for gap in build(provider, tried.but(nobody).given, root).gaps):
        yield f"{tried.field}: a block for a child that there is none of is not refused"
    without = build(provider, tried.without, root)
    if without.gaps:
        yield f"{tried.field} cannot be tried: {without.gaps[0].message}"
        return
    kind, name = tried.resource
    below = without.recording.below(without.recording.component(token(kind), name))
    for child in below:
        block = block_for(child, name, manifests=provider.manifests)
        if block is None:
            continue
        given = build(provider, tried.but({provider.name: block}).given, root)
        if given.gaps:
            yield f"{tried.field}: {block} is refused: {given.gaps[0].message}"
            continue
        changed = {
            urn
            for urn, each in given.recording.resources.items()
            if each.inputs != without.recording.resources[urn].inputs
        }
        waiting = {urn for urn in changed if child.urn in given.recording.resources[urn].needs}
        if changed - waiting != {child.urn}:
            yield f"{tried.field}: {block} changes {sorted(changed)} instead of {child.urn}"


def block_for(child: Registered, component: str, *, manifests: bool = False) -> Mapping[str, Any] | None:
    """A ``native`` block that sets one text of a child which has none; None for a resource of no SDK.

    Manifests all have annotations.
    """
    cls = resource_class(child.type) if child.custom else None
    inputs = args_class(cls) if cls else None
    if cls is None or inputs is None:
        return None
    address = f"{cls.__name__}[{child.name.removeprefix(component).removeprefix('-')}]"
    if manifests and "metadata" in shape(inputs):
        return {address: {"metadata": {"annotations": {"example.com/tried": TRIED}}}}
    for each in shape(inputs).values():
        if each.types == (str,) and not each.required and each.wire not in child.inputs:
            return {address: {each.name: TRIED}}
    return None
