"""The ids under which builders name each other's resources to AWS.

All are inputs that may be Outputs, and carry the dependency on what they name. What exists already is named
in the same way as what the stack makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack.provider import Build

if TYPE_CHECKING:
    import pulumi


def model_uri(build: Build, name: str) -> pulumi.Input[str] | None:
    """Where the model's files are on S3: `model.tar.gz`, or a folder (it ends with a slash). None: it is a
    model package of a registry, or one of the hub; see `mlstack_aws.kinds.model.source`."""
    return _output(build, "models", name, "uri")


def model_id(build: Build, name: str) -> pulumi.Input[str]:
    """ARN of the model package."""
    return _output(build, "models", name, "id")


def data_uri(build: Build, name: str) -> pulumi.Input[str]:
    """Where the data is on S3; a folder ends with a slash."""
    return _output(build, "data", name, "uri")


def compute_instance(build: Build, name: str) -> pulumi.Input[str]:
    """The machine ("ml.m5.large") of a compute."""
    return _output(build, "compute", name, "instance")


def secret_arn(build: Build, name: str) -> pulumi.Input[str]:
    """ARN of the secret in Secrets Manager: what the run time fetches as its role."""
    return _output(build, "secrets", name, "id")


def _output(build: Build, kind: str, name: str, key: str) -> pulumi.Input[str]:
    found: pulumi.Input[str] = build.outputs(kind, name)[key]
    return found
