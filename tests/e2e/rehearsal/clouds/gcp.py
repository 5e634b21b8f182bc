"""Google Cloud.

Key rings and keys cannot be deleted: cloud.google.com/kms/docs/resource-hierarchy. Services stay enabled
unless a stack asks otherwise: pulumi-gcp, projects.Service.disableOnDestroy. The records of jobs and builds
are nobody's to delete. The platform's own: the account that a service acts as
(cloud.google.com/iam/docs/service-agents).
"""

from __future__ import annotations

KEPT = {
    r"/services/[^/]+(/identity)?$": "stay enabled",
    r"/keyRings/": "cannot be deleted",
    r"/(customJobs|batchPredictionJobs|pipelineJobs|builds)/[^/]+$": "record of a run",
}
BY_PLATFORM = r"/identity$"
HELD = "~kept"

EDITS = (
    ("b/*", "versioning.enabled", "false", "Bucket default-bucket"),
    ("endpoints/*", "trafficSplit", "{}", "Traffic digits-traffic"),
    ("alertPolicies/*", "enabled", "false", "AlertPolicy slow"),
)
DELETIONS = (("secrets/hf-token-*", {"Secret hf-token", "SecretVersion hf-token-version"}),)
COMPARED = ("labels", "versioning", "trafficSplit", "enabled")
