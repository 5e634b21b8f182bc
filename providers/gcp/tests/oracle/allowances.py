"""The differences between what the cloud holds and what a case asks for, each with its reason.

A difference that no entry allows fails its case, and an entry that no case needs fails too.
"""

from __future__ import annotations

from tests.oracle.compare import ABSENT, Allowance

#: Output only, as the reference of each message says.
_PLATFORMS = (
    ("AiEndpoint", r"name|createTime|updateTime|etag|dedicatedEndpointDns"),
    ("Deployment", r"id|createTime|modelVersionId"),
    ("AiDeploymentResourcePool", r"createTime"),
    (
        "Model",
        r"name|versionId|(version)?(Create|Update)Time|createTime|updateTime|supportedDeploymentResourcesTypes.*",
    ),
    ("Secret(Version)?", r"createTime"),
    ("Image", r"name|id|projectId|status|createTime|startTime|finishTime|results.*"),
    ("Dataset|Table", r"selfLink|etag|creationTime|lastModifiedTime|type"),
    ("Bucket", r"kind|id|projectNumber|timeCreated|updated|selfLink|softDeletePolicy.*"),
    ("Repository", r"mode|createTime|updateTime|registryUri"),
    ("Account", r"projectId|uniqueId"),
    ("Service", r"config.name"),
    ("Job|PipelineSchedule", r"name"),
    ("Job|PipelineSchedule|AiPersistentResource", r"state|createTime|updateTime|nextRunTime|startTime"),
    ("Table", r"location|num(LongTerm)?Bytes|numRows"),
    (
        "(Global|Sub|)(Network|network|Address)",
        r"id|creationTimestamp|selfLink|address|fingerprint|gatewayAddress|purpose",
    ),
    ("Connection", r"peering"),
    ("NotificationChannel|AlertPolicy|Budget", r"name|conditions\[\d+\]\.name|creationRecord\..*|enabled"),
)

ALLOWANCES: tuple[Allowance, ...] = (
    *(Allowance(kind, path, "what only the platform sets", theirs=ABSENT) for kind, path in _PLATFORMS),
    Allowance(
        ".*",
        r"(l|userL)abels\.goog-pulumi-provisioned",
        "the label that pulumi-gcp adds to all that has labels",
        ours="true",
        theirs=ABSENT,
    ),
)
