"""Functions of pulumi-gcp: who asks, and look-ups of what is there already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlstack_gcp.rehearsal.cloud import Cloud
from mlstack_gcp.rehearsal.kinds import KINDS
from mlstack_gcp.rehearsal.refusals import Refused, missing

#: Functions whose names differ from those of their types.
_TYPES: Mapping[str, str] = {
    "compute/getNetwork:getNetwork": "compute/network:Network",
    "secretmanager/getSecret:getSecret": "secretmanager/secret:Secret",
    "serviceaccount/getAccount:getAccount": "serviceaccount/account:Account",
    "kms/getKMSKeyRing:getKMSKeyRing": "kms/keyRing:KeyRing",
    "kms/getKMSCryptoKey:getKMSCryptoKey": "kms/cryptoKey:CryptoKey",
    "secretmanager/getSecretVersion:getSecretVersion": "secretmanager/secretVersion:SecretVersion",
}


def answer(cloud: Cloud, function: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a function answers. Refused: it has no answer."""
    project = str(arguments.get("project") or arguments.get("projectId") or cloud.project)
    if function == "organizations/getProject:getProject":
        return _project(cloud, project)
    if function == "organizations/getClientConfig:getClientConfig":
        place = {"project": cloud.project, "region": cloud.region, "zone": f"{cloud.region}-a"}
        return {"id": "rehearsal", "accessToken": "rehearsal", "defaultLabels": {}, **place}
    if function == "organizations/getClientOpenIdUserInfo:getClientOpenIdUserInfo":
        return {"id": "rehearsal@example.com", "email": "rehearsal@example.com"}
    if function == "storage/getProjectServiceAccount:getProjectServiceAccount":
        email = f"service-{cloud.number}@gs-project-accounts.iam.gserviceaccount.com"
        return {"id": email, "emailAddress": email, "member": f"serviceAccount:{email}", "project": project}
    if function == "secretmanager/getSecretVersionAccess:getSecretVersionAccess":
        return secret(cloud, project, arguments)
    kind = KINDS.get(_TYPES.get(function) or re.sub(r"/get([A-Z])(\w*):get\w+", _resource, function))
    if kind is None:
        raise Refused("UNIMPLEMENTED", f"the rehearsal does not know the function gcp:{function}")
    parts = kind.parts(cloud, {key: value for key, value in arguments.items() if value is not None})
    parts.setdefault("version", "latest")
    if kind.token.startswith("secretmanager/secretVersion"):
        return secret(cloud, project, arguments)
    try:
        id = kind.id.format_map(parts)
    except KeyError as key:
        raise Refused("INVALID_ARGUMENT", f"{key} is required.") from None
    made = kind.read(cloud, id, {})
    if made is None:
        raise missing(id)
    return {"id": made.id, **made.outputs}


def _resource(match: re.Match[str]) -> str:
    name = match[1] + match[2]
    return f"/{match[1].lower()}{match[2]}:{name}"


def _project(cloud: Cloud, project: str) -> dict[str, Any]:
    if project not in (cloud.project, cloud.number):
        raise missing(f"projects/{project}")
    return {
        "id": f"projects/{cloud.project}",
        "projectId": cloud.project,
        "name": cloud.project,
        "number": cloud.number,
        "billingAccount": BILLING,
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "autoCreateNetwork": True,
        "deletionPolicy": "PREVENT",
        "folderId": "",
        "orgId": "",
        "tags": {},
    }


BILLING = "000000-000000-000000"


def secret(cloud: Cloud, project: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    name, content = payload(
        cloud, _whole(project, str(arguments["secret"])), str(arguments.get("version") or "latest")
    )
    found = {
        "id": name,
        "name": name,
        "project": project,
        "version": name.rpartition("/")[2],
        "enabled": True,
    }
    return {**found, "secret": arguments["secret"], "secretData": content.decode(), "createTime": ""}


def _whole(project: str, secret: str) -> str:
    return secret if secret.startswith("projects/") else f"projects/{project}/secrets/{secret}"


def payload(cloud: Cloud, secret: str, version: str) -> tuple[str, bytes]:
    """Name and value of a version of a secret; "latest" is the newest."""
    base = cloud.canonical(secret)
    cloud.there(base)
    if version == "latest":
        numbers = [
            int(id.rpartition("/")[2])
            for id, _ in cloud.of("secretmanager/secretVersion:SecretVersion", f"{base}/versions/")
        ]
        version = str(max(numbers, default=0))
    document = cloud.get(f"{base}/versions/{version}")
    found = cloud.world.get_blob(f"~secrets/{base}/versions/{version}/payload")
    if document is None or found is None:
        raise Refused("NOT_FOUND", f"Secret Version [{secret}/versions/{version}] not found.")
    if document.get("state") != "ENABLED":
        raise Refused(
            "FAILED_PRECONDITION",
            f"Secret Version [{secret}/versions/{version}] is in {document.get('state')} state.",
        )
    return f"{base}/versions/{version}", found[0]
