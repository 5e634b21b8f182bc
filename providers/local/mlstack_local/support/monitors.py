"""Monitors and who they tell: what must be there for a signal to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Endpoint, Stack
from mlstack.spec.monitor import Monitor
from mlstack_local.support.common import IN_A_CLOUD, Refusal, missing_path

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}

_COUNTED = ("latency", "errors")


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        place = ("monitors", name)
        if monitor.signal == "cost":
            yield (*place, "signal"), "this machine costs nothing", f"leave it out, or {IN_A_CLOUD}"
            continue
        endpoint = stack.endpoints.get(monitor.endpoint)
        if endpoint is not None:
            for field, message, remedy in _of_endpoint(stack, monitor, endpoint):
                yield (*place, field), message, remedy
        if monitor.window is not None and monitor.signal in _COUNTED and monitor.window < monitor.interval:
            yield (
                (*place, "window"),
                f"{monitor.signal} is counted from one reading to the next, every {monitor.interval}",
                f"set window to {monitor.interval} or more, or every to {monitor.window}",
            )
        if monitor.code is not None and (
            refusal := missing_path(stack, (*place, "code", "dir"), monitor.code.dir)
        ):
            yield refusal
    yield from _smtp(stack)


def _of_endpoint(stack: Stack, monitor: Monitor, endpoint: Endpoint) -> Iterator[tuple[str, str, str | None]]:
    if endpoint.type == "batch":
        yield (
            "endpoint",
            f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
            "name an online endpoint, or compare the runs' outputs in a job",
        )
        return
    captured = any(deployment.capture is not None for deployment in endpoint.deployments.values())
    if monitor.signal not in _COUNTED and not captured:
        deployment = next(iter(endpoint.deployments))
        yield (
            "endpoint",
            f"{monitor.signal} is read from captured requests, and no deployment of {monitor.endpoint} "
            "captures any",
            f"set endpoints.{monitor.endpoint}.deployments.{deployment}.capture: {{sample: 1.0}}",
        )
    if monitor.signal == "feature-attribution":
        lacking = [
            name for name, each in endpoint.deployments.items() if _lacks_shap(stack, each.environment)
        ]
        if lacking:
            yield (
                "signal",
                f"the environment of deployment {lacking[0]!r} has no shap, which attributes predictions to "
                "features",
                "list shap among the packages of its environment",
            )


def _lacks_shap(stack: Stack, name: str | None) -> bool:
    """Whether an environment is known to be without it: one of packages alone, or of none named."""
    environment = stack.environments.get(name) if name else None
    if name and environment is None:
        return False
    if environment is None:
        return True  # the packages of a flavor
    if environment.requirements or environment.conda or environment.setup:
        return False
    return not any(line.lower().replace("_", "-").startswith("shap") for line in environment.packages)


def _smtp(stack: Stack) -> Iterator[Refusal]:
    smtp = (stack.settings.get("local") or {}).get("smtp") or {}
    password = smtp.get("password") if isinstance(smtp, dict) else None
    if password is not None and password not in stack.secrets:
        yield (
            ("settings", "local", "smtp", "password"),
            f"there is no secret {password!r}",
            f"declare it: secrets: {{{password}: {{env: VARIABLE}}}}",
        )
