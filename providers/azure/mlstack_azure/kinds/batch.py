"""A batch endpoint: an address that starts runs over data, on a pool of machines.

The endpoint is made without its default deployment, which needs the endpoint; the gap resource
`mlstack:azure:Traffic` names it when it is there. The one with 100 % of the traffic is the default.

Sources: Azure ML, YAML references of batch endpoints and batch deployments; "Author scoring scripts for batch
deployments" (``AppendRow`` puts what ``run`` returns into one file).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlstack.content import fingerprint
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_azure import assets
from mlstack_azure.durations import iso
from mlstack_azure.kinds import answering
from mlstack_azure.kinds.deployment import physical_name
from mlstack_azure.kinds.served import NEW_FIRST
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

PREDICTIONS = "predictions.csv"


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    endpoint = build.make(
        ml.BatchEndpoint,
        main=True,
        options={
            **NEW_FIRST,
            "depends_on": list(where.resources),
            "ignore_changes": ["properties.defaults"],
        },
        endpoint_name=physical(build, longest=32, generation="batch"),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        properties=ml.BatchEndpointPropertiesArgs(auth_mode="AADToken"),
        tags=tags(build),
    )
    made = {name: _deployment(build, name, spec, endpoint) for name, spec in build.spec.deployments.items()}
    block = build.spec.native.get("azure", {})
    own = {key: value for key, value in block.items() if key[:1].islower() or key.startswith("BatchEndpoint")}
    stamp = pulumi.Output.json_dumps({"tags": tags(build), "native": own}, sort_keys=True).apply(fingerprint)
    GapResource(
        "mlstack:azure:Traffic",
        build.child("traffic"),
        {
            "endpoint_id": endpoint.id,
            "traffic": {made[name][0]: spec.traffic for name, spec in build.spec.deployments.items()},
            "mirror": {},
            "stamp": stamp,
        },
        opts=build.opts(depends_on=[endpoint, *(resource for _, resource in made.values())]),
    )
    return {
        "url": endpoint.properties.apply(lambda found: getattr(found, "scoring_uri", None)),
        "id": endpoint.id,
        "key": None,
        "deployments": {
            name: {
                "name": made[name][0],
                "id": made[name][1].id,
                "traffic": spec.traffic,
                "replicas": spec.replicas.max,
            }
            for name, spec in build.spec.deployments.items()
        },
    }


def _deployment(build: Build, name: str, spec: Deployment, endpoint: Any) -> tuple[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    for field in ("target", "idle"):
        if getattr(spec.replicas, field) is not None:
            build.warn(f"deployments.{name}.replicas.{field}", "has no effect: machines of a run end with it")
    found = answering.of(build, name, spec, batch=True)
    physical_deployment = physical_name(build, name)
    made = build.make(
        ml.BatchDeployment,
        name,
        options={**NEW_FIRST, "depends_on": list(where.resources)},
        deployment_name=physical_deployment,
        endpoint_name=endpoint.name,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        properties=ml.BatchDeploymentPropertiesArgs(
            model=ml.IdAssetReferenceArgs(reference_type="Id", asset_id=found.model)
            if found.model is not None
            else None,
            environment_id=found.environment,
            code_configuration=ml.CodeConfigurationArgs(code_id=found.code[0], scoring_script=found.code[1])
            if found.code
            else None,
            environment_variables=cast(Any, dict(spec.env)) or None,
            compute=_compute(build, name, spec),
            resources=ml.DeploymentResourceConfigurationArgs(instance_count=spec.replicas.max),
            mini_batch_size=spec.mini_batch,
            error_threshold=spec.max_errors,
            retry_settings=ml.BatchRetrySettingsArgs(timeout=iso(spec.timeout))
            if spec.timeout is not None
            else None,
            output_action=ml.BatchOutputAction.APPEND_ROW,
            output_file_name=PREDICTIONS,
        ),
        tags=tags(build),
    )
    return physical_deployment, made


def _compute(build: Build, name: str, spec: Deployment) -> Any:
    """The pool that the spec names, else one of its own that has no machine while nothing runs."""
    import pulumi_azure_native.machinelearningservices as ml

    if spec.compute is not None:
        return assets.compute_id(build, spec.compute)
    where = place(build)
    identity = None
    if where.identity_id is not None:
        identity = ml.ManagedServiceIdentityArgs(
            type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[where.identity_id]
        )
    pool = build.make(
        ml.Compute,
        name,
        "pool",
        # no hyphen: a name may not end in one and digits, which a hash can be
        compute_name=physical(build, name, longest=16, compact=True),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        location=where.location,
        identity=identity,
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            properties=ml.AmlComputePropertiesArgs(
                vm_size=build.instance(spec, "deployments", name, least=0),
                scale_settings=ml.ScaleSettingsArgs(min_node_count=0, max_node_count=spec.replicas.max),
            ),
        ),
        tags=tags(build),
    )
    return pool.id
