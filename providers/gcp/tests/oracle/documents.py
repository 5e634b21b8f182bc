"""The document that the making of a resource leaves in the cloud, parsed strictly as its message where
Google's packages have one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from google.cloud import aiplatform_v1
from google.protobuf import json_format

from mlstack.testing import Registered

from .held import Step

Body = dict[str, Any]

#: Word of a type -> message of google-cloud-aiplatform 2.7.0 that its document is.
MESSAGES: Mapping[str, str] = {
    "AiEndpoint": "Endpoint",
    "AiPersistentResource": "PersistentResource",
    "AiTensorboard": "Tensorboard",
    "Deployment": "DeployedModel",
    "Model": "Model",
    "Job": "CustomJob",
    "PipelineSchedule": "Schedule",
    "MonitoringJob": "ModelDeploymentMonitoringJob",
}


def strict(word: str, body: Mapping[str, Any]) -> Body:
    """In proto's own JSON. ParseError: the message has no such field, or takes no such value."""
    name = MESSAGES.get(word)
    if name is None:
        return dict(body)
    message = getattr(aiplatform_v1, name).pb()
    found = json_format.ParseDict(dict(body), message(), ignore_unknown_fields=False)
    return dict(json_format.MessageToDict(found))


def document(resource: Registered, step: Step) -> Body:
    """LookupError: there is none."""
    word = resource.type.rpartition(":")[2]
    return strict(word, _READERS.get(word, _made)(resource, step))


def _made(resource: Registered, step: Step) -> Body:
    """The one document that came to be."""
    found = [body for _, body in step.new.values()]
    if len(found) != 1:
        raise LookupError(f"{resource.type} {resource.name} made {len(found)} documents")
    return {key: value for key, value in found[0].items() if not key.startswith("~")}


def _deployed(resource: Registered, step: Step) -> Body:
    (id,) = (id for id in step.new if "/endpoints/" in id)
    before = step.before[id][1].get("deployedModels", [])
    (found,) = (one for one in step.after[id][1]["deployedModels"] if one not in before)
    return dict(found)


def _traffic(resource: Registered, step: Step) -> Body:
    """What changed of the endpoint, with names in the place of the deployed models' ids."""
    (id,) = (id for id in step.new if "/endpoints/" in id)
    endpoint = step.after[id][1]
    names = {one["id"]: named(one["displayName"]) for one in endpoint["deployedModels"]}
    changed = {key: one for key, one in endpoint.items() if one != step.before[id][1].get(key)}
    split = {names[key]: value for key, value in changed.pop("trafficSplit", {}).items()}
    changed.pop("updateTime", None)
    return {"trafficSplit": split, **changed}


def named(display: str) -> str:
    """A name without the hash at its end."""
    return re.sub(r"-[0-9a-f]{8}$", "", display)


def _version(resource: Registered, step: Step) -> Body:
    (id,) = (id for id in step.new if "/models/" in id)
    before = step.before.get(id, ("", {}))[1].get("~versions", {})
    (found,) = (one for key, one in step.after[id][1]["~versions"].items() if key not in before)
    # the platform gives it to whichever came first
    return {**found, "versionAliases": [one for one in found["versionAliases"] if one != "default"]}


def _objects(resource: Registered, step: Step) -> Body:
    """What was written, and the metadata of the first: the list of the others."""
    first, *_ = sorted(step.more)
    return {"objects": sorted(step.more), "metadata": json.loads(step.more[first].get("metadata", "{}"))}


def _grant(resource: Registered, step: Step) -> Body:
    """On what, which role, to whom."""
    found = []
    for id, (kind, body) in step.new.items():
        if kind == "iam":
            before = _pairs(step.before.get(id, ("", {}))[1])
            found += [{"on": id.removeprefix("iam/"), **dict(one)} for one in _pairs(body) - before]
    if len(found) != 1:
        raise LookupError(f"{resource.type} {resource.name} made {len(found)} grants")
    return dict(found[0])


def _pairs(policy: Mapping[str, Any]) -> set[tuple[tuple[str, str], ...]]:
    return {
        (("role", one["role"]), ("member", member), ("condition", str(one.get("condition", ""))))
        for one in policy.get("bindings", ())
        for member in one["members"]
    }


def _build(resource: Registered, step: Step) -> Body:
    (found,) = (body for kind, body in step.new.values() if kind == "cloudbuild:Build")
    return dict(found)


def _schedule(resource: Registered, step: Step) -> Body:
    """With the jobs of its steps read as messages: the launcher of Google's components gets them as text."""
    made = deepcopy(_made(resource, step))
    spec = made["createPipelineJobRequest"]["pipelineJob"]["pipelineSpec"]
    for executor in spec["deploymentSpec"]["executors"].values():
        args = executor["container"]["args"]
        at = args.index("--payload") + 1
        args[at] = strict("Job", json.loads(args[at]))
    return made


def _secret(resource: Registered, step: Step) -> Body:
    """With what was written: the document does not have it."""
    (id,) = (id for id in step.new if "/versions/" in id)
    return {**step.after[id][1], "payloads": len(step.more)}


_READERS: Mapping[str, Callable[[Registered, Step], Body]] = {
    "Deployment": _deployed,
    "Traffic": _traffic,
    "Model": _version,
    "Upload": _objects,
    "Image": _build,
    "PipelineSchedule": _schedule,
    "SecretVersion": _secret,
    **dict.fromkeys(
        ("IAMMember", "BucketIAMMember", "SecretIamMember", "RepositoryIamMember", "CryptoKeyIAMMember"),
        _grant,
    ),
}
