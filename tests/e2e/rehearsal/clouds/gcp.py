"""Google Cloud.

Key rings and keys cannot be deleted: cloud.google.com/kms/docs/resource-hierarchy. Services stay enabled
unless a stack asks otherwise: pulumi-gcp, projects.Service.disableOnDestroy. The records of jobs and builds
are nobody's to delete. The platform's own: the account that a service acts as
(cloud.google.com/iam/docs/service-agents).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import Emulation

REGION = "europe-west4"
SMALL: dict[str, Any] = {
    "settings": {"gcp": {"service_account": "ml@rehearsal-project.iam.gserviceaccount.com"}},
    "workspace": {"existing": "ml-small"},
}
IMAGE = "europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"
PRELOADED = (
    "mlstack_gcp.provider",
    "mlstack_gcp.resources.upload",
    "mlstack_gcp.resources.job",
    "mlstack_gcp.resources.deployment",
    "mlstack_gcp.kinds",
    "mlstack_gcp.rehearsal.emulation",
    "mlstack_gcp.rehearsal.door",
    "google.cloud.aiplatform_v1",
    "google.cloud.storage",
)
EXISTING: dict[str, Any] = {
    "settings": {"gcp": {"service_account": "team@rehearsal-project.iam.gserviceaccount.com"}},
    "workspace": {
        "existing": "team-bucket",
        "registry": f"projects/rehearsal-project/locations/{REGION}/repositories/team",
    },
    "compute": {"mine": {"existing": "gpu-cluster-1"}},
    "environments": {"img": {"existing": f"{REGION}-docker.pkg.dev/rehearsal-project/team/base:2"}},
    "data": {"lake": {"existing": "gs://team-lake/rows"}},
    "models": {"net": {"registry": f"projects/rehearsal-project/locations/{REGION}/models/net@3"}},
    "secrets": {"token": {"secretmanager": "team-token"}},
}

KEPT = {
    r"/services/[^/]+(/identity)?$": "stay enabled",
    r"/cryptoKeys/[^/]+ roles/": "encrypted",
    r"/keyRings/": "cannot be deleted",
    r"/(customJobs|batchPredictionJobs|pipelineJobs|builds)/[^/]+$": "record of a run",
    r"/(runs|scored)/": "run wrote",
}
BY_PLATFORM = r"/identity$|/iamPolicy$"  # of a policy each member is looked at
HOLDS = {"hook", "token"}
DEARER = ("n1-standard-16", ["replace AiPersistentResource pool"])
KEYED = False
HELD = "~kept"


EDITS = (
    ("{endpoints[digits][id]}", "trafficSplit", {}, "Traffic digits-traffic"),
    ("{endpoints[digits][id]}", "labels.team", "other", "AiEndpoint digits"),
    ("{endpoints[chat][id]}", "deployedModels[0].dedicatedResources.maxReplicaCount", 3,
     "Deployment chat-main"),
    ("models/chat-main-*", "labels.team", "other", "Model chat-main-model"),
    ("schedules/*", "cron", "TZ=UTC 0 9 * * *", "PipelineSchedule nightly"),
    ("alertPolicies/*", "severity", "CRITICAL", "AlertPolicy slow"),
    ("notificationChannels/*", "enabled", False, "NotificationChannel oncall"),
    ("budgets/*", "amount.specifiedAmount.units", "900", "Budget default"),
    ("secrets/hf-token-*", "labels.team", "other", "Secret hf-token"),
    ("subnetworks/*", "privateIpGoogleAccess", False, "Subnetwork default-subnet"),
    ("locations/*/repositories/digits-*", "labels.team", "other", "Repository default-registry"),
)  # fmt: skip
CALLS = ()
DELETIONS = (
    (
        "secrets/hf-token-*",
        {"Secret hf-token", "SecretVersion hf-token-version", "SecretIamMember hf-token-reader"},
    ),
    ("{endpoints[chat][id]}", {"AiEndpoint chat", "Deployment chat-main", "Traffic chat-traffic"}),
    ("schedules/*", {"PipelineSchedule nightly"}),
    ("alertPolicies/*", {"AlertPolicy slow"}),
    ("budgets/*", {"Budget default"}),
)
COMPARED = (
    "labels", "trafficSplit", "severity", "enabled", "cron", "amount", "privateIpGoogleAccess",
    "deployedModels",
)  # fmt: skip
BY_CONTENT = ()

SHARED = r"/services/"
#: What Google makes up anew each time, behind what is kept.
RANDOM = (
    r"((?:alertPolicies|notificationChannels|budgets|customJobs|pipelineJobs|schedules|builds|operations)/)[\w-]+",
    r"(/secrets/[\w-]+/versions/)\d+",
)


def things(emulated: Any) -> Iterator[tuple[str, str, bool]]:
    """All documents but those of operations, each member of a policy, and all objects. Made are those of the
    package's types."""
    from mlstack_gcp.rehearsal.cloud import SEEDED
    from mlstack_gcp.rehearsal.kinds import KINDS

    cloud = emulated.cloud
    seeded = {id.removeprefix(SEEDED).lower() for id, _, _ in cloud.world.under(SEEDED)}
    for id, kind, document in emulated.documents():
        if kind == "iam":
            about = id.removesuffix("/iamPolicy")
            for binding in document["bindings"]:
                for member in binding["members"]:
                    yield f"{about} {binding['role']} {member}", "member", True
        elif kind != "aiplatform:operation":
            made = kind in KINDS and not kind.startswith("projects/service")  # those stay switched on
            yield id, kind, made and id.lower() not in seeded
    for path in cloud.world.blobs():
        if not path.startswith("~"):
            yield f"gs://{path}", "object", False


def held(emulated: Emulation) -> dict[str, Any]:
    return {id: body for id, _, body in emulated.documents()}


def id(emulated: Any, type: str, id: str) -> str:
    """By the name of its document; a member's by what its policy is about."""
    from mlstack_gcp.rehearsal.kinds import KINDS
    from mlstack_gcp.rehearsal.kinds.members import Member

    kind = KINDS[type.partition(":")[2]]
    if isinstance(kind, Member):
        parts = kind._parsed(emulated.cloud, id)
        assert parts is not None
        return f"{kind.document.format_map(parts)} {parts['role']} {parts['member']}"
    parts = kind.parsed(emulated.cloud, id)
    assert parts is not None, id
    return emulated.cloud.canonical(kind.name(parts))
