"""The flavor of a deployment's model, as far as it is known before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlstack_serving.errors import LoadError
from mlstack_serving.flavors import find

from mlstack.spec import Deployment, InlineModel


def flavor_of(deployment: Deployment, model: Callable[[str], Any], root: Path) -> str | None:
    """The flavor that the spec gives the model, that its files show, or that models of its source mostly
    have; None: not told."""
    if deployment.model is None:
        return None
    found = deployment.model if isinstance(deployment.model, InlineModel) else model(deployment.model)
    if found is None:
        return None
    usual = "huggingface" if found.hub is not None else "mlflow" if found.registry is not None else None
    flavor: str | None = found.flavor or usual
    if flavor is None and isinstance(found.path, str) and "://" not in found.path:
        try:
            flavor = find(root / found.path, None)[0]
        except (LoadError, OSError):
            return None
    return flavor
