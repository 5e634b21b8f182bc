"""The model registry: uploads, versions, aliases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlstack_gcp.rehearsal import messages, operations
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now, number
from mlstack_gcp.rehearsal.refusals import Refused, invalid, missing

KIND = "aiplatform:Model"


def _upload(cloud: Cloud, said: Document) -> Document:
    """A new model, or a new version of one that is there: the newest is what the model's own name means."""
    document = dict(said.get("model") or {})
    problems = [f"{path}: {text}" for path, text, _ in cloud.judge(KIND, document)]
    if problems:
        raise invalid("; ".join(problems))
    parent = said.get("parentModel")
    base = cloud.canonical(said["parent"])
    with cloud.world.transaction():
        if parent:
            name = cloud.canonical(parent if "/" in parent else f"{base}/models/{parent}").partition("@")[0]
            cloud.there(name)
        else:
            id = said.get("modelId") or number(f"model {cloud.world.count('models')}", 19)
            name = f"{base}/models/{id}"
        versions = dict((cloud.get(name) or {}).get("~versions") or {})
        if cloud.get(name) is not None and not parent:
            raise Refused("ALREADY_EXISTS", f"Model {name} already exists.")
        version = str(cloud.world.count(f"versions {name}"))
        aliases = [one for one in document.get("versionAliases", []) if one != "default"]
        default = not versions or "default" in document.get("versionAliases", [])
        for one in versions.values():  # an alias is one version's
            taken = {*aliases, *(["default"] if default else [])}
            one["versionAliases"] = [each for each in one.get("versionAliases", []) if each not in taken]
        document |= {
            "name": cloud.numbered(name),
            "versionId": version,
            "versionAliases": [*(["default"] if default else []), *aliases],
            "createTime": now(),
            "updateTime": now(),
            "versionCreateTime": now(),
            "versionUpdateTime": now(),
            "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES", "SHARED_RESOURCES"],
        }
        versions[version] = messages.strict("Model", cloud.numbered(document))
        keep(cloud, name, versions)
    response = {"model": cloud.numbered(name), "modelVersionId": version}
    return operations.vertex(cloud, name, "UploadModel", response, "UploadModelResponse")


def keep(cloud: Cloud, name: str, versions: Mapping[str, Document]) -> None:
    default = next(
        (one for one in versions.values() if "default" in one.get("versionAliases", [])),
        versions[max(versions, key=int)],
    )
    cloud.put(name, KIND, {**default, "~versions": dict(versions)})


def found(cloud: Cloud, name: str) -> tuple[str, Document]:
    """A version of a model by "name@version" or "name@alias", else the default one, with its plain name."""
    base, _, version = cloud.canonical(name).partition("@")
    versions = cloud.there(base).get("~versions") or {}
    document: Document | None = cloud.there(base)
    if version:
        document = versions.get(version) or next(
            (one for one in versions.values() if version in one.get("versionAliases", [])), None
        )
    if document is None:
        raise missing(name)
    plain = {key: one for key, one in document.items() if key != "~versions"}
    deployed = list(_deployed(cloud, base, plain.get("versionId")))
    return base, plain | ({"deployedModels": deployed} if deployed else {})


def _deployed(cloud: Cloud, name: str, version: Any = None) -> Any:
    for _, endpoint in cloud.of("vertex/aiEndpoint:AiEndpoint"):
        for one in endpoint.get("deployedModels", []):
            same = cloud.canonical(one["model"]).partition("@")[0] == name
            if same and (version is None or one.get("modelVersionId", "1") == version):
                yield {"endpoint": endpoint["name"], "deployedModelId": one["id"]}


def _versions(cloud: Cloud, said: Document) -> Document:
    base = cloud.canonical(said["name"]).partition("@")[0]
    return {"models": list((cloud.there(base).get("~versions") or {}).values())}


def _update(cloud: Cloud, said: Document) -> Document:
    new = said.get("model") or {}
    base, _, asked = cloud.canonical(new["name"]).partition("@")
    with cloud.world.transaction():
        there = cloud.there(base)
        version = asked if asked.isdigit() else found(cloud, new["name"])[1]["versionId"]
        versions = there["~versions"]
        old = versions[version]
        mask = said.get("updateMask") or ",".join(key for key in new if key not in ("name", "etag"))
        document = messages.masked("Model", old, new, mask)
        versions[version] = document | {"name": old["name"], "versionId": version, "updateTime": now()}
        keep(cloud, base, versions)
    return found(cloud, f"{base}@{version}")[1]


def _aliases(cloud: Cloud, said: Document) -> Document:
    base = cloud.canonical(said["name"]).partition("@")[0]
    with cloud.world.transaction():
        versions = cloud.there(base)["~versions"]
        version = found(cloud, said["name"])[1]["versionId"]
        for change in said.get("versionAliases", []):
            alias = change.lstrip("-")
            if change.startswith("-"):
                if alias == "default":
                    raise invalid("The default alias cannot be removed; give it to another version.")
                left = [one for one in versions[version].get("versionAliases", []) if one != alias]
                versions[version]["versionAliases"] = left
                continue
            for one in versions.values():
                one["versionAliases"] = [each for each in one.get("versionAliases", []) if each != alias]
            versions[version]["versionAliases"].append(alias)
        keep(cloud, base, versions)
    return found(cloud, f"{base}@{version}")[1]


def _delete_version(cloud: Cloud, said: Document) -> Document:
    base, document = found(cloud, said["name"])
    with cloud.world.transaction():
        versions = cloud.there(base)["~versions"]
        version = document["versionId"]
        if list(_deployed(cloud, base, version)):
            raise _in_use(said["name"])
        if len(versions) == 1 or "default" in versions[version].get("versionAliases", []):
            raise Refused(
                "FAILED_PRECONDITION",
                f"Model version {said['name']} is the default; delete the model instead.",
            )
        del versions[version]
        keep(cloud, base, versions)
    return operations.vertex(cloud, base, "DeleteModelVersion", {}, operations.EMPTY)


def _delete(cloud: Cloud, said: Document) -> Document:
    base = cloud.canonical(said["name"])
    cloud.remove(base, KIND)
    return operations.vertex(cloud, base, "DeleteModel", {}, operations.EMPTY)


def _in_use(name: str) -> Refused:
    return Refused(
        "FAILED_PRECONDITION", f"The Model {name} is deployed or being deployed; undeploy it first."
    )


def _get(cloud: Cloud, said: Document) -> Document:
    return found(cloud, said["name"])[1]


CALLS: Mapping[str, tuple[Callable[[Cloud, Document], Document], str]] = {
    "UploadModel": (_upload, ""),
    "GetModel": (_get, "Model"),
    "ListModelVersions": (_versions, "ListModelVersionsResponse"),
    "UpdateModel": (_update, "Model"),
    "MergeVersionAliases": (_aliases, "Model"),
    "DeleteModelVersion": (_delete_version, ""),
    "DeleteModel": (_delete, ""),
}
