"""What is still there when a stack is down, and what the platform keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack.rehearsal import Kept
from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.cloud import SOFT, Cloud

WORKSPACE = (
    "soft-deleted for 14 days: its name cannot be used again before "
    "(learn.microsoft.com/azure/machine-learning/concept-soft-delete)"
)
VAULT = (
    "soft-deleted for {} days: its name cannot be used again before, unless it is recovered or purged "
    "(learn.microsoft.com/azure/key-vault/general/soft-delete-overview)"
)
IN_VAULT = (
    "soft-deleted, as long as its vault keeps what is deleted: its name cannot be used again before, unless "
    "it is recovered or purged (learn.microsoft.com/azure/key-vault/general/soft-delete-overview)"
)
ASSET = "a version of an asset stays until nothing refers to it; remove it in the studio"
RUN = (
    "the record of a run stays with its workspace "
    "(learn.microsoft.com/azure/machine-learning/how-to-manage-quotas)"
)
WRITTEN = (
    "what a run wrote, its log too, stays in the workspace's storage account with the record of the run "
    "(learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2)"
)
#: Where runs write: logs, and outputs for which no other path was given.
_RUNS = re.compile(r"[^/]+/(azureml/ExperimentRun|[^/]+/azureml)/")
_ASSETS = ("DataVersion", "ModelVersion", "EnvironmentVersion", "CodeVersion", "ComponentVersion")


def leftovers(cloud: Cloud) -> Iterator[Kept]:
    """All that was neither seeded nor made by the platform, with the reason where there is one."""
    accounts: set[str] = set()
    for id, kind, body in cloud.world.under("/"):
        if kind == "soft-deleted":
            yield Kept(id.removeprefix(SOFT), _soft(id, body))
        elif id.lower().startswith("/subscriptions/"):
            if kind == "storage:StorageAccount":
                accounts.add(ids.last(id).lower())
            if (body.get("systemData") or {}).get("createdBy") not in ("seed", "platform"):
                name = kind.partition(":")[2]
                yield Kept(id, ASSET if name in _ASSETS else RUN if name == "Job" else "")
    for path in cloud.world.blobs():
        if not path.startswith("~"):
            yield Kept(f"/blob/{path}", WRITTEN if _RUNS.match(path) else "")


def _soft(id: str, body: dict[str, object]) -> str:
    inner = body.get("properties")
    if "/secrets/" in id.lower():
        return IN_VAULT
    if "/microsoft.keyvault/" in id.lower():
        days = inner.get("softDeleteRetentionInDays", 90) if isinstance(inner, dict) else 90
        return VAULT.format(days)
    return WORKSPACE
