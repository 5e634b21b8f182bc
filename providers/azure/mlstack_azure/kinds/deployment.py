"""An online deployment: managed, or on an attached Kubernetes cluster.

Its name on Azure is the spec's, and a hash of what the platform cannot change in place: whether it is
managed, and the machine it runs on (Azure/AML-Kubernetes #247: "deployment update can't change instance
type"). A change of those is therefore a new deployment beside the old one; the traffic moves when it is
up, and then the old one goes. All else (model, environment, code, settings, number of instances) the
platform rolls out in place, without a gap.

Units: the REST interface takes durations as ISO 8601. Sources: Azure ML, YAML reference of managed and of
Kubernetes online deployments; "Access secrets from online deployment using secret injection".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack.spec.deployment import Probe
from mlstack_azure import assets
from mlstack_azure.account import lift
from mlstack_azure.durations import iso
from mlstack_azure.kinds import answering, autoscale, managed
from mlstack_azure.kinds.capture import collector
from mlstack_azure.kinds.served import NEW_FIRST, Served
from mlstack_azure.names import tags
from mlstack_azure.place import place

_LONGEST = 32
#: Each cluster has an instance type of this name. Left out, the SDK would fill in a managed one's.
_CLUSTERS_OWN = "defaultinstancetype"


def on_kubernetes(spec: Deployment) -> bool:
    """Online deployments run on machines of their own, or on a cluster that is a compute of the workspace."""
    return spec.compute is not None


def physical_name(build: Build, name: str, *generation: str) -> str:
    tail = fingerprint(build.stack_uid, build.kind, build.name, name, *generation)[:8]
    return f"{re.sub('-+', '-', name)[: _LONGEST - 9].rstrip('-')}-{tail}"


def machine(build: Build, name: str, spec: Deployment) -> Any:
    """The platform's name of the machine; on a cluster that of an instance type which its owner defined."""
    if on_kubernetes(spec):
        return spec.instance or _CLUSTERS_OWN
    serving = replace(build, capabilities=managed.capabilities(build.capabilities))
    return serving.instance(spec, "deployments", name)


def build_deployment(
    build: Build, name: str, spec: Deployment, endpoint: Any, served: Served, rights: list[Any]
) -> Any:
    """One deployment, with its autoscale setting where replicas vary; it is noted in ``served``. ``rights``
    are of the endpoint's identity, which a container needs when it starts."""
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    instance = machine(build, name, spec)
    kubernetes = on_kubernetes(spec)
    kind = "kubernetes" if kubernetes else "managed"
    physical = lift(instance, lambda text: physical_name(build, name, kind, text))
    served.names[name] = physical
    _warn(build, name, spec)
    varies = autoscale.follows(spec.replicas)
    made = build.make(
        ml.OnlineDeployment,
        name,
        options={
            **NEW_FIRST,
            "depends_on": [*where.resources, *rights],
            "ignore_changes": ["sku"] if varies and not kubernetes else None,
        },
        deployment_name=physical,
        endpoint_name=endpoint.name,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        properties=_properties(build, name, spec, instance, served),
        sku=ml.SkuArgs(name="Default", capacity=spec.replicas.min),
        tags=tags(build),
    )
    if varies and not kubernetes:
        autoscale.setting(build, name, spec.replicas, made)
    served.ids[name] = made.id
    return made


