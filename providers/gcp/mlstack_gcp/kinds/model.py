"""A model: its files in the stack's bucket under their content's hash. Deployments register it in Vertex AI.

Vertex AI's registry has no model without the container that serves it, and that is known where the model is
deployed: what is registered there of one model are versions of one model (`mlstack_gcp.registered`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_gcp import registered, uris
from mlstack_gcp.kinds.common import local_path, warn_of_keep
from mlstack_gcp.names import labels
from mlstack_gcp.place import place
from mlstack_gcp.uploads import upload, upload_texts
from mlstack_gcp.values import join, lift

#: The file that stands for a model of the hub: the serving runtime fetches what it names.
POINTER = "mlstack-hub.json"


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    registered.leave(build)
    if spec.registry is not None:
        return _used(build)
    warn_of_keep(build)
    uri, version = source(build)
    return {"id": uri, "version": version, "uri": uri}


def source(build: Build) -> tuple[Any, Any]:
    """(URI of the model's files, their version)."""
    spec = build.spec
    if spec.from_ is not None:
        _, job, output = spec.from_.split(".")
        held = build.outputs("jobs", job)["outputs"][output]
        return held["uri"], held["version"]
    told = {"mlstack-flavor": spec.flavor} if spec.flavor is not None else {}
    if spec.hub is not None:
        return _of_hub(build, told)
    if is_deferred(spec.path):
        raise UsageError(
            f"models.{build.name}.path is known only while the program runs, and a path is read before that",
            code="deferred-path",
            remedy="give a plain path or URI",
        )
    if uris.scheme(spec.path) is not None:
        build.warn("path", "what is at a URI is not looked at: put what has changed at another one")
        return spec.path, fingerprint(spec.path)
    made = upload(build, local_path(build, "path", spec.path), labels={**labels(build), **told})
    return made.uri, made.digest


def _of_hub(build: Build, told: Mapping[str, str]) -> tuple[Any, Any]:
    """A file that names the model: the server loads it from the hub."""
    spec = build.spec
    if spec.revision is None:
        build.warn("hub", "the newest commit is loaded whenever a copy starts: pin one with revision")
    text = lift(spec.hub, lambda id: json.dumps({"hub": id, "revision": spec.revision}, sort_keys=True))
    made = upload_texts(build, {POINTER: text}, labels={**labels(build), **told})
    return made.uri, made.digest


def _used(build: Build) -> Mapping[str, Any]:
    """One of Vertex AI's registry that is there: by its id, never changed."""
    spec = build.spec
    for name in ("flavor", "keep", "tags"):
        if getattr(spec, name):
            build.warn(name, "the model is there already, and stays as it is")
    here = place(build)

    def whole(text: str) -> Any:
        if "/" in text:
            return text
        name, _, version = text.replace("@", ":").partition(":")
        at = f"@{version}" if version else ""
        return join("projects/", here.project, f"/locations/{here.region}/models/{name}{at}")

    id = lift(spec.registry, whole)
    return {"id": id, "version": lift(id, _version), "uri": id}


def _version(id: str) -> str:
    found = re.search(r"@([^/@]+)$", id)
    return found[1] if found else "default"
