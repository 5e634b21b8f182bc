"""A job on Vertex AI: a custom job, submitted by our own resource."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.gap import GapResource
from mlstack.lowering.shell import literal
from mlstack.provider import Build
from mlstack.spec import Value, is_deferred
from mlstack.spec.machine import Machine
from mlstack_gcp import assets
from mlstack_gcp.images import job_image
from mlstack_gcp.kinds import compute
from mlstack_gcp.machines import for_jobs
from mlstack_gcp.names import labels
from mlstack_gcp.place import place
from mlstack_gcp.uploads import upload
from mlstack_gcp.values import join, last

if TYPE_CHECKING:
    from mlstack.spec import Job

TOKEN = "mlstack:gcp:Job"  # noqa: S105 - a type


def build(build: Build) -> Mapping[str, Any]:
    spec: Job = build.spec
    if spec.retries and not build.consumed:
        build.warn(
            "retries",
            "Vertex AI does not try a command again by itself. `up` does, while it waits, and it waits only "
            "for a job that something needs: the next `up` tries a failed one again",
        )
    here = place(build)
    job = GapResource(
        TOKEN,
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "project": here.project,
            "location": here.region,
            "place": below(build, "runs"),
            "job": asked(build, spec),
            "wait": build.consumed,
            "retries": spec.retries,
            **({"nonce": str(time.time_ns())} if spec.rerun == "always" else {}),
        },
        outputs=("fingerprint", "run", "job_id", "status", "outputs", "page"),
        opts=build.opts(
            depends_on=list(here.resources),
            ignore_changes=["job", "nonce"] if spec.rerun == "never" else None,
        ),
    )
    return {"id": job.output("job_id"), "status": job.output("status"), "outputs": job.output("outputs")}


def below(build: Build, folder: str) -> Any:
    """Where what runs put out lies in the stack's bucket."""
    return join(place(build).uri, f"/mlstack/{build.stack_uid}/{folder}")


def asked(build: Build, spec: Job, *suffixes: str) -> dict[str, Any]:
    """A job as `mlstack_gcp.jobs.asked.Asked` has it; values may be Outputs, and nothing is submitted.

    For the job itself, and for what runs it in a pipeline. Its code is uploaded below ``build.parent``;
    ``suffixes`` tell several jobs of one parent apart.
    """
    code = None if spec.code is None else upload(build, spec.code, *suffixes, "code").uri
    found = {
        "command": spec.command,
        "code": code,
        "image": job_image(build, spec.environment),
        "inputs": {name: _input(build, given) for name, given in spec.inputs.items()},
        "outputs": {name: _lean(type=each.type, uri=each.path) for name, each in spec.outputs.items()},
        "env": dict(spec.env),
        "secrets": {name: assets.secret_version(build, secret) for name, secret in spec.secrets.items()},
        "nodes": spec.nodes,
        "processes": spec.processes,
        "runs": _runs(build, spec),
        "labels": labels(build),
    }
    return {key: value for key, value in found.items() if value is not None}


def _runs(build: Build, spec: Job) -> dict[str, Any]:
    here = place(build)
    machine: Any = None
    disk = spot = pool = None
    if spec.compute is None:
        machine = for_jobs(build).instance(Machine())
    else:
        chosen, made = build.spec_of("compute", spec.compute), build.outputs("compute", spec.compute)
        if chosen.existing in (None, "auto"):
            machine = made["instance"]
        disk = None if chosen.disk is None else -(-int(chosen.disk.bytes) // 2**30)
        spot = chosen.spot or None
        pool = last(made["id"]) if compute.is_pool(chosen) else None
    return _lean(
        machine=machine,
        disk=disk,
        spot=spot,
        pool=pool,
        timeout=None if spec.timeout is None else float(spec.timeout),
        service_account=here.role,
        network=here.network,
        key=here.key,
    )


def _input(build: Build, given: str | Value) -> dict[str, Any]:
    if isinstance(given, Value):
        held = given.value
        return {
            "value": pulumi.Output.from_input(held).apply(literal) if is_deferred(held) else literal(held)
        }
    kind, name, *rest = given.split(".")
    if kind == "models":
        return {"uri": assets.model_uri(build, name)}
    if kind == "data":
        return {"uri": assets.data_uri(build, name)}
    return {"uri": build.outputs("jobs", name)["outputs"][rest[0]]["uri"]}


def _lean(**given: Any) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}