def _properties(build: Build, name: str, spec: Deployment, instance: Any, served: Served) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    found = answering.of(build, name, spec)
    common: dict[str, Any] = {
        "model": found.model,
        "environment_id": found.environment,
        "code_configuration": ml.CodeConfigurationArgs(code_id=found.code[0], scoring_script=found.code[1])
        if found.code
        else None,
        "environment_variables": _variables(build, spec),
        "instance_type": instance,
        "request_settings": _requests(spec),
        "readiness_probe": _probe(spec.probes.ready if spec.probes else None),
        "liveness_probe": _probe(spec.probes.live if spec.probes else None),
        "data_collector": collector(build, name, spec, served),
    }
    if on_kubernetes(spec):
        return ml.KubernetesOnlineDeploymentArgs(
            endpoint_compute_type="Kubernetes",
            container_resource_requirements=_resources(spec),
            scale_settings=_scale(spec),
            **common,
        )
    return ml.ManagedOnlineDeploymentArgs(
        endpoint_compute_type="Managed",
        scale_settings=ml.DefaultScaleSettingsArgs(scale_type="Default"),
        egress_public_network_access=ml.EgressPublicNetworkAccessType.DISABLED
        if build.stackwide.security == "strict"
        else None,
        **common,
    )


def _variables(build: Build, spec: Deployment) -> dict[str, Any] | None:
    found: dict[str, Any] = dict(spec.env)
    for variable, secret in spec.secrets.items():
        # read by the endpoint's identity when a container starts: no value passes through here
        found[variable] = pulumi.Output.concat("${{keyvault:", assets.secret_uri(build, secret), "}}")
    return found or None


def _requests(spec: Deployment) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    concurrency = spec.limits.concurrency if spec.limits else None
    target = spec.replicas.target
    if concurrency is None and on_kubernetes(spec) and target is not None and target.concurrency:
        concurrency = max(1, round(target.concurrency))
    if spec.timeout is None and concurrency is None:
        return None
    return ml.OnlineRequestSettingsArgs(
        request_timeout=iso(spec.timeout) if spec.timeout is not None else None,
        max_concurrent_requests_per_instance=concurrency,
    )


def _probe(spec: Probe | None) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    timed = {
        "initial_delay": spec.initial_delay if spec else None,
        "period": spec.period if spec else None,
        "timeout": spec.timeout if spec else None,
    }
    given: dict[str, Any] = {key: iso(value) for key, value in timed.items() if value is not None}
    if spec is None or not (given or spec.failures):
        return None
    return ml.ProbeSettingsArgs(failure_threshold=spec.failures, **given)


def _resources(spec: Deployment) -> Any:
    """What the containers ask of the cluster."""
    import pulumi_azure_native.machinelearningservices as ml

    asked = spec.requirement
    given = {
        "cpu": f"{asked.cpus:g}" if asked.cpus is not None else None,
        "memory": str(asked.memory) if asked.memory is not None else None,
        "gpu": str(asked.gpu.count) if asked.gpu is not None else None,
    }
    if not any(given.values()):
        return None
    return ml.ContainerResourceRequirementsArgs(
        container_resource_requests=ml.ContainerResourceSettingsArgs(**given),
        container_resource_limits=ml.ContainerResourceSettingsArgs(**given),
    )


def _scale(spec: Deployment) -> Any:
    """On a cluster the platform's own router counts requests under way, against what one instance takes."""
    import pulumi_azure_native.machinelearningservices as ml

    replicas = spec.replicas
    if not autoscale.follows(replicas):
        return ml.DefaultScaleSettingsArgs(scale_type="Default")
    percent = None
    if replicas.target is not None and replicas.target.concurrency is not None:
        settings = _requests(spec)
        most = settings.max_concurrent_requests_per_instance
        percent = min(100, max(1, round(100 * replicas.target.concurrency / most)))
    return ml.TargetUtilizationScaleSettingsArgs(
        scale_type="TargetUtilization",
        min_instances=replicas.min,
        max_instances=replicas.max,
        target_utilization_percentage=percent,
    )


def _warn(build: Build, name: str, spec: Deployment) -> None:
    at = f"deployments.{name}"
    for which in ("ready", "live"):
        probe = getattr(spec.probes, which) if spec.probes else None
        if spec.server is None and probe is not None and probe.path is not None:
            build.warn(
                f"{at}.probes.{which}.path",
                "has no effect: the platform's server has a path of its own for it",
            )
