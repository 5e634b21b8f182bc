"""The ids under which builders name each other's resources to Azure ML.

All are inputs that may be Outputs, and carry the dependency on what they name. What exists already is named
in the same way as what the stack makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack.provider import Build

if TYPE_CHECKING:
    import pulumi


def environment_id(build: Build, name: str) -> pulumi.Input[str]:
    """ARM id of the environment's version, as jobs run in it. Deployments ask `kinds.environment`'s
    ``serving_environment``, which has what Azure's inference server needs."""
    return _id(build, "environments", name)


def model_id(build: Build, name: str) -> pulumi.Input[str]:
    """ARM id of the model's version, or ``azureml://registries/…`` of one that is used from a registry."""
    return _id(build, "models", name)


def data_id(build: Build, name: str) -> pulumi.Input[str]:
    """ARM id of the data asset's version."""
    return _id(build, "data", name)


def compute_id(build: Build, name: str) -> pulumi.Input[str]:
    """ARM id of the compute in the workspace."""
    return _id(build, "compute", name)


def secret_uri(build: Build, name: str) -> pulumi.Input[str]:
    """``https://VAULT.vault.azure.net/secrets/NAME/VERSION``: what the run time fetches with its identity."""
    return _id(build, "secrets", name)


def _id(build: Build, kind: str, name: str) -> pulumi.Input[str]:
    found: pulumi.Input[str] = build.outputs(kind, name)["id"]
    return found
