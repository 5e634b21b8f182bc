"""What a spec calls existing: there before the stack, and after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlstack_gcp.rehearsal import messages
from mlstack_gcp.rehearsal.cloud import SEEDED, Cloud, now, number
from mlstack_gcp.rehearsal.kinds import KINDS

_URI = re.compile(r"gs://([^/]+)(?:/(.*))?")
_EMAIL = re.compile(r"([a-z0-9-]+)@([a-z0-9-]+)\.iam\.gserviceaccount\.com")
#: A resource by its name: which type of pulumi-gcp, or which message, a collection holds.
_COLLECTIONS: Mapping[str, str] = {
    "endpoints": "Endpoint",
    "models": "Model",
    "deploymentResourcePools": "DeploymentResourcePool",
    "persistentResources": "PersistentResource",
    "customJobs": "CustomJob",
    "pipelineJobs": "PipelineJob",
    "schedules": "Schedule",
    "tensorboards": "Tensorboard",
}
_TYPES: Mapping[str, str] = {
    "networks": "compute/network:Network",
    "subnetworks": "compute/subnetwork:Subnetwork",
    "secrets": "secretmanager/secret:Secret",
    "repositories": "artifactregistry/repository:Repository",
    "keyRings": "kms/keyRing:KeyRing",
    "cryptoKeys": "kms/cryptoKey:CryptoKey",
    "serviceAccounts": "serviceaccount/account:Account",
    "notificationChannels": "monitoring/notificationChannel:NotificationChannel",
}
#: A kind of the spec whose ``existing`` may be a bare name or number: its collection on Vertex AI.
_KINDS: Mapping[str, str] = {"endpoints": "endpoints", "models": "models", "compute": "persistentResources"}


def seed(cloud: Cloud, settings: Any, existing: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Have it there. Repeating changes nothing that is there."""
    account = getattr(settings, "service_account", None)
    if account:
        _account(cloud, str(account))
    for kind, fields in existing:
        for of, name in _bare(kind, fields):
            if isinstance(name, str) and name not in ("auto", ""):
                _named(cloud, of, name)
        for value in _texts(fields):
            _by_name(cloud, value)


def _bare(kind: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a spec may name without its path, and the kind of that."""
    yield kind, fields.get("existing")
    yield "secrets", fields.get("secretmanager")
    if kind == "workspace":
        yield kind, fields.get("storage")
    if kind == "models":
        yield kind, fields.get("registry")
    for deployment in (fields.get("deployments") or {}).values():
        if isinstance(model := deployment.get("model"), Mapping):
            yield "models", model.get("registry")


def _named(cloud: Cloud, kind: str, name: str) -> None:
    if "/" in name or ".iam.gserviceaccount.com" in name:
        return  # whole names are found among all texts
    name, _, version = name.replace("@", ":").partition(":")  # of a secret, and of a model
    if kind in _KINDS:
        id = number(name, 10) if kind == "endpoints" and not name.isdigit() else name
        at = f"@{version}" if version else ""
        _have_message(
            cloud, f"projects/{cloud.project}/locations/{cloud.region}/{_KINDS[kind]}/{id}{at}", name
        )
    elif kind == "secrets":
        _secret(cloud, f"projects/{cloud.project}/secrets/{name}")
    elif kind == "workspace":
        _bucket(cloud, name)


def _by_name(cloud: Cloud, value: str) -> None:
    if match := _URI.fullmatch(value):
        _bucket(cloud, match[1])
        return
    if match := _EMAIL.fullmatch(value):
        _account(cloud, value)
        return
    whole = value.removeprefix("https://www.googleapis.com/compute/v1/")
    if not re.match(r"projects/[^/]+/", whole):
        return
    steps = cloud.canonical(whole).split("/")
    for end in range(4, len(steps) + 1, 2):  # what it lives in first
        above = "/".join(steps[:end])
        collection = steps[end - 2]
        if collection in ("locations", "global", "regions"):
            continue
        if collection in _COLLECTIONS and "/locations/" in above:
            _have_message(cloud, above, steps[end - 1])
        elif collection == "secrets":
            _secret(cloud, above)
        elif collection in _TYPES:
            _have(cloud, _TYPES[collection], above)
    if "/global/" in whole or "/regions/" in whole:
        for token in (_TYPES["networks"], _TYPES["subnetworks"]):
            if KINDS[token].parsed(cloud, cloud.canonical(whole)):
                _have(cloud, token, cloud.canonical(whole))


def _have(cloud: Cloud, token: str, name: str) -> None:
    kind = KINDS[token]
    parts = kind.parsed(cloud, name)
    if parts is None or cloud.get(kind.name(parts)) is not None:
        return
    cloud.put(kind.name(parts), token, kind.completed(cloud, parts, {}, None))
    _mark(cloud, kind.name(parts))


def _have_message(cloud: Cloud, name: str, title: str) -> None:
    name, _, version = name.partition("@")  # of a model: a version's number, or an alias
    if cloud.get(name) is not None:
        return
    title = title.partition("@")[0]
    message = _COLLECTIONS[name.split("/")[-2]]
    document: dict[str, Any] = {"name": cloud.numbered(name), "createTime": now()}
    if message != "DeploymentResourcePool":
        document["displayName"] = title
    if message == "Model":
        host = f"{cloud.region}-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"
        document |= {
            "versionId": version if version.isdigit() else "1",
            "versionAliases": [
                "default",
                *([version] if version and version != "default" and not version.isdigit() else []),
            ],
            "containerSpec": {"imageUri": host},
            "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES"],
        }
    if message == "PersistentResource":  # a job on it has the same machine
        document["resourcePools"] = [{"machineSpec": {"machineType": "n1-standard-4"}, "replicaCount": "1"}]
    token = {
        "Endpoint": "vertex/aiEndpoint:AiEndpoint",
        "DeploymentResourcePool": "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
        "PersistentResource": "vertex/aiPersistentResource:AiPersistentResource",
        "Tensorboard": "vertex/aiTensorboard:AiTensorboard",
    }.get(message, f"aiplatform:{message}")
    made = messages.strict(message, document)
    if message == "Model":
        made["~versions"] = {made["versionId"]: dict(made)}
    cloud.put(name, token, made)
    _mark(cloud, name)


def _bucket(cloud: Cloud, name: str) -> None:
    _have(cloud, "storage/bucket:Bucket", name)


def _account(cloud: Cloud, email: str) -> None:
    match = _EMAIL.fullmatch(email)
    project = match[2] if match else cloud.project
    _have(cloud, "serviceaccount/account:Account", f"projects/{project}/serviceAccounts/{email}")


def _secret(cloud: Cloud, name: str) -> None:
    if cloud.get(name) is not None:
        return
    _have(cloud, "secretmanager/secret:Secret", name)
    version = f"{cloud.canonical(name)}/versions/1"
    cloud.world.count(f"versions {cloud.canonical(name)}")
    cloud.put(
        version,
        "secretmanager/secretVersion:SecretVersion",
        {"name": version, "state": "ENABLED", "createTime": now()},
    )
    cloud.world.put_blob(f"~secrets/{version}/payload", b"rehearsal", {})
    _mark(cloud, version)


def _mark(cloud: Cloud, name: str) -> None:
    cloud.world.put(SEEDED + cloud.canonical(name), "seeded", {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
