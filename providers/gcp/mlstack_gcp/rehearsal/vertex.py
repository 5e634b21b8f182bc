"""Vertex AI's REST interface: what is kept in collections, by one table; verbs are in their own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal import (
    deploying,
    jobs,
    messages,
    models,
    monitoring,
    operations,
    predicting,
    routes,
)
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now, number
from mlstack_gcp.rehearsal.kinds.vertex import dedicated
from mlstack_gcp.rehearsal.refusals import Refused, invalid

_PAGE = 100


@dataclass(frozen=True)
class Resource:
    """A message that is kept. ``long`` are the verbs that begin an operation; ``own`` is the request's field
    with the id that the caller wants. ``masked`` is an update of its own kind, ``after`` what
    else is done."""

    message: str
    collection: str
    kind: str = ""
    long: frozenset[str] = frozenset({"Delete"})
    own: str = ""
    begins: Mapping[str, Any] | None = None
    masked: Callable[[Mapping[str, Any], Mapping[str, Any], str], Document] | None = None
    after: Callable[[Cloud, str, str, Mapping[str, Any]], None] = lambda cloud, verb, name, document: None

    @property
    def field(self) -> str:
        return self.message[0].lower() + self.message[1:]

    @property
    def token(self) -> str:
        return self.kind or f"aiplatform:{self.message}"


_ALL = frozenset({"Create", "Delete"})
RESOURCES = (
    Resource("Endpoint", "endpoints", "vertex/aiEndpoint:AiEndpoint", _ALL, "endpointId"),
    Resource("Model", "models"),
    Resource("CustomJob", "customJobs", begins=jobs.BEGINS),
    Resource("BatchPredictionJob", "batchPredictionJobs", begins=jobs.BEGINS),
    Resource("PipelineJob", "pipelineJobs", own="pipelineJobId", begins=jobs.PIPELINE),
    Resource("Schedule", "schedules", begins={"state": "ACTIVE"}),
    Resource(
        "ModelDeploymentMonitoringJob",
        "modelDeploymentMonitoringJobs",
        long=frozenset({"Update", "Delete"}),
        begins=monitoring.BEGINS,
        masked=monitoring.masked,
        after=monitoring.linked,
    ),
    Resource(
        "PersistentResource",
        "persistentResources",
        "vertex/aiPersistentResource:AiPersistentResource",
        _ALL | {"Update"},
        "persistentResourceId",
        {"state": "RUNNING"},
    ),
    Resource(
        "DeploymentResourcePool",
        "deploymentResourcePools",
        "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
        _ALL | {"Update"},
        "deploymentResourcePoolId",
    ),
    Resource(
        "MetadataStore", "metadataStores", "vertex/aiMetadataStore:AiMetadataStore", _ALL, "metadataStoreId"
    ),
    Resource("Tensorboard", "tensorboards", "vertex/aiTensorboard:AiTensorboard", _ALL | {"Update"}),
)
_BY_MESSAGE: Mapping[str, Resource] = {one.message: one for one in RESOURCES}
_CALL = re.compile(r"(Create|Get|List|Update|Delete)([A-Z]\w+)")
Call = Callable[[Cloud, Document], Document]

#: Calls that are no plain keeping: what they do, and the message of their answer ("" for none).
_CALLS: Mapping[str, tuple[Call, str]] = {
    **deploying.CALLS,
    **models.CALLS,
    **jobs.CALLS,
    **monitoring.CALLS,
    **predicting.CALLS,
}


def serve(cloud: Cloud, request: Request) -> Answer | None:
    """An answer of Vertex AI; None when the path is none of its own."""
    if found := operations.serve(cloud, request):
        return found
    if found := predicting.raw(cloud, request):
        return found
    route = routes.find(request)
    if route is None:
        return None
    said = routes.said(*route, request)
    call = route[0].call
    if call in _CALLS:
        act, message = _CALLS[call]
        answer = act(cloud, said)
        if message:
            answer = messages.strict(message, answer)
        return Answer.json(200, answer)
    match = _CALL.fullmatch(call)
    resource = match and (_BY_MESSAGE.get(match[2]) or _plural(match[2]))
    if not match or not resource:
        raise Refused("UNIMPLEMENTED", f"the rehearsal does not know the call {call}")
    return Answer.json(200, _VERBS[match[1]](cloud, resource, said))


def _plural(name: str) -> Resource | None:
    return next((one for one in RESOURCES if one.collection.lower() == name.lower()), None)


def _create(cloud: Cloud, resource: Resource, said: Document) -> Document:
    parent = cloud.canonical(said["parent"])
    document = dict(said.get(resource.field) or {})
    id = str(said.get(resource.own) or "") if resource.own else ""
    id = id or number(f"{resource.token} {cloud.world.count(f'made {resource.token}')}", 19)
    name = f"{parent}/{resource.collection}/{id}"
    _judge(cloud, resource, {**document, "name": id})
    document |= {"name": name, "createTime": now(), "updateTime": now(), **(resource.begins or {})}
    if resource.message == "Endpoint" and document.get("dedicatedEndpointEnabled"):
        document["dedicatedEndpointDns"] = dedicated(cloud, id, name.split("/")[3])
    made = _kept(resource.message, cloud.numbered(document))
    cloud.make(name, resource.token, made)
    resource.after(cloud, "Create", name, made)
    return _answered(cloud, resource, "Create", name, made)


def _get(cloud: Cloud, resource: Resource, said: Document) -> Document:
    if resource.message == "Model":
        return messages.strict("Model", models.found(cloud, said["name"])[1])
    return messages.strict(resource.message, jobs.looked_at(cloud, resource.token, said["name"]))


def _list(cloud: Cloud, resource: Resource, said: Document) -> Document:
    under = f"{cloud.canonical(said['parent'])}/{resource.collection}/"
    found = [one for id, one in cloud.of(resource.token, under) if "/" not in id[len(under) :]]
    found = [{key: value for key, value in one.items() if not key.startswith("~")} for one in found]
    found = [one for one in found if wanted(one, said.get("filter", ""))]
    first, size = int(said.get("pageToken") or 0), int(said.get("pageSize") or _PAGE)
    answer: Document = {resource.collection: found[first : first + size]}
    if first + size < len(found):
        answer["nextPageToken"] = str(first + size)
    many = resource.collection[0].upper() + resource.collection[1:]
    return messages.strict(f"List{many}Response", answer)


def _update(cloud: Cloud, resource: Resource, said: Document) -> Document:
    new = said.get(resource.field) or {}
    name = new["name"]
    with cloud.world.transaction():
        old = cloud.there(name)
        mask = said.get("updateMask", "")
        if not mask and resource.message != "Schedule":
            mask = ",".join(key for key in new if key not in ("name", "etag"))
        new = cloud.numbered(new)
        if resource.masked:
            document = resource.masked(old, new, mask)
        else:
            document = messages.masked(resource.message, old, new, mask)
        _judge(cloud, resource, {**document, "name": name.rpartition("/")[2]})
        document |= {"name": old["name"], "updateTime": now()}
        made = _kept(resource.message, document)
        cloud.change(name, resource.token, made)
    return _answered(cloud, resource, "Update", name, made)


def _delete(cloud: Cloud, resource: Resource, said: Document) -> Document:
    name = said["name"]
    document = cloud.there(name)
    cloud.remove(name, resource.token)
    resource.after(cloud, "Delete", name, document)
    return operations.vertex(cloud, name, f"Delete{resource.message}", {}, operations.EMPTY)


_VERBS = {"Create": _create, "Get": _get, "List": _list, "Update": _update, "Delete": _delete}


def _answered(cloud: Cloud, resource: Resource, verb: str, name: str, made: Document) -> Document:
    if verb in resource.long:
        return operations.vertex(cloud, name, f"{verb}{resource.message}", made, resource.message)
    return made


def _kept(message: str, document: Document) -> Document:
    fields = {one.json_name for one in messages.message(message).DESCRIPTOR.fields}
    return messages.strict(message, {key: one for key, one in document.items() if key in fields})


def _judge(cloud: Cloud, resource: Resource, document: Document) -> None:
    """Refused INVALID_ARGUMENT: a rule will not have it."""
    kinds = dict.fromkeys((resource.token, f"aiplatform:{resource.message}"))
    problems = [f"{path}: {text}" for kind in kinds for path, text, _ in cloud.judge(kind, document)]
    if problems:
        raise invalid("; ".join(problems))


_TERM = re.compile(r'([\w.-]+)\s*(!?=|:)\s*("(?:[^"\\]|\\.)*"|[^\s"]+)')


def wanted(document: Document, text: str) -> bool:
    """A filter of Google's lists (google.aip.dev/160), as far as the calls here use it: terms by AND.
    Refused INVALID_ARGUMENT: it is more than that."""
    rest = re.sub(r"\s+AND\s+", " ", _TERM.sub("", text)).replace("AND", "").strip()
    if rest:
        raise invalid(f"Invalid filter: {text!r}.")
    return all(_holds(document, *term) for term in _terms(text))


def _terms(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _TERM.finditer(text):
        yield match[1], match[2], match[3].strip('"').replace('\\"', '"')


def _holds(document: Document, path: str, sign: str, wants: str) -> bool:
    value: Any = document
    for step in path.split("."):
        value = (value.get(step, value.get(messages.camel(step)))) if isinstance(value, dict) else None
    if sign == ":":
        return value is not None and (wants == "*" or wants in str(value))
    same = str(value) == wants
    return same if sign == "=" else not same
