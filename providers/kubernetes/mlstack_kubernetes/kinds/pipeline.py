"""A pipeline: one job, which a schedule starts. A cluster without a workflow engine keeps no pipelines, so
that of the pipeline itself nothing is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack_kubernetes.place import place


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.tags:
        build.warn("tags", "nothing is made: the schedule that starts it has tags of its own")
    return {"id": join(place(build).namespace, "/", build.name)}
