"""Azure.

Soft delete: learn.microsoft.com/azure/machine-learning/concept-soft-delete and
key-vault/general/soft-delete-overview. Versions of assets and records of runs are mlstack's to keep (spec.md,
"Versions") or nobody's to delete. The platform's own: default stores with their containers, what a run has
written, and the name of an asset, which outlives its versions
(learn.microsoft.com/azure/machine-learning/concept-data).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import Emulation

REGION = "westeurope"
SMALL: dict[str, Any] = {"settings": {"azure": {"resource_group": "ml"}}, "workspace": {"existing": "ml"}}
IMAGE = "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:20250101.v1"
PRELOADED = (
    "mlstack_azure.provider",
    "mlstack_azure.resources.upload",
    "mlstack_azure.resources.job",
    "mlstack_azure.kinds",
    "mlstack_azure.rehearsal.emulation",
    "mlstack_azure.rehearsal.models:state",
    "azure.mgmt.core",
    "azure.storage.blob",
    "requests",
    *(
        f"pulumi_azure_native.{module}.{part}"
        for module in ("machinelearningservices", "monitor", "keyvault", "storage", "authorization")
        for part in ("_inputs", "outputs")
    ),
)
EXISTING: dict[str, Any] = {
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "team"},
    "compute": {"mine": {"existing": "gpu-cluster-1"}, "any": {"existing": "auto", "size": "cpu-m"}},
    "environments": {"img": {"existing": "azureml:AzureML-sklearn-1.5:1"}},
    "data": {"lake": {"existing": "azureml:rows:4"}},
    "models": {"net": {"registry": "azureml:net:3"}},
    "secrets": {"token": {"keyvault": "https://team.vault.azure.net/secrets/token"}},
}

KEPT = {
    r"/workspaces/[^/]+$": "soft-deleted",
    r"/vaults/[^/]+(/secrets/[^/]+)?$": "soft-deleted",
    r"/workspaces/[^/]+/(codes|data|models|environments|components)/[^/]+/versions/[^/]+$": "version",
    r"/workspaces/[^/]+/jobs/[^/]+$": "run",
    r"/blob/.+/(azureml|ExperimentRun)/[^/]+/": "run wrote",
}
BY_PLATFORM = (
    r"/datastores/workspace|/blobServices/default/containers/azureml|/data/azureml_"
    r"|/workspaces/[^/]+/(codes|data|models|environments|components)/[^/]+$"
)
DEARER = ("Standard_D16s_v3", ["replace Compute pool"])
KEYED = True
HELD = "/softDeleted"
#: The action group calls the address; the value in the vault is not read back.
HOLDS = {"hook"}


EDITS = (
    ("computes/train-*", "properties.properties.scaleSettings.maxNodeCount", 9, "Compute train"),
    ("deployments/blue-*", "properties.requestSettings.requestTimeout", "PT30S",
     "OnlineDeployment digits-blue"),
    ("autoscalesettings/digits-green-*", "properties.enabled", False,
     "AutoscaleSetting digits-green-autoscale"),
    ("metricalerts/slow-*", "properties.severity", 4, "MetricAlert slow"),
    ("actiongroups/oncall-*", "properties.enabled", False, "ActionGroup oncall"),
    ("budgets/*", "properties.amount", 900, "Budget default"),
    ("schedules/nightly-*", "properties.trigger.expression", "0 9 * * *", "Schedule nightly"),
    ("onlineEndpoints/digits-*", "properties.traffic", {}, "Traffic digits-traffic"),
    ("batchEndpoints/nightly-*", "tags.team", "other", "BatchEndpoint nightly"),
)  # fmt: skip
DELETIONS = (
    ("computes/big-*", {"Compute big"}),
    ("schedules/drift-*", {"Schedule drift"}),
    ("vaults/*/secrets/hf-token-*", {"Secret hf-token"}),
    ("onlineEndpoints/chat-*", {"OnlineEndpoint chat", "OnlineDeployment chat-main", "Traffic chat-traffic"}),
    ("metricalerts/slow-*", {"MetricAlert slow"}),
)
COMPARED = ("properties", "tags")
CALLS = ()
BY_CONTENT = ()
SHARED = "$^"
#: What Azure makes up anew each time.
RANDOM = ()


def things(emulated: Emulation) -> Iterator[tuple[str, str, bool]]:
    """All below /subscriptions and what is soft-deleted, and all blobs."""
    world = emulated.world
    for id, kind, body in world.under("/s"):
        maker = (body.get("systemData") or {}).get("createdBy")
        yield id.lower(), kind, kind != "soft-deleted" and maker not in ("seed", "platform")
    for path in world.blobs():
        if not path.startswith("~"):
            yield f"blob {path}", "blob", False


def held(emulated: Emulation) -> dict[str, Any]:
    return {id: body for id, _, body in emulated.documents()}


def id(emulated: Emulation, type: str, id: str) -> str:
    return id.lower()
