"""A deployment as a variant of an endpoint's configuration.

Its name on AWS is the spec's, and a hash of its machine: with automatic scaling, SageMaker refuses to change
a variant's instance type ("If the update would change the instance type for any model that is a target for
automatic scaling, the update fails", developer guide, "Automatic scaling of Amazon SageMaker AI models").
Another machine is therefore another variant.

Its weight is a constant, and next to nothing: AWS looks at it when a variant is new, and never again. What
the spec says of traffic the gap resource `mlstack:aws:Switch` sets, in percent. So a change of traffic alone
is no new configuration, and a new variant gets no requests before it is meant to. Only a shadow's weight is
what the spec says, in relation to the one variant beside it; another one is another shadow.
"""

from __future__ import annotations

import math
from typing import Any

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_aws.arns import lift
from mlstack_aws.disks import OWN_DISK
from mlstack_aws.kinds import machines

FIRST_WEIGHT, WHOLE = 0.01, 100.0
#: Where instances come and go with inference components there is this one variant.
COMPONENTS = "main"
_LONGEST = 63
#: Seconds; the bounds of ContainerStartupHealthCheckTimeoutInSeconds, and how often SageMaker asks.
STARTUP, PING_EVERY = (60, 3600), 5.0


def name(build: Build, deployment: str, machine: Any) -> Any:
    """The variant's name; ``machine`` is what tells it from one on another machine, and may be an Output."""

    def named(text: str) -> str:
        tail = fingerprint(build.stack_uid, build.kind, build.name, deployment, text)[:8]
        return f"{'-'.join(filter(None, deployment.split('-')))[: _LONGEST - 9]}-{tail}"

    return lift(machine, named)


def of_model(build: Build, deployment: str, spec: Deployment, model: Any) -> tuple[Any, dict[str, Any]]:
    """Name and content of the variant that serves a model by itself: on instances, or serverless."""
    is_shadowed = any(other.mirror for other in build.spec.deployments.values())
    if machines.way(spec) == "serverless":
        physical = name(build, deployment, "serverless")
        return physical, {
            "variant_name": physical,
            "model_name": model,
            "initial_variant_weight": FIRST_WEIGHT,
            "serverless_config": machines.serverless(spec),
        }
    instance = machines.instance(build, deployment, spec)
    share = f" {spec.mirror}" if spec.mirror else ""
    physical = name(build, deployment, lift(instance, lambda text: f"{text}{share}"))
    return physical, _without_none(
        variant_name=physical,
        model_name=model,
        instance_type=instance,
        initial_instance_count=spec.replicas.min,
        initial_variant_weight=float(spec.mirror or WHOLE) if is_shadowed else FIRST_WEIGHT,
        volume_size_in_gb=disk(build, deployment, spec, instance),
        container_startup_health_check_timeout_in_seconds=startup(spec),
    )


def of_components(build: Build, deployment: str, spec: Deployment) -> tuple[Any, dict[str, Any]]:
    """The variant without a model whose instances come and go with the inference component on them."""
    instance = machines.instance(build, deployment, spec)
    physical = name(build, deployment, instance)
    return physical, _without_none(
        variant_name=physical,
        instance_type=instance,
        initial_instance_count=1,
        initial_variant_weight=FIRST_WEIGHT,
        volume_size_in_gb=disk(build, deployment, spec, instance),
        container_startup_health_check_timeout_in_seconds=startup(spec),
        managed_instance_scaling={
            "status": "ENABLED",
            "min_instance_count": 0,
            "max_instance_count": spec.replicas.max,
        },
        routing_configs=[{"routing_strategy": "LEAST_OUTSTANDING_REQUESTS"}],
    )


def args(content: dict[str, Any], *, shadow: bool = False) -> Any:
    """The content as the SDK's classes."""
    import pulumi_aws.sagemaker as sagemaker

    kind = (
        "EndpointConfigurationShadowProductionVariant" if shadow else "EndpointConfigurationProductionVariant"
    )
    held = dict(content)
    for key, word in (
        ("serverless_config", "ServerlessConfig"),
        ("managed_instance_scaling", "ManagedInstanceScaling"),
    ):
        if key in held:
            held[key] = getattr(sagemaker, f"{kind}{word}Args")(**held[key])
    if "routing_configs" in held:
        routing = getattr(sagemaker, f"{kind}RoutingConfigArgs")
        held["routing_configs"] = [routing(**each) for each in held["routing_configs"]]
    return getattr(sagemaker, f"{kind}Args")(**held)


def patience(spec: Deployment) -> int | None:
    """Seconds that a copy may take until it answers /ping: the wait before the first question, and more for
    each failure."""
    probe = spec.probes.ready if spec.probes else None
    if probe is None or (probe.initial_delay is None and probe.failures is None):
        return None
    return math.ceil((probe.initial_delay or 0) + (probe.failures or 1) * PING_EVERY)


def startup(spec: Deployment) -> int | None:
    """`patience`, as long as SageMaker lets it be."""
    wanted = patience(spec)
    return None if wanted is None else min(STARTUP[1], max(STARTUP[0], wanted))


def disk(build: Build, deployment: str, spec: Deployment, instance: Any) -> int | None:
    """The size of the volume; None for the usual one, and beside a disk of the machine's own, where SageMaker
    takes no volume (aws/sagemaker-python-sdk, src/sagemaker/utils.py: volume_size_supported)."""
    if spec.disk is None:
        return None
    if isinstance(instance, str) and OWN_DISK.match(instance):
        build.note(f"deployments.{deployment}.disk", f"an {instance} brings a disk, and takes no volume")
        return None
    return math.ceil(spec.disk)


def _without_none(**content: Any) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}
