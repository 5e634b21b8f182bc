"""Remove what nothing refers to any more: asset versions of the stack (archived), uploads (deleted).

Azure ML keeps every version of an asset for good; archiving takes one out of lists, and what still names it
goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlstack.runtime import Record, Unused
from mlstack_azure import runs
from mlstack_azure.arm import Arm, Workspace, last
from mlstack_azure.arm.blobs import Store, open_store
from mlstack_azure.arm.client import Document
from mlstack_azure.arm.transfer import remove_all

_KINDS = {"models": "model", "data": "data", "environments": "environment", "codes": "code"}
#: What was made or used of late stays: somebody may be about to name it.
_LATE = timedelta(days=7)
_STACK = runs.STACK


def collect(
    arm: Arm, records: Sequence[Record], stack_uid: str, *, everything: bool, dry_run: bool
) -> list[Unused]:
    workspaces = {id.lower(): id for record in records if (id := _workspace(record))}
    named = _named(records)
    found: list[Unused] = []
    for id in workspaces.values():
        workspace = Workspace.of(id)
        for kind, document in _versions(arm, workspace, stack_uid):
            if document["id"].lower() in named or not (everything or _is_old(document)):
                continue
            if not dry_run:
                _archive(arm, document)
            name = f"{document['id'].split('/')[-3]}@{last(document['id'])}"
            found.append(Unused(kind, name, "nothing in the stack names this version", 0))
        found += _uploads(arm, workspace, stack_uid, named, everything=everything, dry_run=dry_run)
    return found


def _workspace(record: Record) -> str | None:
    from mlstack.errors import UsageError
    from mlstack_azure.runtime.children import workspace_of

    try:
        return workspace_of(record)
    except UsageError:
        return None


def _named(records: Sequence[Record]) -> str:
    """All that the state says of the stack, in one text: what is not in it is named by nothing."""
    parts: list[Any] = []
    for record in records:
        parts.append(record.outputs)
        parts += [[child.id, child.inputs, child.outputs] for child in record.children]
    return json.dumps(parts, default=str).lower()


def _versions(arm: Arm, workspace: Workspace, stack_uid: str) -> Iterator[tuple[str, Document]]:
    """(kind, document) of each version that carries the stack's tag and is not archived yet."""
    for plural, kind in _KINDS.items():
        for container in arm.pages(f"{workspace.id}/{plural}"):
            if not _is_ours(container, stack_uid):
                continue
            for version in arm.pages(f"{container['id']}/versions"):
                if not version["properties"].get("isArchived"):
                    yield kind, version


def _is_ours(document: Document, stack_uid: str) -> bool:
    return (document["properties"].get("tags") or {}).get(_STACK) == stack_uid


def _is_old(document: Document) -> bool:
    made = runs.created(document)
    return made is None or datetime.fromtimestamp(made, UTC) < datetime.now(UTC) - _LATE


def _archive(arm: Arm, document: Document) -> None:
    properties = {
        key: value
        for key, value in document["properties"].items()
        if key not in ("provisioningState", "environmentType") and value is not None
    }
    arm.put(document["id"], {"properties": {**properties, "isArchived": True}})


def _uploads(
    arm: Arm, workspace: Workspace, stack_uid: str, named: str, *, everything: bool, dry_run: bool
) -> Iterator[Unused]:
    """Versions of uploads whose place nothing names."""
    if arm.find(f"{workspace.id}/datastores/workspaceblobstore") is None:
        return
    store = open_store(arm, workspace, "workspaceblobstore")
    places: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for name, size in store.list(f"mlstack/{stack_uid}/").items():
        home, version = name.split("/")[2:4]
        place = f"mlstack/{stack_uid}/{home}/{version.removesuffix('.json')}"
        places.setdefault(place, []).append(name)
        sizes[place] = sizes.get(place, 0) + size
    for place, names in places.items():
        if place.lower() in named or not (everything or _is_old_upload(store, names)):
            continue
        if not dry_run:
            remove_all(store, names)
        home, version = place.split("/")[2:4]
        yield Unused("upload", f"{home}@{version}", "nothing in the stack names it", sizes[place])


def _is_old_upload(store: Store, names: list[str]) -> bool:
    newest = max(store.client.get_blob_client(name).get_blob_properties().last_modified for name in names[:1])
    return bool(newest < datetime.now(UTC) - _LATE)
