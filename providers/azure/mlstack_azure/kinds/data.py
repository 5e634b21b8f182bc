"""Data: a version of a data asset, whose content is uploaded, or stays where its URI says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_azure import account, existing, uploads, uris
from mlstack_azure.kinds.common import kept, local_path, warn_of_keep
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    if spec.existing is not None:
        return _used(build)
    warn_of_keep(build)
    uri, version, kind, shape = _source(build)
    args = ml.UriFolderDataVersionArgs if kind == "folder" else ml.UriFileDataVersionArgs
    where = place(build)
    made = build.make(
        ml.DataVersion,
        main=True,
        options=kept(build),
        name=physical(build, longest=64, generation=f"{kind} {shape}"),
        version=version,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=args(
            data_type=f"uri_{kind}",
            data_uri=uri,
            is_anonymous=False,
            is_archived=False,
            tags={**tags(build), **_columns(build)},
        ),
    )
    return {"id": made.id, "uri": uri, "version": version}


def _source(build: Build) -> tuple[Any, str, str, str]:
    """(URI, version, file or folder, what else of the path counts)."""
    spec = build.spec
    if not is_deferred(spec.path) and uris.scheme(spec.path) is None:
        if spec.version is not None:
            build.warn("version", "the content of a local path is hashed: that is its version")
        path = local_path(build, "path", spec.path)
        whole = build.root / path
        kind = spec.type or ("folder" if whole.is_dir() else "file")
        made, digest = uploads.upload(build, path, plain=True)
        return made.output("uri"), digest, kind, uploads.shape(whole)
    if is_deferred(spec.path):
        if spec.version is None:
            raise UsageError(
                f"data.{build.name}.path is known only while the program runs; a path is read before that",
                code="deferred-path",
                remedy="give a plain path; or, where it is a URI, its version too",
            )
        return spec.path, spec.version, spec.type or "file", "deferred"
    kind = spec.type or ("folder" if spec.path.endswith("/") else "file")
    if spec.version is None:
        build.warn(
            "path", "what is at a URI is not looked at: give version, and a new one when it has changed"
        )
    return spec.path, spec.version or fingerprint(spec.path), kind, spec.path


def _columns(build: Build) -> dict[str, str]:
    """What the columns mean, as tags: Azure ML's data assets of this sort have no schema."""
    if build.spec.columns is None:
        return {}
    given = build.spec.columns.model_dump(exclude_none=True)
    return {
        f"mlstack-{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }


def _used(build: Build) -> Mapping[str, Any]:
    """One that is there: never changed, so what would change it has no effect."""
    spec = build.spec
    for field in ("type", "version", "keep", "tags"):
        if getattr(spec, field):
            build.warn(field, "the data is there already, and stays as it is")
    id = existing.asset(build, "data", spec.existing, "existing")
    return {"id": id, "uri": account.lift(id, _uri), "version": existing.version(id)}


def _uri(id: str) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    if "/workspaces/" not in id:
        return id
    found: pulumi.Output[Any] = ml.get_data_version_output(
        name=account.segment(id, "data"),
        version=account.segment(id, "versions"),
        resource_group_name=account.segment(id, "resourceGroups"),
        workspace_name=account.segment(id, "workspaces"),
    )
    return found.apply(lambda version: getattr(version.properties, "data_uri", None))
