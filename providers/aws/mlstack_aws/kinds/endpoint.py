"""An online endpoint: models, the configuration that names them, the address, and the switch to it.

The endpoint is made with the first configuration there was, and the engine's eyes are kept off which one it
serves (``ignore_changes``): the gap resource `mlstack:aws:Switch` brings it to each new one and looks whether
it is really there. A configuration that is replaced goes when that is done, never before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_aws.arns import domain
from mlstack_aws.kinds import answering, autoscale, batch, capture, component, generations, guards, machines
from mlstack_aws.kinds import variants as variant
from mlstack_aws.kinds.served import Served, leave
from mlstack_aws.names import LONGEST, physical, tags
from mlstack_aws.place import place

NEW_FIRST = {"delete_before_replace": False}


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.type == "batch":
        return batch.build(build)
    import pulumi_aws.sagemaker as sagemaker

    where = place(build)
    if build.stackwide.security == "strict":
        build.warn(
            "public",
            "all endpoints of a region have one public address, and ask for signed requests; allow "
            "sagemaker:InvokeEndpoint with the condition aws:SourceVpce alone",
        )
    specs: Mapping[str, Deployment] = build.spec.deployments
    way = machines.way(next(iter(specs.values())))
    name = physical(build, longest=LONGEST, generation="" if way == "instances" else way)
    models = {
        each: answering.model(build, each, spec, archive=way == "serverless") for each, spec in specs.items()
    }
    held: dict[str, tuple[Any, dict[str, Any]]] = {}
    for each, spec in specs.items():
        if way == "components":
            held[each] = variant.of_components(build, each, spec)
        else:
            held[each] = variant.of_model(build, each, spec, models[each].name)
    configuration = _configuration(build, way, {each: content for each, (_, content) in held.items()})
    endpoint = build.make(
        sagemaker.Endpoint,
        main=True,
        options={
            **NEW_FIRST,
            "depends_on": list(where.resources),
            "ignore_changes": ["endpointConfigName", "deploymentConfig"],
        },
        name=name,
        region=where.region,
        endpoint_config_name=configuration.name,
        tags=tags(build),
    )
    names = {each: physical_name for each, (physical_name, _) in held.items()}
    switch = GapResource(
        "mlstack:aws:Switch",
        build.child("switch"),
        {
            "region": where.region,
            "endpoint": endpoint.name,
            "configuration": configuration.name,
            "variants": _shares(build, names, way),
            "deployment": guards.deployment(build),
        },
        ("serves",),
        build.opts(depends_on=[endpoint, configuration]),
    )
    served = Served(name, names, captures=capture.folder(build) if capture.wanted(build) else None)
    last: Any = switch
    for each, spec in specs.items():
        if way == "components":
            last = component.component(build, each, spec, models[each], names[each], endpoint, switch, served)
        elif way == "instances" and autoscale.follows(spec.replicas):
            autoscale.of_variant(build, each, spec.replicas, name, names[each], switch)
        elif way == "serverless":
            _warn_of_serverless(build, each, spec)
        _warn(build, each, spec)
    served.resources = [last]
    leave(build, served)
    return {
        "url": f"https://runtime.sagemaker.{where.region}.{domain(where.region)}/endpoints/{name}/invocations",
        "id": endpoint.arn,
        "key": None,
        "deployments": {
            each: {
                "name": names[each],
                "id": models[each].arn,
                "traffic": spec.traffic,
                "replicas": spec.replicas.min,
                **({"mirror": spec.mirror} if spec.mirror else {}),
                **({"component": served.components[each]} if each in served.components else {}),
            }
            for each, spec in specs.items()
        },
    }


def _configuration(build: Build, way: str, held: Mapping[str, dict[str, Any]]) -> Any:
    import pulumi_aws.sagemaker as sagemaker

    where = place(build)
    is_shadow = {each: bool(build.spec.deployments[each].mirror) for each in held}
    production = [content for each, content in held.items() if not is_shadow[each]]
    shadows = [content for each, content in held.items() if is_shadow[each]]
    captured = capture.content(build)
    # a key for the volume; serverless has none of its own
    key = where.key if way != "serverless" else None
    role = where.role if way == "components" else None
    content = {
        "production": production,
        "shadow": shadows,
        "capture": captured,
        "key": key,
        "role": role,
    }
    return build.make(
        sagemaker.EndpointConfiguration,
        "config",
        options={**NEW_FIRST, "depends_on": list(where.resources)},
        name=generations.name(build, "EndpointConfiguration", "config", content=content),
        region=where.region,
        production_variants=[variant.args(each) for each in production],
        shadow_production_variants=[variant.args(each, shadow=True) for each in shadows] or None,
        data_capture_config=capture.args(captured) if captured else None,
        kms_key_arn=key,
        execution_role_arn=role,
        tags=tags(build),
    )


def _shares(build: Build, names: Mapping[str, Any], way: str) -> Any:
    """Weight of each variant, and its number of instances where nothing else sets that."""
    specs = {each: spec for each, spec in build.spec.deployments.items() if not spec.mirror}
    wanted = [
        {
            "weight": float(spec.traffic or 0),
            **(
                {"count": spec.replicas.min}
                if way == "instances" and not autoscale.follows(spec.replicas)
                else {}
            ),
        }
        for spec in specs.values()
    ]
    return pulumi.Output.all(*(names[each] for each in specs)).apply(
        lambda known: dict(zip(known, wanted, strict=True))
    )


def _warn(build: Build, name: str, spec: Deployment) -> None:
    at = f"deployments.{name}"
    if spec.timeout is not None:
        build.warn(f"{at}.timeout", "SageMaker ends a request after 60s, and after nothing else")
    ready, live = (getattr(spec.probes, which) if spec.probes else None for which in ("ready", "live"))
    for which, probe, fields in (
        ("ready", ready, ("path", "period", "timeout")),
        ("live", live, ("path", "initial_delay", "period", "timeout", "failures")),
    ):
        for field in fields:
            if probe is not None and getattr(probe, field) is not None:
                build.warn(
                    f"{at}.probes.{which}.{field}",
                    "has no effect: SageMaker asks GET /ping every 5s, and waits 2s for the answer",
                )
    patience = variant.patience(spec)
    if patience is not None and not variant.STARTUP[0] <= patience <= variant.STARTUP[1]:
        for field in ("initial_delay", "failures"):
            if getattr(ready, field) is not None:
                build.warn(
                    f"{at}.probes.ready.{field}",
                    f"comes to {patience}s; SageMaker waits {variant.startup(spec)}s for the first answer",
                )
    if spec.server is not None:
        for field in ("limits", "batching"):
            if getattr(spec, field) is not None:
                build.warn(f"{at}.{field}", "has no effect: it is for mlstack's own server")


def _warn_of_serverless(build: Build, name: str, spec: Deployment) -> None:
    at = f"deployments.{name}"
    if spec.cpus is not None:
        build.warn(f"{at}.cpus", "has no effect: serverless has as many processors as its memory brings")
    if spec.replicas.idle is not None:
        build.warn(f"{at}.replicas.idle", "has no effect: SageMaker settles when a copy goes")
    if spec.disk is not None:
        build.warn(f"{at}.disk", "has no effect: a serverless copy has 5 GB")
    if variant.startup(spec) is not None:
        build.warn(f"{at}.probes.ready", "has no effect: a serverless copy has 3 minutes to start")
    build.note(
        f"deployments.{name}",
        f"serverless: {machines.serverless_memory(spec)} GiB, up to "
        f"{machines.serverless_concurrency(spec)} requests at a time",
    )
