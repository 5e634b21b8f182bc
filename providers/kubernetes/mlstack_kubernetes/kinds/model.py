"""A model: files of the project, packed; what a job has put out; a place on a volume; or an id of the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack_serving.flavors import POINTER

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_kubernetes import sources
from mlstack_kubernetes.bundles import bundle, bundle_files
from mlstack_kubernetes.paths import SCHEME, held


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.keep:
        build.warn("keep", "a version goes with the last pod that refers to it: they are not counted")
    if spec.hub is not None:
        return _of_hub(build)
    if spec.from_ is None:
        return _of_path(build)
    if spec.tags:
        build.warn("tags", "nothing is made: the deployments that serve it have tags of their own")
    _, job, output = spec.from_.split(".")
    made = build.outputs("jobs", job)["outputs"][output]
    sources.leave(build, sources.source(build, "jobs", job, output))
    return {"id": made["uri"], "version": made["version"], "uri": made["uri"]}


def _of_path(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if is_deferred(spec.path):
        raise UsageError(
            f"models.{build.name}.path is known only while the program runs, and a path is read before that",
            code="deferred-path",
            remedy="give a plain path, or pvc://CLAIM/PATH",
        )
    if spec.path.startswith(SCHEME):
        build.warn("path", "what is on a volume is not looked at: put what has changed at another place")
        if spec.tags:
            build.warn("tags", "the volume is there already, and is mounted as it is")
        found = held(spec.path)
        sources.leave(build, found)
        return {"id": found.uri, "version": fingerprint(spec.path), "uri": found.uri}
    told = {"mlstack.dev/flavor": spec.flavor} if spec.flavor is not None else {}
    made = bundle(build, "path", spec.path, annotations=told)
    sources.leave(build, made)
    return {"id": f"{build.name}@{made.digest}", "version": made.digest, "uri": None}


def _of_hub(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if is_deferred(spec.hub):
        raise UsageError(
            f"models.{build.name}.hub is known only while the program runs, and is read before that",
            code="deferred-path",
            remedy="give a plain id, as org/name",
        )
    if spec.revision is None:
        build.warn("hub", "the newest commit is loaded whenever a copy starts: pin one with revision")
    text = json.dumps({"hub": spec.hub, "revision": spec.revision}, sort_keys=True)
    told = {"mlstack.dev/flavor": spec.flavor} if spec.flavor is not None else {}
    made = bundle_files(build, {POINTER: text}, annotations=told)
    sources.leave(build, sources.Hub(spec.hub, spec.revision, made))
    uri = f"hf://{spec.hub}{f'@{spec.revision}' if spec.revision else ''}"
    return {"id": uri, "version": spec.revision or fingerprint(spec.hub), "uri": uri}
