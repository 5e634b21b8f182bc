"""What answers in a deployment: the model, the environment, and the code that goes with them.

An MLflow model without an environment or code needs neither: the platform serves it by itself. Otherwise
there is an environment (the spec's, or one of the packages that the flavor needs) and a score script
(`scripts`), or an image with a server of its own (`container`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.inline import inline
from mlstack.provider import Build
from mlstack.spec import Deployment, InlineModel
from mlstack_azure import assets
from mlstack_azure.kinds import container, scripts

_ONLINE = ("azureml-inference-server-http>=1.3",)
_BATCH = ("azureml-core", "azureml-dataset-runtime[fuse]")
_CAPTURE = ("azureml-ai-monitoring", "pandas")


@dataclass(frozen=True)
class Answering:
    """Ids of assets; None where there is none. ``code`` is (id, script)."""

    model: Any = None
    environment: Any = None
    code: tuple[Any, str] | None = None


def of(build: Build, name: str, spec: Deployment, *, batch: bool = False) -> Answering:
    if spec.server is not None:
        hub = _hub(build, spec) if spec.server.vllm is not None else None
        model = None if hub is not None else _model(build, name, spec)
        return Answering(model, container.environment(build, name, spec, hub))
    model, flavor = (
        _model(build, name, spec),
        flavor_of(spec, lambda other: build.spec_of("models", other), build.root),
    )
    if flavor == "mlflow" and spec.code is None and spec.environment is None:
        return Answering(model)
    return Answering(
        model,
        _environment(build, spec, flavor, batch=batch),
        scripts.code(build, name, spec, flavor, batch=batch),
    )


def _environment(build: Build, spec: Deployment, flavor: str | None, *, batch: bool) -> Any:
    from mlstack_azure.kinds.environment import serving_environment

    needed: tuple[str, ...] = _BATCH if batch else _ONLINE
    if spec.capture is not None:
        needed += _CAPTURE
    if spec.environment is None:
        needed += PACKAGES.get(flavor or "", ())
    requirements = tuple(dict.fromkeys(needed))
    if spec.environment is not None:
        return serving_environment(build, spec.environment, requirements=requirements)
    made = build.shared.setdefault(f"azure.serving.{build.name}", {})  # deployments may need the same one
    if requirements not in made:
        made[requirements] = serving_environment(build, None, requirements=requirements)
    return made[requirements]


def _hub(build: Build, spec: Deployment) -> tuple[str, str | None] | None:
    """Id and revision on the hub of a model that the server fetches itself."""
    if spec.model is None:
        return None
    found = spec.model if isinstance(spec.model, InlineModel) else build.spec_of("models", spec.model)
    return (found.hub, found.revision) if isinstance(found.hub, str) else None


def _model(build: Build, name: str, spec: Deployment) -> Any:
    if spec.model is None:
        return None
    if not isinstance(spec.model, InlineModel):
        return assets.model_id(build, spec.model)
    from mlstack_azure.kinds.model import build as build_model

    return build_model(inline(build, name, spec.model))["id"]
