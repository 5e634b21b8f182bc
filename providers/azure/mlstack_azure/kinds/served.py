"""What an online endpoint's builder leaves for monitors, which are about it by its names on Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi

from mlstack.provider import Build

#: azure-native deletes before it replaces, as most names are fixed. Where the name changes with what cannot
#: be changed in place, the new one comes first: an endpoint answers all the while.
NEW_FIRST = {"delete_before_replace": False}


@dataclass
class Served:
    """``names``, ``ids``: of deployments, by name in the spec. ``captures``: by deployment, the ids of the
    data assets that requests are captured in, by collection."""

    endpoint: str
    names: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    captures: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def by_name(self, values: Mapping[str, Any]) -> pulumi.Input[dict[str, Any]]:
        """Values of deployments, by name in the spec, as a map by their names on Azure."""
        names = [self.names[each] for each in values]
        if all(isinstance(name, str) for name in names):
            return dict(zip(cast(list[str], names), values.values(), strict=True))
        return pulumi.Output.all(*names).apply(lambda known: dict(zip(known, values.values(), strict=True)))


def leave(build: Build, served: Served) -> None:
    build.shared[_key(build.name)] = served


def served(build: Build, endpoint: str) -> Served:
    build.outputs("endpoints", endpoint)  # an error with its remedy, where there is none
    found: Served = build.shared[_key(endpoint)]
    return found


def _key(endpoint: str) -> str:
    return f"azure.endpoint.{endpoint}"
