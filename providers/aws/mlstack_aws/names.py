"""Physical names: deterministic, within AWS's rules, and no two stacks' the same."""

from __future__ import annotations

from mlstack.lowering.names import physical, tags

__all__ = ["LONGEST", "physical", "tags"]

#: Of most names of SageMaker: letters, digits and hyphens.
LONGEST = 63
