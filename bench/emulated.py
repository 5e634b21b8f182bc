"""An emulated cloud for a project, served by this process: mlstack and the ejected program both meet it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack.registry import provider
from mlstack.rehearsal.serve import emulation, serving

#: A region of each cloud.
REGIONS = {"azure": "westeurope", "aws": "eu-west-1", "gcp": "europe-west4"}


@contextmanager
def emulated(cloud: str, root: Path) -> Iterator[dict[str, str]]:
    """An emulated cloud of its own for the project in ``root``; the environment in which commands use it."""
    target = provider(cloud)
    with tempfile.TemporaryDirectory() as scratch:
        it = emulation(target, target.Settings(), REGIONS[cloud], Path(scratch))
        with serving(it, root) as variables:
            yield {**os.environ, **variables, "PULUMI_BACKEND_URL": (root / "state").as_uri()}
