"""A model on this machine: a copy in the registry, with where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Value
from mlstack_local import remote
from mlstack_local.kinds.common import place_of, warn_of_tags
from mlstack_local.kinds.job import literal_of, referred


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    spec = build.spec
    if spec.from_ is not None:
        made = referred(build, spec.from_)
        source, version, lineage = made["uri"], made["version"], _lineage(build, spec.from_)
    elif spec.hub is not None:
        # which commit that is, and so the version, is asked when the model is made: then it is kept
        source, version, lineage = _at_hub(spec.hub, spec.revision), None, {}
    else:
        source, version = place_of(build)
        lineage = {}
    inputs = {
        "stack_uid": build.stack_uid,
        "name": build.name,
        "source": source,
        "version": version,
        "flavor": spec.flavor,
        "lineage": lineage,
        "keep": spec.keep or None,
    }
    model = GapResource(
        "mlstack:local:Model",
        build.child(),
        {key: value for key, value in inputs.items() if value is not None},
        outputs=("uri", "flavor", "digest", "version"),
        opts=build.opts(),
    )
    out = model.output("version")
    return {"id": pulumi.Output.concat(build.name, "@", out), "version": out, "uri": model.output("uri")}


def _at_hub(hub: Any, revision: str | None) -> pulumi.Input[str]:
    """The URI of a model of the hub; its id may be an output of something else."""
    part = remote.revision_part(revision)
    return f"hf://{hub}{part}" if isinstance(hub, str) else pulumi.Output.concat("hf://", hub, part)


def _lineage(build: Build, output: str) -> dict[str, Any]:
    """The run that made it, and what that run was made of."""
    name = output.split(".")[1]
    job = build.spec_of("jobs", name)
    inputs = {
        key: {"value": literal_of(given)}
        if isinstance(given, Value)
        else {"from": given, "version": referred(build, given)["version"]}
        for key, given in job.inputs.items()
    }
    lineage: dict[str, Any] = {"output": output, "job": build.outputs("jobs", name)["id"], "inputs": inputs}
    if job.environment is not None:
        lineage["environment"] = build.outputs("environments", job.environment)["id"]
    return lineage
