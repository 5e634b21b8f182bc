"""Names, labels, display names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_gcp.rehearsal.rules.base import PROTO, TERRAFORM, VERTEX, Problem, View, matches, rule

_AI = tuple(
    f"aiplatform:{one}"
    for one in (
        "Model",
        "CustomJob",
        "BatchPredictionJob",
        "PipelineJob",
        "ModelDeploymentMonitoringJob",
        "Schedule",
    )
)
_LABELLED = (
    "storage/bucket:Bucket",
    "artifactregistry/repository:Repository",
    "secretmanager/secret:Secret",
    "kms/cryptoKey:CryptoKey",
    "vertex/aiEndpoint:AiEndpoint",
    "vertex/aiTensorboard:AiTensorboard",
    "vertex/aiPersistentResource:AiPersistentResource",
    "pubsub/topic:Topic",
    "compute/globalAddress:GlobalAddress",
)
_BUCKETS = "cloud.google.com/storage/docs/buckets#naming"
_RFC = "cloud.google.com/compute/docs/naming-resources"

matches(
    "bucket-name",
    "storage/bucket:Bucket",
    "name",
    r"(?!goog)(?!.*(google|g00gle))(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]",
    "a name of 3 to 63 small letters, digits, hyphens, underscores and dots, without google in it",
    _BUCKETS,
)
matches(
    "account-id",
    "serviceaccount/account:Account",
    "accountId",
    r"[a-z][-a-z0-9]{4,28}[a-z0-9]",
    "6 to 30 small letters, digits and hyphens, a letter first",
    TERRAFORM + "resourcemanager/resource_google_service_account.go: verify.ValidateRFC1035Name(6, 30)",
)
matches(
    "secret-id",
    "secretmanager/secret:Secret",
    "secretId",
    r"[A-Za-z0-9_-]{1,255}",
    "1 to 255 letters, digits, hyphens and underscores",
    "cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create: secretId",
)
matches(
    "repository-id",
    "artifactregistry/repository:Repository",
    "repositoryId",
    r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "1 to 63 small letters, digits and hyphens, a letter first",
    "cloud.google.com/artifact-registry/docs/repositories/create-repos: name",
)
matches(
    "pool-name",
    "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
    "name",
    r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "1 to 63 small letters, digits and hyphens, a letter first",
    PROTO
    + "deployment_resource_pool_service.py: deployment_resource_pool_id: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/",
)
matches(
    "key-ring-name",
    "kms/keyRing:KeyRing",
    "name",
    r"[a-zA-Z0-9_-]{1,63}",
    "1 to 63 letters, digits, hyphens and underscores",
    "cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings/create: keyRingId",
)
matches(
    "key-name",
    "kms/cryptoKey:CryptoKey",
    "name",
    r"[a-zA-Z0-9_-]{1,63}",
    "1 to 63 letters, digits, hyphens and underscores",
    "cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/create: cryptoKeyId",
)
matches(
    "scheduler-job-name",
    "cloudscheduler/job:Job",
    "name",
    r"[A-Za-z0-9_-]{1,500}",
    "1 to 500 letters, digits, hyphens and underscores",
    "cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#Job: name",
)
for _kind in ("network:Network", "subnetwork:Subnetwork", "firewall:Firewall", "globalAddress:GlobalAddress"):
    matches(
        f"compute-{_kind.partition(':')[0].lower()}-name",
        f"compute/{_kind}",
        "name",
        r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
        "1 to 63 small letters, digits and hyphens, a letter first",
        _RFC,
    )


@rule(
    "display-name",
    *_AI,
    "vertex/aiEndpoint:AiEndpoint",
    source=PROTO + "*.py: display_name: required, up to 128",
)
def display_name(x: View) -> Iterator[Problem]:
    value = x.text("displayName")
    if x.missing("displayName") and "templateUri" not in x.inputs and "pipelineSpec" not in x.inputs:
        yield "displayName", "is required"
    elif value is not None and len(value) > 128:
        yield "displayName", f"has {len(value)} characters; there may be 128"


@rule(
    "labels",
    *_AI,
    *_LABELLED,
    source="cloud.google.com/resource-manager/docs/labels-overview#requirements; "
    + VERTEX
    + "reference/rest: labels",
)
def labels(x: View) -> Iterator[Problem]:
    given = x.map("labels")
    if len(given) > 64:
        yield "labels", f"there are {len(given)}; there may be 64"
    for key, value in given.items():
        if not re.fullmatch(r"[^\W\dA-Z_][\w-]{0,62}", key) or key != key.lower():
            yield (
                f"labels.{key}",
                "a key has at most 63 small letters, digits, hyphens, underscores; a letter first",
            )
        if isinstance(value, str) and (not re.fullmatch(r"[\w-]{0,63}", value) or value != value.lower()):
            yield f"labels.{key}", f"{value!r} has more than 63 small letters, digits, hyphens, underscores"
