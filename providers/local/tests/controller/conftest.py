"""Endpoints as in the tests of deployments, with a controller."""

from __future__ import annotations

from typing import Any

import pytest

from providers.local.tests.endpoints.conftest import World, digits, environment, model, until, world

__all__ = ["World", "digits", "environment", "model", "until", "world"]

SCORE = """
import os, time

def init():
    time.sleep(float(os.environ.get("STARTS", "0")))

def run(data):
    time.sleep(float(os.environ.get("TAKES", "0")))
    return [os.environ.get("SAID", "old") for _ in data]
"""


@pytest.fixture
def scaled(world: World) -> dict[str, Any]:
    """Inputs of a deployment of 1 to 3 workers that follows the requests in flight."""
    return {
        "code": world.code(SCORE),
        "env": {"TAKES": "0.2"},
        "replicas": 1,
        "scaling": {"max": 3, "metric": "concurrency", "target": 2, "idle_seconds": 4},
        "controlled": True,
    }
