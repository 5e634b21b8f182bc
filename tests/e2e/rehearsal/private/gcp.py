"""Google Cloud. Source: cloud.google.com/vertex-ai/docs/general/netsec-overview, vpc-peering and cmek;
cloud.google.com/storage/docs/public-access-prevention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import Emulation

STRICT: dict[str, Any] = {
    "encryption_key": "projects/rehearsal-project/locations/europe-west4/keyRings/team/cryptoKeys/ml"
}
_ALL = ("allUsers", "allAuthenticatedUsers")


def doors(emulated: Emulation) -> Iterator[str]:
    there = list(emulated.documents())
    peered = {
        document["network"].rpartition("/")[2]
        for _, kind, document in there
        if kind == "servicenetworking/connection:Connection"
    }
    for id, kind, document in there:
        if kind == "storage/bucket:Bucket":
            access = document["iamConfiguration"]
            if access["publicAccessPrevention"] != "enforced":
                yield f"{id} may be open to all"
            if not access["uniformBucketLevelAccess"]["enabled"]:
                yield f"{id} has lists of access for each object"
        if kind == "iam":
            for binding in document["bindings"]:
                yield from (f"{id}: {member}" for member in binding["members"] if member in _ALL)
        if kind == "vertex/aiEndpoint:AiEndpoint":
            if document.get("dedicatedEndpointEnabled"):
                yield f"{id} has a name in public"
            connect = document.get("privateServiceConnectConfig") or {}
            if not connect.get("enablePrivateServiceConnect"):
                yield f"{id} is not reached by Private Service Connect"
        if kind == "compute/subnetwork:Subnetwork" and not document.get("privateIpGoogleAccess"):
            yield f"{id} has no way to Google's services"
        if kind == "aiplatform:CustomJob":
            network = document["jobSpec"].get("network", "")
            if network.rpartition("/")[2] not in peered:
                yield f"{id} runs in no peered network"


def unsealed(emulated: Emulation) -> Iterator[str]:
    wanted = STRICT["encryption_key"].partition("/locations/")[2]
    paths = {
        "storage/bucket:Bucket": ("encryption", "defaultKmsKeyName"),
        "vertex/aiEndpoint:AiEndpoint": ("encryptionSpec", "kmsKeyName"),
        "aiplatform:Model": ("encryptionSpec", "kmsKeyName"),
        "aiplatform:CustomJob": ("encryptionSpec", "kmsKeyName"),
        "artifactregistry/repository:Repository": ("kmsKeyName",),
        "secretmanager/secret:Secret": (
            "replication", "userManaged", "replicas", 0, "customerManagedEncryption", "kmsKeyName",
        ),
    }  # fmt: skip
    for id, kind, document in emulated.documents():
        found: Any = document
        for key in paths.get(kind, ()):
            found = found[key] if isinstance(key, int) else (found or {}).get(key)
        if kind in paths and str(found).partition("/locations/")[2] != wanted:  # the project may be a number
            yield id
