"""An online endpoint: the address, its deployments, then how they share the requests.

The endpoint is made without traffic, since a split names deployments, and those need the endpoint. The gap
resource `mlstack:azure:Traffic` sets it when all deployments are up, and keeps the engine's eyes off it
(``ignore_changes``).

Its name on Azure holds a hash of how callers show who they are and of the cluster it is on. Both are
settled when it is made: another one is another endpoint, with another address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_azure import assets
from mlstack_azure.account import lift
from mlstack_azure.identity import Identity, grant
from mlstack_azure.kinds import batch, deployment
from mlstack_azure.kinds.served import NEW_FIRST, Served, leave
from mlstack_azure.names import physical, tags
from mlstack_azure.place import Place, place

AUTH = {"key": "Key", "token": "AMLToken", "identity": "AADToken"}
_USUAL_AUTH = "key"


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.type == "batch":
        return batch.build(build)
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    auth = build.spec.auth or _USUAL_AUTH
    cluster = next((each.compute for each in build.spec.deployments.values() if each.compute), None)
    name = physical(build, longest=32, generation=f"{auth} {cluster or ''}")
    served = Served(name)
    leave(build, served)
    endpoint = build.make(
        ml.OnlineEndpoint,
        main=True,
        options={
            **NEW_FIRST,
            "depends_on": list(where.resources),
            "ignore_changes": ["properties.traffic", "properties.mirrorTraffic"],
        },
        endpoint_name=name,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        identity=_identity(where),
        properties=ml.OnlineEndpointPropertiesArgs(
            auth_mode=AUTH[auth],
            compute=assets.compute_id(build, cluster) if cluster else None,
            public_network_access=_public(build),
        ),
        tags=tags(build),
    )
    rights = _rights(build, where, endpoint)
    made = {
        each: deployment.build_deployment(build, each, spec, endpoint, served, rights)
        for each, spec in build.spec.deployments.items()
    }
    _traffic(build, endpoint, served, list(made.values()))
    return {
        "url": endpoint.properties.apply(lambda properties: _within(properties, "scoring_uri")),
        "id": endpoint.id,
        "key": _key(build, where, endpoint) if auth == "key" else None,
        "deployments": {
            each: {
                "name": served.names[each],
                "id": made[each].id,
                "traffic": spec.traffic,
                "replicas": spec.replicas.min,
            }
            for each, spec in build.spec.deployments.items()
        },
    }


def _public(build: Build) -> str | None:
    """Left out where the platform's usual is meant. Whether a workspace that was there is private is its own
    matter."""
    if build.spec.public is None:
        where = place(build)
        shut = build.stackwide.security == "strict" or (where.private and not where.existing)
        return "Disabled" if shut else None
    return "Enabled" if build.spec.public else "Disabled"


def _identity(where: Place) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    if where.identity_id is None:
        return ml.ManagedServiceIdentityArgs(type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED)
    return ml.ManagedServiceIdentityArgs(
        type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[where.identity_id]
    )


def _rights(build: Build, where: Place, endpoint: Any) -> list[Any]:
    """What the endpoint's own identity needs to read secrets. The stack's identity has that already."""
    secrets = {name for spec in build.spec.deployments.values() for name in spec.secrets.values()}
    if where.identity_id is not None or where.key_vault_id is None:
        return []
    if all(build.spec_of("secrets", name).keyvault is not None for name in secrets):
        return []  # in vaults of their own, whose owners say who reads them
    principal = endpoint.identity.apply(lambda found: _within(found, "principal_id"))
    who = Identity(endpoint.id, principal, principal)
    return [grant(build, who, "Key Vault Secrets User", "vault", lift(where.key_vault_id, str))]


def _traffic(build: Build, endpoint: Any, served: Served, deployments: list[Any]) -> None:
    specs = build.spec.deployments
    # a change of the endpoint itself is a PUT that holds no traffic: it has to be set again
    stamp = pulumi.Output.json_dumps(
        {"public": _public(build), "tags": tags(build), "native": _own_native(build)},
        sort_keys=True,
    ).apply(fingerprint)
    GapResource(
        "mlstack:azure:Traffic",
        build.child("traffic"),
        {
            "endpoint_id": endpoint.id,
            "traffic": served.by_name({each: spec.traffic for each, spec in specs.items()}),
            "mirror": served.by_name({each: spec.mirror for each, spec in specs.items() if spec.mirror}),
            "stamp": stamp,
        },
        opts=build.opts(depends_on=[endpoint, *deployments]),
    )


def _own_native(build: Build) -> Mapping[str, Any]:
    """What the spec passes natively to the endpoint itself, and not to its deployments."""
    block = build.spec.native.get("azure", {})
    return {
        key: value for key, value in block.items() if key[:1].islower() or key.startswith("OnlineEndpoint")
    }


def _key(build: Build, where: Place, endpoint: Any) -> pulumi.Output[Any]:
    import pulumi_azure_native.machinelearningservices as ml

    keys = ml.list_online_endpoint_keys_output(
        endpoint_name=endpoint.name,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        opts=pulumi.InvokeOutputOptions(parent=build.parent, depends_on=[endpoint]),
    )
    return pulumi.Output.secret(keys.apply(lambda found: _within(found, "primary_key")))


def _within(held: Any, key: str) -> Any:
    """What only the apply can tell may be absent in a preview."""
    try:
        return getattr(held, key)
    except (AttributeError, KeyError):
        return None
