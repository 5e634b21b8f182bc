"""How an endpoint goes over to a new configuration, and what takes it back.

The spec's ``rollout`` becomes one of SageMaker's deployment guardrails, in the words of `UpdateEndpoint`:

- ``steps: [100]``: blue/green, all at once, and ``every`` until the old fleet goes;
- ``[10, 100]``: blue/green with a canary; ``[25, 50, 75, 100]``: blue/green, linear;
- ``in_place`` with equal steps: rolling.

Alarms are those that the stack's monitors of the endpoint's latency and errors make. All goes to the switch,
since the endpoint itself is never updated. Without a rollout SageMaker's usual is meant: all at once. A block
``native: {aws: {deployment_config: …}}`` of the endpoint, in pulumi-aws's words, is taken as it is.

Source: SageMaker's developer guide, "Deployment guardrails for updating models in production", and the API
reference: BlueGreenUpdatePolicy, TrafficRoutingConfig, RollingUpdatePolicy, AutoRollbackConfig.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlstack.provider import Build
from mlstack.spec import Rollout
from mlstack_aws import rollouts
from mlstack_aws.names import physical

_MOST_ALARMS = 10


def deployment(build: Build) -> dict[str, Any]:
    """`DeploymentConfig` of UpdateEndpoint, in the API's own words; empty: the usual one."""
    block = build.spec.native.get("aws") or {}
    found = block.get("deployment_config") or (block.get("Endpoint") or {}).get("deployment_config")
    if isinstance(found, Mapping):
        return _told(found)  # type: ignore[no-any-return]
    rollout: Rollout | None = build.spec.rollout
    if rollout is None:
        return {}
    alarms = [{"AlarmName": name} for name in _alarms(build)]
    return {
        **(_rolling(rollout) if rollout.in_place else _blue_green(rollout)),
        **({"AutoRollbackConfiguration": {"Alarms": alarms[:_MOST_ALARMS]}} if alarms else {}),
    }


def _blue_green(rollout: Rollout) -> dict[str, Any]:
    wait = round(rollout.every)
    routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": wait}
    if len(rollout.steps) == 2:
        routing |= {"Type": "CANARY", "CanarySize": _share(rollout.steps[0])}
    elif len(rollout.steps) > 2:
        routing |= {"Type": "LINEAR", "LinearStepSize": _share(rollout.steps[0])}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            # how long the last step is looked at before there is no way back
            "TerminationWaitInSeconds": wait,
            "MaximumExecutionTimeoutInSeconds": rollouts.seconds(rollout),
        }
    }


def _rolling(rollout: Rollout) -> dict[str, Any]:
    return {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": _share(rollout.steps[0]),
            "WaitIntervalInSeconds": round(rollout.every),
            "MaximumExecutionTimeoutInSeconds": rollouts.seconds(rollout),
        }
    }


def _share(percent: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": percent}


def _alarms(build: Build) -> Iterator[str]:
    """Names of the alarms that `kinds.monitor` makes of monitors that come after the endpoint."""
    for name, monitor in build.stack.monitors.items() if build.stack is not None else ():
        if monitor.endpoint == build.name and monitor.signal in ("latency", "errors"):
            yield physical(replace(build, kind="monitors", name=name), longest=255)


def _told(value: Any) -> Any:
    """pulumi-aws's words as the API's: ``blue_green_update_policy`` is ``BlueGreenUpdatePolicy``."""
    if isinstance(value, Mapping):
        return {
            "".join(word.capitalize() for word in key.split("_")): _told(each) for key, each in value.items()
        }
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value
