"""Native passthrough: a spec's ``native`` block, merged into the inputs of the provider's own resources."""

from mlstack.native.make import make
from mlstack.native.passthrough import Passthrough

__all__ = ["Passthrough", "make"]
