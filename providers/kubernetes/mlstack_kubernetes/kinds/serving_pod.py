"""The pod of a deployment: what answers, on its machine, and how one finds out how it fares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack.spec.deployment import Probe
from mlstack_kubernetes.kinds import answering, scraping
from mlstack_kubernetes.machines import needs
from mlstack_kubernetes.names import selector
from mlstack_kubernetes.pods import Pod, SecretOf

#: How long a new version may take until it is ready: an image, packages and a model are to be fetched.
PATIENCE = 1800
#: Percent of its processors that a copy may use until there is another.
USE = 80
#: Between two looks at a server that is still starting.
_STARTING = 10


def serving_pod(build: Build, name: str, spec: Deployment, key: SecretOf, *, port: str = "http") -> Pod:
    """``port``: what the server's port is called."""
    server = answering.of(build, name, spec, key)
    pod = replace(server.pod, needs=needs(build, spec, spec.compute), labels=selector(build, name))
    pod.annotations = scraping.marks(build, spec, server.port)
    pod.more = {"ports": [{"name": port, "containerPort": server.port}], **_probes(spec, server, port)}
    return pod


def _probes(spec: Deployment, server: answering.Server, port: str) -> dict[str, Any]:
    given = spec.probes
    ready, live = (given.ready, given.live) if given is not None else (None, None)
    return {
        "startupProbe": {
            "httpGet": {"path": server.ready, "port": port},
            "periodSeconds": _STARTING,
            "failureThreshold": PATIENCE // _STARTING,
        },
        "readinessProbe": _probe(ready, server.ready, port),
        "livenessProbe": _probe(live, server.live, port),
    }


def _probe(probe: Probe | None, path: str, port: str) -> dict[str, Any]:
    found: dict[str, Any] = {"httpGet": {"path": probe.path if probe and probe.path else path, "port": port}}
    if probe is None:
        return found
    values = {
        "initialDelaySeconds": probe.initial_delay,
        "periodSeconds": probe.period,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failures,
    }
    return {**found, **{key: round(value) for key, value in values.items() if value is not None}}
