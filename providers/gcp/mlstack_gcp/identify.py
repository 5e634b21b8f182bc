"""The id of each type that the builders make, by the inputs that name it.

The forms are those that each page of Pulumi's registry tells of pulumi-gcp ("Import"); what has no name of
its own (a version of a secret, a channel of notification) is asked for: `mlstack_gcp.chosen`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PROJECT = "projects/{project}"
_REGION = f"{_PROJECT}/locations/{{location}}"

#: Module and class of pulumi-gcp -> its id.
PATHS: Mapping[str, str] = {
    "artifactregistry/repository:Repository": f"{_REGION}/repositories/{{repositoryId}}",
    "artifactregistry/repositoryIamMember:RepositoryIamMember": f"{_REGION}/repositories/{{repository}}/"
    "{role}/{member}",
    "bigquery/dataset:Dataset": f"{_PROJECT}/datasets/{{datasetId}}",
    "bigquery/table:Table": f"{_PROJECT}/datasets/{{datasetId}}/tables/{{tableId}}",
    "cloudscheduler/job:Job": f"{_PROJECT}/locations/{{region}}/jobs/{{name}}",
    "compute/globalAddress:GlobalAddress": f"{_PROJECT}/global/addresses/{{name}}",
    "compute/network:Network": f"{_PROJECT}/global/networks/{{name}}",
    "compute/subnetwork:Subnetwork": f"{_PROJECT}/regions/{{region}}/subnetworks/{{name}}",
    "container/cluster:Cluster": f"{_REGION}/clusters/{{name}}",
    "container/nodePool:NodePool": f"{_REGION}/clusters/{{cluster}}/nodePools/{{name}}",
    "kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "{cryptoKeyId}/{role}/{member}",
    "projects/iAMMember:IAMMember": "{project}/{role}/{member}",
    "projects/service:Service": "{project}/{service}",
    "projects/serviceIdentity:ServiceIdentity": f"{_PROJECT}/services/{{service}}",
    "secretmanager/secret:Secret": f"{_PROJECT}/secrets/{{secretId}}",
    "secretmanager/secretIamMember:SecretIamMember": f"{_PROJECT}/secrets/{{secretId}}/{{role}}/{{member}}",
    "serviceaccount/account:Account": f"{_PROJECT}/serviceAccounts/"
    "{accountId}@{project}.iam.gserviceaccount.com",
    "serviceaccount/iAMMember:IAMMember": "{serviceAccountId}/{role}/{member}",
    "storage/bucket:Bucket": "{name}",
    "storage/bucketIAMMember:BucketIAMMember": "b/{bucket}/{role}/{member}",
    "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": f"{_PROJECT}/locations/{{region}}/"
    "deploymentResourcePools/{name}",
    "vertex/aiEndpoint:AiEndpoint": f"{_REGION}/endpoints/{{name}}",
}

#: Where the project is said, in the order in which pulumi-gcp asks.
_SAID = ("gcp:project", "GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")


def google_id(token: str, inputs: Mapping[str, Any], account: Mapping[str, str]) -> str | None:
    """See `mlstack.provider.Provider.identify`."""
    package, _, kind = token.partition(":")
    path = PATHS.get(kind) if package == "gcp" else None
    if path is None:
        return None
    named = {name: str(inputs[name]) for name in re.findall(r"{(\w+)}", path) if inputs.get(name)}
    if "project" not in named:
        named["project"] = said(account)
    return path.format_map(named) if all(named.get(name) for name in re.findall(r"{(\w+)}", path)) else None


def said(account: Mapping[str, str]) -> str:
    """The project; empty where nothing says it."""
    return next((account[name] for name in _SAID if account.get(name)), "")
