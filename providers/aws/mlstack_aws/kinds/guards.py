"""How an endpoint goes over to a new configuration: all at once, or as the spec says natively.

``native: {aws: {deployment_config: …}}`` of an endpoint, in pulumi-aws's words: blue/green at once, by a
canary or linear, or rolling; alarms that roll it back. It goes to the switch, since the endpoint itself is
never updated. Without it SageMaker's usual is meant: blue/green, all traffic at once.

Source: SageMaker's developer guide, "Deployment guardrails for updating models in production".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build


def deployment(build: Build, names: Mapping[str, Any]) -> dict[str, Any]:
    """`DeploymentConfig` of UpdateEndpoint, in the API's own words; empty: the usual one."""
    block = build.spec.native.get("aws") or {}
    found = block.get("deployment_config") or (block.get("Endpoint") or {}).get("deployment_config")
    return _told(found) if isinstance(found, Mapping) else {}


def _told(value: Any) -> Any:
    """pulumi-aws's words as the API's: ``blue_green_update_policy`` is ``BlueGreenUpdatePolicy``."""
    if isinstance(value, Mapping):
        return {
            "".join(word.capitalize() for word in key.split("_")): _told(each) for key, each in value.items()
        }
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value
