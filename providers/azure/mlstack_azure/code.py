"""A folder of code as an asset of Azure ML: uploaded under the hash of its content, which is its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_azure.names import physical
from mlstack_azure.place import place
from mlstack_azure.tree import TREE

if TYPE_CHECKING:
    import pulumi


def code_version(build: Build, path: str, *suffixes: str, field: str = "code") -> pulumi.Output[str]:
    """ARM id of the code in the folder ``path`` (relative to the spec), made below ``build.parent``.

    ``suffixes`` tell several codes of one resource apart; ``field`` is where the spec names the folder.
    Files that look like secrets stay here, with a warning. Raises UsageError: no such folder.
    """
    import pulumi_azure_native.machinelearningservices as ml

    folder = build.root / path
    if not folder.is_dir():
        raise UsageError(
            f"{build.kind}.{build.name}: there is no folder {path}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    kept = TREE.left_out(folder)
    if kept:
        names = ", ".join(kept[:3]) + (f" and {len(kept) - 3} more" if len(kept) > 3 else "")
        build.warn(field, f"{names} may hold secrets and are not uploaded; `!NAME` in .amlignore sends one")
    here = place(build)
    digest = TREE.version(folder)
    upload = GapResource(
        "mlstack:azure:Upload",
        build.child(*suffixes, "upload"),
        {
            "stack_uid": build.stack_uid,
            "home": "/".join((build.kind, build.name, *suffixes, "code")),
            "workspace_id": here.workspace_id,
            "path": path,
            "digest": digest,
        },
        outputs=("uri", "url", "prefix", "account", "container", "files", "bytes"),
        opts=build.opts(depends_on=list(here.resources)),
    )
    name = physical(build, *suffixes, "code", longest=200)
    container = build.make(
        ml.CodeContainer,
        *suffixes,
        "code",
        name=name,
        resource_group_name=here.resource_group,
        workspace_name=here.workspace,
        properties=ml.CodeContainerPropertiesArgs(tags={"mlstack-stack": build.stack_uid}),
    )
    version = build.make(
        ml.CodeVersion,
        *suffixes,
        "code",
        name=container.name,
        version=digest,
        resource_group_name=here.resource_group,
        workspace_name=here.workspace,
        properties=ml.CodeVersionPropertiesArgs(
            code_uri=upload.output("url"), is_anonymous=False, tags={"mlstack-stack": build.stack_uid}
        ),
    )
    return version.id
