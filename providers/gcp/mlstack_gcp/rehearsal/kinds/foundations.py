"""What a workspace stands on: services, accounts, buckets, repositories, secrets, keys."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.rehearsal import Change, Made
from mlstack.resource import UNKNOWN
from mlstack_gcp.rehearsal.cloud import KEPT, Cloud, Document, now, number
from mlstack_gcp.rehearsal.kinds.base import Kind, Parts, Properties
from mlstack_gcp.rehearsal.refusals import Refused

_ENABLED = "services stay enabled, as others in the project may use them (disableOnDestroy)"
KEY_RING = "key rings and keys cannot be deleted (cloud.google.com/kms/docs/resource-hierarchy)"


@dataclass(frozen=True)
class Service(Kind):
    """An interface of Google that is switched on: again is no error, and off only where that is asked."""

    def create(self, cloud: Cloud, inputs: Properties) -> Made:
        parts = self.parts(cloud, inputs)
        document = self._document(cloud, parts)
        cloud.put(self.name(parts), self.token, document)
        return self.made(cloud, self.id.format_map(parts), parts, document, inputs, inputs)

    def update(self, cloud: Cloud, id: str, old: Properties, new: Properties) -> Made:
        return self.create(cloud, new)

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        if inputs.get("disableOnDestroy"):
            super().delete(cloud, id, inputs)
        elif parts := self.parsed(cloud, id):
            cloud.world.put(KEPT + self.name(parts), "kept", {"why": _ENABLED})

    def _document(self, cloud: Cloud, parts: Parts) -> Document:
        name = f"projects/{cloud.number}/services/{parts['service']}"
        return {"name": name, "config": {"name": parts["service"]}, "state": "ENABLED"}


@dataclass(frozen=True)
class Bucket(Kind):
    """Names are global; one that holds objects goes only where forceDestroy says so."""

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        objects = cloud.world.blobs(f"{id}/")
        if objects and not inputs.get("forceDestroy"):
            message = (
                f"Error trying to delete bucket {id} containing objects without force_destroy set to true"
            )
            raise Refused("ABORTED", message)
        for path in objects:
            cloud.world.remove_blob(path)
        super().delete(cloud, id, inputs)


@dataclass(frozen=True)
class Version(Kind):
    """A secret's value: the next number of the secret, the value itself never shown."""

    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        found = super().parts(cloud, inputs)
        found["secret"] = cloud.canonical(found.get("secret", ""))
        return found

    def change(self) -> Change:
        return Change(frozenset({"secret", "secretData", "secretDataWoVersion", "isSecretDataBase64"}))

    def fresh(self, cloud: Cloud, parts: Parts) -> str:
        """A secret that was made anew counts from its beginning."""
        made = cloud.there(parts["secret"])["createTime"]
        return str(cloud.world.count(f"versions {parts['secret']} {made}"))

    def before(self, cloud: Cloud, parts: Parts, inputs: Properties) -> None:
        value = inputs.get("secretData") or inputs.get("secretDataWo")
        if value is None:
            raise Refused("INVALID_ARGUMENT", "Secret Payload cannot be empty.")
        content = base64.b64decode(value) if inputs.get("isSecretDataBase64") else str(value).encode()
        cloud.world.put_blob(f"~secrets/{self.name(parts)}/payload", content, {})


def _identity(cloud: Cloud, parts: Parts, document: Document) -> Mapping[str, Any]:
    """The account that a service of Google acts as (cloud.google.com/iam/docs/service-agents)."""
    agent = {
        "aiplatform.googleapis.com": "gcp-sa-aiplatform",
        "cloudbuild.googleapis.com": "gcp-sa-cloudbuild",
    }
    host = agent.get(parts["service"], "gcp-sa-" + parts["service"].partition(".")[0])
    email = f"service-{cloud.number}@{host}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


