"""A model: files on S3 and a version of them in SageMaker's registry; or a version that is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.gap import GapResource
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import STACK_TAG, Build
from mlstack.spec import is_deferred
from mlstack_aws import rights, uploads, uris
from mlstack_aws.arns import lift, partition
from mlstack_aws.errors import deferred, local_path
from mlstack_aws.names import LONGEST, physical, tags
from mlstack_aws.place import place

#: The file that stands for a model of the hub: the serving runtime fetches what it names.
POINTER = "mlstack-hub.json"

_SHARED = "aws.models"


@dataclass(frozen=True)
class Source:
    """What a model is made of. ``uri`` is ``s3://…``: an archive, or a folder (a slash at its end); None for
    a model package that is there, whose ARN is ``package``. ``path`` (relative to the spec) and ``hub`` say
    where it comes from, for whoever packs it once more with code beside it."""

    uri: Any
    version: Any
    path: str | None = None
    hub: Any = None
    revision: str | None = None
    package: Any = None


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    found = _source(build)
    build.shared.setdefault(_SHARED, {})[build.name] = found
    if found.package is not None:
        for field in ("flavor", "keep", "tags"):
            if getattr(spec, field):
                build.warn(field, "the model is there already, and stays as it is")
        version = lift(found.package, lambda arn: arn.rsplit("/", 1)[-1])
        return {"id": found.package, "version": version, "uri": None}
    return {"id": _registered(build, found), "version": found.version, "uri": found.uri}


def source(build: Build, name: str) -> Source:
    """What the spec's model of this name is made of."""
    build.outputs("models", name)
    found: Source = build.shared[_SHARED][name]
    return found


def _registered(build: Build, found: Source) -> pulumi.Output[str]:
    """The version in the model's own group; its ARN."""
    from pulumi_aws import sagemaker

    spec, where = build.spec, place(build)
    if spec.keep:
        build.warn("keep", "SageMaker then keeps every old version: they are not counted")
    kept = {"retain_on_delete": True} if spec.keep else {}
    group = build.make(
        sagemaker.ModelPackageGroup,
        main=True,
        # a group that has versions cannot go, and its name is taken until it has gone
        options={"delete_before_replace": True, **kept},
        region=where.region,
        model_package_group_name=physical(build, longest=LONGEST),
        model_package_group_description=f"mlstack {build.name}",
        tags=tags(build),
    )
    metadata: dict[str, Any] = {STACK_TAG: build.stack_uid}
    if spec.flavor is not None:
        metadata["mlstack-flavor"] = spec.flavor
    if found.hub is not None:
        metadata["mlstack-hub"] = found.hub
    made = GapResource(
        "mlstack:aws:ModelPackage",
        build.child("version"),
        {
            "region": where.region,
            "group": group.model_package_group_name,
            "uri": found.uri,
            "version": found.version,
            "description": f"mlstack {build.name}",
            "approval": "Approved",
            "metadata": metadata,
        },
        outputs=("arn", "number"),
        opts=build.opts(depends_on=[group], **kept),
    )
    return made.output("arn")


def _source(build: Build) -> Source:
    spec = build.spec
    if spec.registry is not None:
        return Source(None, None, package=lift(spec.registry, lambda text: _package(build, text)))
    if spec.from_ is not None:
        _, job, output = spec.from_.split(".")
        held = build.outputs("jobs", job)["outputs"][output]
        return Source(held["uri"], held["version"])
    if spec.hub is not None:
        return _of_hub(build)
    if is_deferred(spec.path):
        raise deferred(build, "path", "give a plain path or URI")
    if uris.scheme(spec.path) is not None:
        build.warn("path", "what is at a URI is not looked at: put what has changed at another one")
        rights.reading(build, spec.path)
        return Source(spec.path, fingerprint(spec.path))
    path = local_path(build, "path", spec.path)
    made = uploads.pack(build, path)
    return Source(made.uri, made.digest, path=path)


def _of_hub(build: Build) -> Source:
    """A file that names the model: the server loads it from the hub."""
    spec = build.spec
    if spec.revision is None:
        build.warn("hub", "the newest commit is loaded whenever a copy starts: pin one with revision")
    text = lift(spec.hub, lambda id: json.dumps({"hub": id, "revision": spec.revision}, sort_keys=True))
    digest = lift(text, lambda text: fingerprint("tar.gz", version_of_texts({POINTER: text})))
    made = uploads.pack(build, None, texts={POINTER: text}, digest=digest)
    return Source(made.uri, made.digest, hub=spec.hub, revision=spec.revision)


def _package(build: Build, text: str) -> Any:
    """The ARN of a model package: given as one, or as GROUP/NUMBER of the stack's account and region."""
    if text.startswith("arn:"):
        return text
    where = place(build)
    start = pulumi.Output.concat(f"arn:{partition(where.region)}:sagemaker:{where.region}:", where.account)
    return pulumi.Output.concat(start, f":model-package/{text}")
