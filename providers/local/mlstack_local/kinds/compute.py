"""A compute on this machine: the machine itself, whatever was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_local.kinds.common import warn_of, warn_of_tags

_MACHINE = ("size", "instance", "cpus", "memory", "gpu", "disk")
_POOL = ("min", "max", "spot", "idle", "max_price")


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    warn_of(build, _MACHINE, "this machine is used as it is")
    warn_of(build, _POOL, "there is one machine, this one, and it costs nothing")
    return {"id": build.name, "instance": "this machine", "kubeconfig": None}
