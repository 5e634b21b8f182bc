"""One spec for machine-learning infrastructure on every target, applied by Pulumi.

`import mlstack as ml` in a Pulumi program gives the components (`ml.Endpoint`), the shapes that their
arguments are made of (`ml.Deployment`), `ml.Stack` and `ml.deploy`. Each is imported when it is first
used: the spec alone needs no Pulumi.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # not at the top: it takes longer than the rest of us

        return version("mlstack")
    if name == "deploy":
        return import_module("mlstack.program").deploy
    if not name[0].isupper():  # a submodule that is not imported yet, or nothing
        raise AttributeError(f"module 'mlstack' has no attribute {name!r}")
    spec = import_module("mlstack.spec")
    if name != "Stack":
        # a component goes before the spec's class of the same name
        components = import_module("mlstack.components")
        if name in components.__all__:
            return getattr(components, name)
    if name in spec.__all__:
        return getattr(spec, name)
    raise AttributeError(f"module 'mlstack' has no attribute {name!r}")
