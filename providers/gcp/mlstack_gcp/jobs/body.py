"""A job as the message CustomJob: the body of a request, and of a pipeline's step.

Names are the message's own, in snake_case, as the client library and the pipelines' launcher take them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack_gcp.jobs.asked import Asked
from mlstack_gcp.jobs.script import output_uri, script
from mlstack_gcp.machines import machine_spec

#: The variable by which `mlstack_gcp.fetch_secrets` is told which secrets to fetch.
_SECRETS = "MLSTACK_SECRETS"
#: What a run reads and writes, as JSON, so that a run says it of itself: {"inputs": {…}, "outputs": {…}}.
RUN = "MLSTACK_RUN"


def custom_job(
    asked: Asked, display_name: str, base: str, machine: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``base``: the folder ("gs://…") that the run has for itself. ``machine``: the message MachineSpec,
    where the job names no machine itself."""
    runs = asked.runs
    spec: dict[str, Any] = {
        "worker_pool_specs": _pools(asked, base, machine),
        "base_output_directory": {"output_uri_prefix": base},
    }
    scheduling: dict[str, Any] = {}
    if runs.timeout is not None:
        scheduling["timeout"] = f"{runs.timeout:.3f}".rstrip("0").rstrip(".") + "s"
    if runs.spot:
        # a machine that is taken away begins the job anew on another
        scheduling |= {"strategy": "SPOT", "restart_job_on_worker_restart": True}
    if scheduling:
        spec["scheduling"] = scheduling
    for key, value in (
        ("service_account", runs.service_account),
        ("network", runs.network),
        ("persistent_resource_id", runs.pool),
    ):
        if value is not None:
            spec[key] = value
    body: dict[str, Any] = {"display_name": display_name, "job_spec": spec, "labels": dict(asked.labels)}
    if runs.key is not None:
        body["encryption_spec"] = {"kms_key_name": runs.key}
    return body


def _pools(asked: Asked, base: str, machine: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The first pool is the one machine that leads; others, where there are several, are in a second."""
    pool: dict[str, Any] = {
        "machine_spec": dict(machine or machine_spec(str(asked.runs.machine))),
        "container_spec": {
            "image_uri": asked.image,
            "command": ["/bin/sh", "-c"],
            "args": [script(asked, base)],
            "env": [
                {"name": name, "value": value} for name, value in sorted(_variables(asked, base).items())
            ],
        },
    }
    if asked.runs.disk is not None:
        pool["disk_spec"] = {"boot_disk_size_gb": asked.runs.disk}
    counts = [1] if asked.nodes == 1 else [1, asked.nodes - 1]
    return [{**pool, "replica_count": count} for count in counts]


def _variables(asked: Asked, base: str) -> dict[str, str]:
    run = {
        "inputs": {
            name: given.value if given.uri is None else given.uri for name, given in asked.inputs.items()
        },
        "outputs": {name: output_uri(asked, name, base) for name in asked.outputs},
    }
    found = {"PYTHONUNBUFFERED": "1", RUN: json.dumps(run, sort_keys=True), **asked.env}
    if asked.secrets:
        found[_SECRETS] = json.dumps(asked.secrets, sort_keys=True)
    return found
