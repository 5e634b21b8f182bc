"""Physical names where the program gives none: a provider makes them up, not the engine."""

from __future__ import annotations

import hashlib
from typing import Any

from pulumi.runtime.proto import provider_pb2

from mlstack.rehearsal.emulation import Properties

_LENGTH = 8


class NoName(Exception):  # noqa: N818 - reads as what happened
    """The stack's config forbids names that are made up."""


def name_for(request: Any, logical: str, old: Properties, key: str) -> str:
    """The name that the resource has already, else one of the engine's proposal, else a made-up one.

    A replacement comes without old inputs, and so gets a fresh name. The engine's seed differs between a
    preview and the apply, as names do.
    """
    if isinstance(old.get(key), str):
        return str(old[key])
    options = provider_pb2.CheckRequest.AutonamingOptions
    if request.HasField("autonaming"):
        if request.autonaming.mode == options.DISABLE:
            raise NoName
        if request.autonaming.proposed_name:
            return str(request.autonaming.proposed_name)
    seed = request.randomSeed or request.urn.encode()
    return f"{logical}{hashlib.sha256(seed + request.urn.encode()).hexdigest()[:_LENGTH]}"
