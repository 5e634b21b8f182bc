"""Which machine a piece of the spec gets."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build


def machine(build: Build, spec: Any, *where: str) -> Any:
    """The VM size; one that is known only while the program runs is taken as it is."""
    return build.instance(spec, *where)
