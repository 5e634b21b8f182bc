"""A batch endpoint: a registered model, and what a run of it is made of.

Vertex AI has no such resource: a run is a BatchPredictionJob, which names a model and brings all settings
itself. So those are kept as two documents in the bucket for each deployment: what the spec says, and where
it runs. ``mlstack invoke`` reads them from the stack's state and starts the job (`runtime.batch`).

Source: BatchPredictionJob of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_gcp.kinds import answering
from mlstack_gcp.machines import machine_spec
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.registered import Registered
from mlstack_gcp.uploads import upload_texts
from mlstack_gcp.values import lift

#: The files; their texts are inputs of the upload, by which the run time finds them. The second one's is
#: known only when the model is registered, the first one's always.
SETTINGS, PLACE = "settings.json", "place.json"


def build(build: Build) -> Mapping[str, Any]:
    made = {name: _deployment(build, name, spec) for name, spec in build.spec.deployments.items()}
    default = max(made, key=lambda name: build.spec.deployments[name].traffic or 0)
    return {
        "url": None,
        "id": made[default].id,
        "key": None,
        "deployments": {
            name: {
                "name": physical(build, name, longest=128),
                "id": registered.id,
                "traffic": build.spec.deployments[name].traffic,
                "replicas": build.spec.deployments[name].replicas.max,
            }
            for name, registered in made.items()
        },
    }


def _deployment(build: Build, name: str, spec: Deployment) -> Registered:
    where = place(build)
    registered = answering.of(build, name, spec)
    if spec.max_errors is not None:
        build.warn(
            f"deployments.{name}.max_errors",
            "`mlstack invoke` counts them and stops the run; Vertex AI does not by itself, so that a run "
            "which is started with --detach goes on",
        )
    for field in ("target", "idle"):
        if getattr(spec.replicas, field) is not None:
            build.warn(f"deployments.{name}.replicas.{field}", "has no effect: machines of a run end with it")
    settings: dict[str, Any] = {"displayName": physical(build, name, longest=128)}
    if spec.mini_batch is not None:
        settings["manualBatchTuningParameters"] = {"batchSize": spec.mini_batch}
    placed: dict[str, Any] = {
        "model": registered.id,
        "serviceAccount": where.role,
        "labels": labels(build),
    }
    machine = _machine(build, name, spec)
    (settings if isinstance(machine, dict) else placed)["dedicatedResources"] = {
        "machineSpec": machine,
        "startingReplicaCount": max(1, spec.replicas.min),
        "maxReplicaCount": spec.replicas.max,
    }
    if where.key is not None:
        placed["encryptionSpec"] = {"kmsKeyName": where.key}
    first = {"deployment": name, "max_errors": spec.max_errors, "job": settings}
    second = {"project": where.project, "location": where.region, "output": where.uri, "job": placed}
    texts = {
        SETTINGS: json.dumps(first, sort_keys=True),
        PLACE: pulumi.Output.json_dumps(second, sort_keys=True),
    }
    upload_texts(build, texts, name, "settings")
    return registered


def _machine(build: Build, name: str, spec: Deployment) -> Any:
    """That of the pool which the spec names, else the deployment's own; as it is written in JSON."""
    if spec.compute is not None:
        instance = build.outputs("compute", spec.compute)["instance"]
    else:
        instance = build.instance(spec, "deployments", name, least=0)
    return lift(instance, lambda text: _camel(machine_spec(text)))


def _camel(machine: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "machine_type": "machineType",
        "accelerator_type": "acceleratorType",
        "accelerator_count": "acceleratorCount",
    }
    return {names[key]: value for key, value in machine.items()}
