"""Native passthrough: a spec's ``native`` block, merged into the inputs of the provider's own resources."""

from mlstack.native.make import make

__all__ = ["make"]
