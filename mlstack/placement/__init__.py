"""Placement: which of a target's machines stands behind a size or a requirement."""

from mlstack.placement.choose import choose

__all__ = ["choose"]
