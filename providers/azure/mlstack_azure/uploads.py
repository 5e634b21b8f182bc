"""A local file or folder of the spec in the workspace's own storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_azure.place import place
from mlstack_azure.tree import TREE


def upload(build: Build, path: str, *, plain: bool = False) -> tuple[GapResource, str]:
    """The upload of a path below the spec's folder, and the hash of its content. ``plain``: data, of which
    all files count."""
    whole = build.root / path
    digest = TREE.version(whole, plain=plain)
    inputs: dict[str, Any] = {
        "stack_uid": build.stack_uid,
        "home": f"{build.kind}/{build.name}",
        "workspace_id": place(build).workspace_id,
        "path": path,
        "digest": digest,
    }
    if plain:
        inputs["plain"] = True
    made = GapResource(
        "mlstack:azure:Upload",
        build.child("upload"),
        inputs,
        outputs=("uri", "url"),
        opts=build.opts(depends_on=list(place(build).resources)),
    )
    return made, digest


def shape(path: Path) -> str:
    """What of a path, beside its content, ends up in the version: with another one it is another asset."""
    return "folder" if path.is_dir() else path.name
