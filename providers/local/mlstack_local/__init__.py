"""The local target: environments, jobs, models and endpoints on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstack_local.provider import Local

__all__ = ["Local"]


def __getattr__(name: str) -> Any:
    # runners and gateways are processes of this package that need no spec: they shall start quickly
    if name == "Local":
        from mlstack_local.provider import Local

        return Local
    raise AttributeError(f"module 'mlstack_local' has no attribute {name!r}")
