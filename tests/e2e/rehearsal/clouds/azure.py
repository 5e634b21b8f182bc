"""Azure.

Soft delete: learn.microsoft.com/azure/machine-learning/concept-soft-delete and
key-vault/general/soft-delete-overview. Versions of assets and records of runs are mlstack's to keep (spec.md,
"Versions") or nobody's to delete. The platform's own: default stores with their containers, what a run has
written, and the name of an asset, which outlives its versions
(learn.microsoft.com/azure/machine-learning/concept-data).
"""

from __future__ import annotations

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
HELD = "/softDeleted"

EDITS = (
    ("computes/train-*", "properties.properties.scaleSettings.maxNodeCount", "9", "Compute train"),
    ("deployments/blue-*", "properties.requestSettings.requestTimeout", "PT30S",
     "OnlineDeployment digits-blue"),
    ("autoscalesettings/digits-green-*", "properties.enabled", "false",
     "AutoscaleSetting digits-green-autoscale"),
    ("metricalerts/slow-*", "properties.severity", "4", "MetricAlert slow"),
    ("actiongroups/oncall-*", "properties.enabled", "false", "ActionGroup oncall"),
    ("budgets/*", "properties.amount", "900", "Budget default"),
    ("schedules/nightly-*", "properties.trigger.expression", "0 9 * * *", "Schedule nightly"),
    ("onlineEndpoints/digits-*", "properties.traffic", "{}", "Traffic digits-traffic"),
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
