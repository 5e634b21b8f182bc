"""What builders ask of each other's resources. All are inputs that may be Outputs, and carry the dependency.

What exists already is named in the same way as what the stack makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack.provider import Build

if TYPE_CHECKING:
    import pulumi


def model_uri(build: Build, name: str) -> pulumi.Input[str]:
    """``gs://…/`` of the model's files; of one of a registry, ``projects/…/models/ID@VERSION``."""
    found: pulumi.Input[str] = build.outputs("models", name)["uri"]
    return found


def data_uri(build: Build, name: str) -> pulumi.Input[str]:
    """``gs://…`` of the data: a file, or a folder with a slash at its end."""
    found: pulumi.Input[str] = build.outputs("data", name)["uri"]
    return found


def secret_version(build: Build, name: str) -> pulumi.Input[str]:
    """``projects/…/secrets/NAME/versions/N``: what the run time fetches with its service account."""
    found: pulumi.Input[str] = build.outputs("secrets", name)["id"]
    return found
