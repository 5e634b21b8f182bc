"""The REST door: Azure Resource Manager, blobs and scoring over one emulated cloud, as a WSGI application."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal import actions, blobs, ids, jobruns, models, operations, places, score
from mlstack_azure.rehearsal.bodies import plain, to_inputs
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.http import etag, preconditions, refusal

_PAGE = 20
_JOB = "machinelearningservices:Job"
_ENDPOINTS = ("machinelearningservices:OnlineEndpoint", "machinelearningservices:BatchEndpoint")
_METRICS = re.compile(r"(.+)/providers/microsoft\.insights/metrics", re.IGNORECASE)


class Door:
    """ARM at /, blobs at /blob/<account>/<container>/<path>, scoring at /score/<endpoint>."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request.of(environ)
        try:
            answer = self._answer(request)
        except CloudFault as fault:
            answer = refusal(fault)
        return answer.send(start_response, request.method)

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith("/blob/"):
            return blobs.serve(self._cloud, request)
        if request.path.startswith("/score/"):
            return score.serve(self._cloud, request)
        if not request.query.get("api-version"):
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise CloudFault(400, "MissingApiVersionParameter", message)
        special = operations.poll(self._cloud, request) or places.serve(self._cloud, request)
        if special is not None:
            return special
        if match := _METRICS.fullmatch(request.path):
            return self._metrics(match[1], request)
        verbs: dict[str, Callable[[Request], Answer]] = {
            "GET": self._get,
            "HEAD": self._get,
            "PUT": self._put,
            "PATCH": self._patch,
            "DELETE": self._delete,
            "POST": lambda one: actions.act(self._cloud, one),
        }
        if request.method not in verbs:
            raise CloudFault(405, "HttpMethodNotAllowed", f"{request.method} is not allowed.")
        return verbs[request.method](request)

    def _type(self, id: str) -> ids.Type:
        try:
            return ids.parse(id)[0]
        except ids.UnknownType:
            raise CloudFault(
                404, "InvalidResourceType", f"The resource type of {id} could not be found."
            ) from None

    def _shown(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A resource as this door shows it: scoring addresses lead here."""
        if ids.parse(body["id"])[0].kind not in _ENDPOINTS:
            return body
        return body | {"properties": body["properties"] | {"scoringUri": score.address(request.base, body)}}

    def _get(self, request: Request) -> Answer:
        try:
            type = ids.parse(request.path)[0]
        except ids.UnknownType:
            return self._list(request)
        id = "/" + request.path.strip("/")
        body = jobruns.looked_at(self._cloud, id) if type.kind == _JOB else self._cloud.body(id)
        if body is None:
            code = "ResourceGroupNotFound" if type.kind == "resources:ResourceGroup" else "ResourceNotFound"
            raise CloudFault(404, code, f"The Resource '{request.path}' was not found.")
        return Answer.json(200, self._shown(request, body), {"ETag": etag(body)})

    def _list(self, request: Request) -> Answer:
        """A collection, a page at a time, each page with the address of the next."""
        path = request.path.rstrip("/")
        collection = self._collection(path)
        found = [self._shown(request, body) for body in collection if _wanted(request, body)]
        first = int(request.query.get("$skipToken") or request.query.get("$skip") or 0)
        size = int(request.query.get("$top") or _PAGE)
        answer: dict[str, Any] = {"value": found[first : first + size]}
        if first + size < len(found):
            kept = {key: one for key, one in request.query.items() if key not in ("$skip", "$skipToken")}
            query = "&".join(f"{quote(key)}={quote(one)}" for key, one in kept.items())
            answer["nextLink"] = f"{request.base}{quote(path)}?{query}&%24skipToken={first + size}"
        return Answer.json(200, answer)

    def _collection(self, path: str) -> list[dict[str, Any]]:
        try:  # the address of any member tells whether there is such a collection
            type = ids.parse(f"{path}/x")[0]
        except ids.UnknownType:
            wide = re.fullmatch(r"/subscriptions/[^/]+/providers/(.+)", path, re.IGNORECASE)
            kinds = [one.kind for one in ids.TYPES.values() if wide and one.arm.lower() == wide[1].lower()]
            if not kinds:
                raise CloudFault(
                    404, "InvalidResourceType", f"The resource type of {path} could not be found."
                ) from None
            return self._cloud.of(kinds[0])
        above = ids.parent(f"{path}/x")
        if above and "/providers/" in above and self._cloud.body(above) is None:
            raise CloudFault(404, "ResourceNotFound", f"The Resource '{above}' was not found.")
        found = self._cloud.world.under(path + "/")
        return [body for one, kind, body in found if kind == type.kind and "/" not in one[len(path) + 1 :]]

    def _put(self, request: Request) -> Answer:
        id = "/" + request.path.strip("/")
        type, body = self._type(id), plain(request.json())
        with self._cloud.world.transaction():
            now = self._cloud.body(id)
            preconditions(request, etag(now) if now else None)
            self._judge(type, id, body)
            if type.kind == _JOB:
                made, new = jobruns.submitted(self._cloud, id, body)
            else:
                made, new = self._cloud.put(id, body), now is None
        return self._accepted(request, type, id, made, 201 if new else 200)

    def _judge(self, type: ids.Type, id: str, body: dict[str, Any]) -> None:
        """CloudFault 400: a rule, or the platform's own models, will not have it."""
        inputs = to_inputs(type, body, ids.parse(id)[1])
        problems = [(path, message) for path, message, _ in self._cloud.judge(type, inputs)]
        problems += [(one.path, one.message) for one in models.judge(type, inputs)] if not problems else []
        if problems:
            text = "; ".join(f"{path}: {message}" for path, message in problems)
            raise CloudFault(400, "ValidationError", text)

    def _accepted(
        self, request: Request, type: ids.Type, id: str, made: dict[str, Any], status: int
    ) -> Answer:
        shown = self._shown(request, made)
        if type.kind not in operations.LONG:
            return Answer.json(status, shown, {"ETag": etag(made)})
        state = "Creating" if status == 201 else "Updating"
        pending = shown | {"properties": (shown.get("properties") or {}) | {"provisioningState": state}}
        return Answer.json(status, pending, operations.begin(self._cloud, request, id, shown))

    def _patch(self, request: Request) -> Answer:
        """Merge a part into what is there (RFC 7396, as ARM does)."""
        id = "/" + request.path.strip("/")
        type, part = self._type(id), plain(request.json())
        with self._cloud.world.transaction():
            now = self._cloud.body(id)
            if now is None:
                raise CloudFault(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
            preconditions(request, etag(now))
            merged = _merged(now, part)
            self._judge(
                type,
                id,
                {key: merged[key] for key in merged if key not in ("id", "name", "type", "systemData")},
            )
            made = self._cloud.put(id, merged)
        if type.kind in operations.LONG:
            headers = operations.begin(self._cloud, request, id, self._shown(request, made))
            return Answer(202, b"", headers)
        return Answer.json(200, self._shown(request, made), {"ETag": etag(made)})

    def _delete(self, request: Request) -> Answer:
        id = "/" + request.path.strip("/")
        type = self._type(id)
        with self._cloud.world.transaction():
            now = self._cloud.body(id)
            if now is not None:
                preconditions(request, etag(now))
            purge = request.query.get("forceToPurge", "").lower() == "true"
            there = self._cloud.delete(id, purge=purge)
        if not there:
            return Answer(204)
        if type.kind in operations.LONG:
            return Answer(202, b"", operations.begin(self._cloud, request, id))
        return Answer(200)

    def _metrics(self, id: str, request: Request) -> Answer:
        """Azure Monitor's metrics of a resource: nothing runs, so each is 0."""
        if self._cloud.body(id) is None:
            raise CloudFault(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        names = [name for name in request.query.get("metricnames", "").split(",") if name]
        point = {"timeStamp": "2026-01-01T00:00:00Z", "average": 0.0, "total": 0.0, "count": 0.0,
                 "minimum": 0.0, "maximum": 0.0}  # fmt: skip
        value = [
            {
                "id": f"{id}/providers/Microsoft.Insights/metrics/{name}",
                "type": "Microsoft.Insights/metrics",
                "name": {"value": name, "localizedValue": name},
                "unit": "Count",
                "timeseries": [{"metadatavalues": [], "data": [point]}],
            }
            for name in names
        ]
        timespan = request.query.get("timespan", "")
        return Answer.json(200, {"timespan": timespan, "interval": "PT1M", "cost": 0, "value": value})


def _wanted(request: Request, body: dict[str, Any]) -> bool:
    """Filters of the collections: by tag, and without what is archived unless that is asked for."""
    inner = body.get("properties") or {}
    view = request.query.get("listViewType", "ActiveOnly")
    archived = bool(inner.get("isArchived"))
    if view == ("ActiveOnly" if archived else "ArchivedOnly"):
        return False
    tag = request.query.get("tag") or request.query.get("tags")
    if tag:
        name, equals, value = tag.partition("=")
        tags = {**(body.get("tags") or {}), **(inner.get("tags") or {})}
        return name in tags and (not equals or tags[name] == value)
    return True


def _merged(now: Any, part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    result = dict(now) if isinstance(now, dict) else {}
    for key, one in part.items():
        if one is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), one)
    return result
