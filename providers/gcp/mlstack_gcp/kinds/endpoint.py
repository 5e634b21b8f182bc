"""An online endpoint: the address, its deployments, then how they share the requests.

It is a dedicated one, with a name and a network plane of its own: answers may take an hour there, and every
path of a container can be asked. A private one is reached by Private Service Connect, since an endpoint on a
peered network has neither a split nor logging. Callers show who they are by their identity alone.

The endpoint is made without a split, which names deployments, and those need the endpoint. The gap resource
`mlstack:gcp:Traffic` sets it when all are up, and keeps the engine's eyes off it (``ignore_changes``).

Source: Vertex AI, "Choose an endpoint type"; Endpoint of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_gcp.kinds import batch, capture, deployment
from mlstack_gcp.kinds.served import NEW_FIRST, Served, leave
from mlstack_gcp.names import labels, number, physical
from mlstack_gcp.place import Place, place
from mlstack_gcp.values import lift

TOKEN = "mlstack:gcp:Traffic"  # noqa: S105  a type


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.type == "batch":
        return batch.build(build)
    import pulumi_gcp.vertex as vertex

    where = place(build)
    captured = capture.of(build)
    table = capture.table(build, captured) if captured is not None else None
    private = _is_private(build, where)
    endpoint = build.make(
        vertex.AiEndpoint,
        main=True,
        options={**NEW_FIRST, "depends_on": list(where.resources), "ignore_changes": ["trafficSplit"]},
        name=lift(
            where.key or "", lambda key: number(build, where.region, "private" if private else "", key)
        ),
        display_name=physical(build, longest=128),
        project=where.project,
        location=where.region,
        region=where.region,
        dedicated_endpoint_enabled=None if private else True,
        private_service_connect_config=vertex.AiEndpointPrivateServiceConnectConfigArgs(
            enable_private_service_connect=True, project_allowlists=[where.project]
        )
        if private
        else None,
        encryption_spec=vertex.AiEndpointEncryptionSpecArgs(kms_key_name=where.key) if where.key else None,
        predict_request_response_logging_config=capture.logging(captured, table) if captured else None,
        labels=labels(build),
    )
    served = Served(endpoint.id, endpoint.name, table=table)
    leave(build, served)
    made = {
        name: deployment.build_deployment(build, name, spec, endpoint, served)
        for name, spec in build.spec.deployments.items()
    }
    GapResource(
        TOKEN,
        build.child("traffic"),
        {"endpoint": endpoint.id, "traffic": _traffic(build, served), "timeout": _timeout(build)},
        opts=build.opts(depends_on=[endpoint, *made.values()]),
    )
    return {
        "url": _url(build, endpoint),
        "id": endpoint.id,
        "key": None,
        "deployments": {
            name: {
                "name": served.ids[name],
                "id": served.ids[name],
                "traffic": spec.traffic,
                "replicas": spec.replicas.min,
            }
            for name, spec in build.spec.deployments.items()
        },
    }


def _is_private(build: Build, where: Place) -> bool:
    if build.spec.public is not None:
        return not build.spec.public
    return where.private or build.stackwide.security == "strict"


def _traffic(build: Build, served: Served) -> pulumi.Output[dict[str, Any]]:
    shares = {name: spec.traffic for name, spec in build.spec.deployments.items()}
    ids = [served.ids[name] for name in shares]
    return pulumi.Output.all(*ids).apply(lambda known: dict(zip(known, shares.values(), strict=True)))


def _timeout(build: Build) -> float | None:
    """The endpoint has one for all its deployments."""
    given = [spec.timeout for spec in build.spec.deployments.values() if spec.timeout is not None]
    return float(given[0]) if given else None


def _url(build: Build, endpoint: Any) -> pulumi.Output[Any]:
    """None where there is no name in public: callers in the network have an address of their own for it."""
    own_server = any(spec.server is not None for spec in build.spec.deployments.values())
    way = "/invoke" if own_server else ":predict"

    def url(known: list[Any]) -> str | None:
        host, id = known
        return f"https://{str(host).removeprefix('https://')}/v1/{id}{way}" if host else None

    return pulumi.Output.all(endpoint.dedicated_endpoint_dns, endpoint.id).apply(url)
