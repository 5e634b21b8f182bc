"""The image that Python comes from, where nothing names another. Source: Docker Hub, python."""

from __future__ import annotations

from mlstack.lowering.locks import python
from mlstack.provider import Build


def python_image(build: Build, version: str | None = None) -> str:
    given: str | None = build.settings.image
    return given or f"python:{version or python.default()}-slim"
