"""A job on this machine: one run of a command in its environment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack import content
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Value, is_deferred
from mlstack_local.jobs import literal
from mlstack_local.kinds.common import local_path, warn_of, warn_of_tags

#: The inputs that the fingerprint is made of.
_FINGERPRINT = ("command", "code", "environment", "inputs", "outputs", "env", "nodes", "processes")


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    warn_of(build, ["compute"], "the job runs on this machine")
    spec = build.spec
    if spec.nodes > 1:
        build.warn("nodes", f"this machine is one: its {spec.nodes} nodes are groups of processes here")
    inputs = {
        "stack_uid": build.stack_uid,
        "name": build.name,
        "project": pulumi.get_project(),
        "command": spec.command,
        "code": _code(build),
        "environment": build.outputs("environments", spec.environment)["id"] if spec.environment else "",
        "inputs": {name: _input(build, given) for name, given in spec.inputs.items()},
        "outputs": {name: {"type": output.type} for name, output in spec.outputs.items()},
        "env": dict(spec.env),
        "secrets": secret_inputs(build, spec.secrets),
        "timeout_seconds": None if spec.timeout is None else float(spec.timeout),
        "retries": spec.retries,
        "nodes": spec.nodes,
        "processes": spec.processes,
        "wait": build.consumed,
        "nonce": str(time.time_ns()) if spec.rerun == "always" else None,
    }
    job = GapResource(
        "mlstack:local:Job",
        build.child(),
        {key: value for key, value in inputs.items() if value is not None},
        outputs=("fingerprint", "status", "run", "metrics"),
        opts=build.opts(ignore_changes=list(_FINGERPRINT) if spec.rerun == "never" else None),
    )
    return {
        "id": pulumi.Output.concat(build.name, "@", job.output("fingerprint")),
        "status": job.output("status"),
        "outputs": job.output("outputs"),
    }


def secret_inputs(build: Build, secrets: Mapping[str, str]) -> dict[str, Any]:
    """Variable -> the stack's secret behind it, by name and salted hash."""
    return {
        variable: {"name": name, "hash": build.outputs("secrets", name)["id"].apply(_after_at)}
        for variable, name in secrets.items()
    }


def referred(build: Build, reference: str) -> dict[str, Any]:
    """Place and version of what ``data.x``, ``models.x`` or ``jobs.x.y`` names."""
    kind, name, *rest = reference.split(".")
    outputs = build.outputs(kind, name)
    held = outputs["outputs"][rest[0]] if kind == "jobs" else outputs
    return {"uri": held["uri"], "version": held["version"]}


def literal_of(given: Value) -> Any:
    """A literal as the command sees it."""
    if is_deferred(given.value):
        return pulumi.Output.from_input(given.value).apply(literal)
    return literal(given.value)


def _input(build: Build, given: str | Value) -> dict[str, Any]:
    return {"value": literal_of(given)} if isinstance(given, Value) else referred(build, given)


def _code(build: Build) -> dict[str, str] | None:
    if build.spec.code is None:
        return None
    path = local_path(build, "code")
    return {"path": path, "digest": content.version(build.root / path)}


def _after_at(reference: str) -> str:
    return reference.partition("@")[2]
