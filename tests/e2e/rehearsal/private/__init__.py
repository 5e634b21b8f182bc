"""What is private on each cloud, from its own documentation: a module for each.

- ``STRICT``: what ``security: strict`` asks for beside itself.
- ``doors``: of an emulated cloud with a private stack on it, every way by which something of it can be
  reached from the internet, and everything that has no way within the network.
- ``unsealed``: what is not encrypted with a key of the user's own.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def of(cloud: str) -> ModuleType:
    return import_module(f"{__name__}.{cloud}")
