"""The local target: environments, jobs, models and endpoints on this machine."""

from mlstack_local.provider import Local

__all__ = ["Local"]
