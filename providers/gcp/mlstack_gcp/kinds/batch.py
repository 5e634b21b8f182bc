"""A batch endpoint: a registered model, and what a run of it is made of.

Vertex AI has no such resource: a run is a BatchPredictionJob, which names a model and brings all settings
itself. So those are kept as a document in the bucket, one for each deployment, ready to be posted; ``mlstack
invoke`` reads them from the stack's state and starts the job (`runtime.batch`).

Source: BatchPredictionJob of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_gcp.kinds import answering
from mlstack_gcp.kinds.deployment import lift_machine
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.registered import Registered
from mlstack_gcp.uploads import upload_texts

#: The file of settings; its text is an input of the upload, by which the run time finds it.
FILE = "batch.json"


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
    job: dict[str, Any] = {
        "displayName": physical(build, name, longest=128),
        "model": registered.id,
        "serviceAccount": where.role,
        "dedicatedResources": {
            "machineSpec": pulumi.Output.from_input(_machine(build, name, spec)).apply(_camel),
            "startingReplicaCount": max(1, spec.replicas.min),
            "maxReplicaCount": spec.replicas.max,
        },
        "labels": labels(build),
    }
    if spec.mini_batch is not None:
        job["manualBatchTuningParameters"] = {"batchSize": spec.mini_batch}
    if where.key is not None:
        job["encryptionSpec"] = {"kmsKeyName": where.key}
    document = {
        "deployment": name,
        "project": where.project,
        "location": where.region,
        "output": where.uri,
        "max_errors": spec.max_errors,
        "job": job,
    }
    text = pulumi.Output.json_dumps(document, sort_keys=True)
    upload_texts(build, {FILE: text}, name, "settings")
    return registered


def _machine(build: Build, name: str, spec: Deployment) -> Any:
    """That of the pool which the spec names, else the deployment's own."""
    if spec.compute is not None:
        return lift_machine(build.outputs("compute", spec.compute)["instance"])
    return lift_machine(build.instance(spec, "deployments", name, least=0))


def _camel(machine: Mapping[str, Any]) -> dict[str, Any]:
    """A MachineSpec as it is written in JSON."""
    names = {
        "machine_type": "machineType",
        "accelerator_type": "acceleratorType",
        "accelerator_count": "acceleratorCount",
    }
    return {names[key]: value for key, value in machine.items()}
