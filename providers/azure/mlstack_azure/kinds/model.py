"""A model: a version in the workspace's registry, or one that is used from a registry as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_azure import account, existing, uploads, uris
from mlstack_azure.kinds.common import kept, local_path, warn_of_keep
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

#: The file that stands for a model of the hub: the serving runtime fetches what it names.
POINTER = "mlstack-hub.json"


@dataclass(frozen=True)
class Source:
    """``shape``: what beside the content ends up in the version."""

    uri: Any
    version: Any
    shape: str
    is_mlflow: bool = False
    job: Any = None
    tags: Mapping[str, str] = field(default_factory=dict)


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    if spec.registry is not None:
        return _used(build)
    warn_of_keep(build)
    source = _source(build)
    is_mlflow = spec.flavor == "mlflow" or (spec.flavor is None and source.is_mlflow)
    kind = "mlflow_model" if is_mlflow else "custom_model"
    told = {"mlstack-flavor": spec.flavor} if spec.flavor is not None else {}
    where = place(build)
    made = build.make(
        ml.ModelVersion,
        main=True,
        options=kept(build),
        name=physical(build, longest=64, generation=f"{kind} {source.shape}"),
        version=source.version,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.ModelVersionPropertiesArgs(
            model_type=kind,
            model_uri=source.uri,
            job_name=source.job,
            is_anonymous=False,
            is_archived=False,
            tags={**tags(build), **source.tags, **told},
        ),
    )
    return {"id": made.id, "version": source.version, "uri": source.uri}


def _source(build: Build) -> Source:
    spec = build.spec
    if spec.from_ is not None:
        _, job, output = spec.from_.split(".")
        outputs = build.outputs("jobs", job)
        held = outputs["outputs"][output]
        return Source(held["uri"], held["version"], spec.from_, job=account.last(outputs["id"]))
    if spec.hub is not None:
        return _of_hub(build)
    if is_deferred(spec.path):
        raise UsageError(
            f"models.{build.name}.path is known only while the program runs, and a path is read before that",
            code="deferred-path",
            remedy="give a plain path or URI",
        )
    if uris.scheme(spec.path) is not None:
        build.warn("path", "what is at a URI is not looked at: put what has changed at another one")
        return Source(spec.path, fingerprint(spec.path), spec.path)
    path = local_path(build, "path", spec.path)
    made, digest = uploads.upload(build, path)
    whole = build.root / path
    return Source(made.output("uri"), digest, uploads.shape(whole), (whole / "MLmodel").is_file())


def _of_hub(build: Build) -> Source:
    """A file that names the model: Azure ML takes none from the hub, and the server loads it from there."""
    spec = build.spec
    if spec.revision is None:
        build.warn("hub", "the newest commit is loaded whenever a copy starts: pin one with revision")

    def pointer(id: str) -> str:
        return json.dumps({"hub": id, "revision": spec.revision}, sort_keys=True)

    text = account.lift(spec.hub, pointer)
    digest = account.lift(text, lambda text: version_of_texts({POINTER: text}))
    made = GapResource(
        "mlstack:azure:Upload",
        build.child("upload"),
        {
            "stack_uid": build.stack_uid,
            "home": f"{build.kind}/{build.name}",
            "workspace_id": place(build).workspace_id,
            "texts": {POINTER: text},
            "digest": digest,
        },
        outputs=("uri", "url"),
        opts=build.opts(depends_on=list(place(build).resources)),
    )
    named: dict[str, Any] = {"mlstack-hub": spec.hub}
    return Source(made.output("uri"), digest, "hub", tags=named)


def _used(build: Build) -> Mapping[str, Any]:
    """One of a registry that is there: used by its id, never changed."""
    spec = build.spec
    for name in ("flavor", "keep", "tags"):
        if getattr(spec, name):
            build.warn(name, "the model is there already, and stays as it is")
    id: pulumi.Input[str] = existing.asset(build, "models", spec.registry, "registry")
    return {"id": id, "version": existing.version(id), "uri": id}
