"""What an online endpoint's builder leaves for monitors, which are about it by its names on Vertex AI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlstack.provider import Build

#: Names are fixed, and the bridge deletes such resources before it replaces them. An endpoint's holds a hash
#: of what it cannot change, so that the new one can come first.
NEW_FIRST = {"delete_before_replace": False}


@dataclass
class Served:
    """``endpoint``: its full name. ``number``: the end of it, by which figures are kept. ``ids``: of deployed
    models, by deployment. ``table``: where requests are captured (``PROJECT.DATASET.TABLE``); None where
    nothing is."""

    endpoint: Any
    number: Any
    ids: dict[str, Any] = field(default_factory=dict)
    table: Any = None


def leave(build: Build, served: Served) -> None:
    build.shared[_key(build.name)] = served


def served(build: Build, endpoint: str) -> Served:
    build.outputs("endpoints", endpoint)  # an error with its remedy, where there is none
    found: Served = build.shared[_key(endpoint)]
    return found


def _key(endpoint: str) -> str:
    return f"gcp.endpoint.{endpoint}"