def _bucket(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    since = (old or {}).get("timeCreated") or now()
    document |= {
        "kind": "storage#bucket",
        "id": parts["name"],
        "name": parts["name"],
        "projectNumber": cloud.number,
        "timeCreated": since,
        "updated": since,
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{parts['name']}",
    }
    document["location"] = str(document.get("location") or "US").upper()
    document.setdefault("storageClass", "STANDARD")
    access = document.setdefault("iamConfiguration", {})
    access.setdefault("uniformBucketLevelAccess", {"enabled": False})
    access.setdefault("publicAccessPrevention", "inherited")
    document.setdefault("softDeletePolicy", {"retentionDurationSeconds": 604800})


def _repository(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = (
        f"projects/{parts['project']}/locations/{parts['location']}/repositories/{parts['repositoryId']}"
    )
    document["createTime"] = document["updateTime"] = (old or {}).get("createTime") or now()
    host = f"{parts['location']}-{str(document.get('format', 'docker')).lower()}.pkg.dev"
    document["registryUri"] = f"{host}/{parts['project']}/{parts['repositoryId']}"


def _account(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    email = f"{parts['accountId']}@{parts['project']}.iam.gserviceaccount.com"
    document |= {
        "name": f"projects/{parts['project']}/serviceAccounts/{email}",
        "projectId": parts["project"],
        "email": email,
        "uniqueId": (old or {}).get("uniqueId") or number(email, 21),
    }


def _planned_account(cloud: Cloud, inputs: Properties) -> Properties:
    id, project = inputs.get("accountId"), inputs.get("project", cloud.project)
    if not (isinstance(id, str) and isinstance(project, str)):
        return {}
    email = f"{id}@{project}.iam.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    return {"email": email, "member": f"serviceAccount:{email}", "name": name}


def _secret(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = f"projects/{cloud.number}/secrets/{parts['secretId']}"
    document["createTime"] = (old or {}).get("createTime") or now()


def _version(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = (
        f"projects/{cloud.number}/secrets/{parts['secret'].rpartition('/')[2]}/versions/{parts['version']}"
    )
    document["createTime"] = (old or {}).get("createTime") or now()
    document["state"] = "ENABLED" if document.pop("enabled", True) else "DISABLED"


def _object(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"], document["bucket"] = parts["name"], parts["bucket"]


def _key(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["name"] = f"{parts['keyRing']}/cryptoKeys/{parts['name']}"
    document["createTime"] = (old or {}).get("createTime") or now()
    document.setdefault("primary", {"name": f"{document['name']}/cryptoKeyVersions/1", "state": "ENABLED"})
    document.setdefault("destroyScheduledDuration", "2592000s")


@dataclass(frozen=True)
class Lasting(Kind):
    """What cannot be deleted: it leaves the stack and stays, and a create of the same name meets it."""

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        if (parts := self.parsed(cloud, id)) and cloud.get(self.name(parts)) is not None:
            cloud.world.put(KEPT + self.name(parts), "kept", {"why": KEY_RING})


def _shown_account(cloud: Cloud, parts: Parts, document: Document) -> Mapping[str, Any]:
    return {
        "accountId": parts["email"].partition("@")[0] if "email" in parts else parts["accountId"],
        "member": f"serviceAccount:{document['email']}",
        "name": document["name"],
    }


@dataclass(frozen=True)
class Account(Kind):
    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        found = super().parts(cloud, inputs)
        if "email" in found:
            found["accountId"] = found["email"].partition("@")[0]
        elif "accountId" in found:
            found["email"] = f"{found['accountId']}@{found['project']}.iam.gserviceaccount.com"
        return found

    def change(self) -> Change:
        return Change(frozenset({"accountId", "project"}))


FOUNDATIONS = (
    Service(
        "projects/service:Service",
        "{project}/{service}",
        document="projects/{project}/services/{service}",
        own=frozenset(
            {"service", "disableOnDestroy", "disableDependentServices", "checkIfServiceHasUsageOnDestroy"}
        ),
    ),
    Service(
        "projects/serviceIdentity:ServiceIdentity",
        "projects/{project}/services/{service}",
        document="projects/{project}/services/{service}/identity",
        own=frozenset({"service"}),
        shown=_identity,
    ),
    Account(
        "serviceaccount/account:Account",
        "projects/{project}/serviceAccounts/{email}",
        own=frozenset({"accountId", "createIgnoreAlreadyExists"}),
        finish=_account,
        shown=_shown_account,
        planned=_planned_account,
    ),
    Bucket(
        "storage/bucket:Bucket",
        "{name}",
        document="b/{name}",
        made_up="name",
        own=frozenset({"name", "forceDestroy"}),
        replace=frozenset(
            {"location", "project", "enableObjectRetention", "hierarchicalNamespace", "customPlacementConfig"}
        ),
        names={
            "uniformBucketLevelAccess": "iamConfiguration.uniformBucketLevelAccess.enabled",
            "publicAccessPrevention": "iamConfiguration.publicAccessPrevention",
            "lifecycleRules": "lifecycle.rule",
            "requesterPays": "billing.requesterPays",
            "encryption": "encryption",
        },
        inner={
            "matchesStorageClasses": "matchesStorageClass",
            "matchesPrefixes": "matchesPrefix",
            "matchesSuffixes": "matchesSuffix",
            "sendAgeIfZero": "~sendAgeIfZero",
        },
        finish=_bucket,
        shown=lambda cloud, parts, document: {
            "url": f"gs://{parts['name']}",
            "projectNumber": int(cloud.number),
            "name": parts["name"],
        },
    ),
    Kind(
        "artifactregistry/repository:Repository",
        "projects/{project}/locations/{location}/repositories/{repositoryId}",
        own=frozenset({"location", "repositoryId"}),
        replace=frozenset({"format", "kmsKeyName", "mode", "remoteRepositoryConfig"}),
        usual={"mode": "STANDARD_REPOSITORY"},
        finish=_repository,
        shown=lambda cloud, parts, document: {"name": parts["repositoryId"]},
        planned=lambda cloud, inputs: {"name": inputs.get("repositoryId", UNKNOWN)},
    ),
    Kind(
        "secretmanager/secret:Secret",
        "projects/{project}/secrets/{secretId}",
        own=frozenset({"secretId", "deletionProtection"}),
        # where it is kept cannot be changed, and the key that it is encrypted with can
        replace=frozenset({"replication.userManaged.replicas.location", "tags"}),
        inner={"auto": "automatic", "kmsKeyName": "kmsKeyName"},
        finish=_secret,
        shown=lambda cloud, parts, document: {"effectiveAnnotations": document.get("annotations") or {}},
        planned=lambda cloud, inputs: {"effectiveAnnotations": inputs.get("annotations", {})},
    ),
    Version(
        "secretmanager/secretVersion:SecretVersion",
        "{secret}/versions/{version}",
        server="version",
        own=frozenset({"secret", "isSecretDataBase64", "secretDataWoVersion"}),
        secrets=frozenset({"secretData", "secretDataWo"}),
        usual={"enabled": True},
        finish=_version,
        shown=lambda cloud, parts, document: {
            "version": parts["version"],
            "name": document["name"],
            "enabled": document["state"] == "ENABLED",
        },
    ),
    Lasting(
        "kms/keyRing:KeyRing",
        "projects/{project}/locations/{location}/keyRings/{name}",
        made_up="name",
        own=frozenset({"name", "location"}),
        kept=KEY_RING,
        finish=lambda cloud, parts, document, old: document.update(
            name=f"projects/{parts['project']}/locations/{parts['location']}/keyRings/{parts['name']}"
        ),
    ),
    Lasting(
        "kms/cryptoKey:CryptoKey",
        "{keyRing}/cryptoKeys/{name}",
        made_up="name",
        own=frozenset({"keyRing", "name", "skipInitialVersionCreation"}),
        replace=frozenset(
            {
                "cryptoKeyBackend",
                "destroyScheduledDuration",
                "importOnly",
                "purpose",
                "versionTemplate.protectionLevel",
            }
        ),
        usual={"purpose": "ENCRYPT_DECRYPT"},
        kept=KEY_RING,
        finish=_key,
        shown=lambda cloud, parts, document: {"primaries": [document["primary"]]},
    ),
)
