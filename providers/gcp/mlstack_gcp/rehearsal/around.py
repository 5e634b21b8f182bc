"""The smaller services around Vertex AI: secrets, logs, figures, who may what, schedules."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import google_crc32c

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal import invoke, logs
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.kinds.members import policy
from mlstack_gcp.rehearsal.refusals import Refused, missing

_Serve = Callable[[Cloud, Request, "re.Match[str]"], Document]
_JOB = "cloudscheduler/job:Job"
_SERVICE = "projects/service:Service"


def _access(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    name, content = invoke.payload(cloud, match[1], match[2])
    data = {"data": base64.b64encode(content).decode(), "dataCrc32c": str(google_crc32c.value(content))}
    return {"name": name.replace(cloud.project, cloud.number, 1), "payload": data}


def _entries(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    asked = request.json()
    if not asked.get("resourceNames"):
        raise Refused("INVALID_ARGUMENT", "Must specify at least one resource name.")
    return logs.entries(cloud, asked)


def _series(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    """Figures: nothing runs, so each is 0."""
    text = request.query.get("filter", "")
    kind = re.search(r'metric\.type\s*=\s*"([^"]+)"', text)
    if kind is None:
        raise Refused("INVALID_ARGUMENT", "The filter must name one metric.type.")
    if not request.query.get("interval.endTime"):
        raise Refused("INVALID_ARGUMENT", "Field interval.endTime had an invalid value: it is required.")
    labels = dict(re.findall(r'resource\.labels?\.(\w+)\s*=\s*"([^"]+)"', text))
    span = {
        "startTime": request.query.get("interval.startTime"),
        "endTime": request.query["interval.endTime"],
    }
    point = {"interval": {key: one for key, one in span.items() if one}, "value": {"doubleValue": 0.0}}
    series = {
        "metric": {"type": kind[1], "labels": {}},
        "resource": {"type": "aiplatform.googleapis.com/Endpoint", "labels": labels},
        "metricKind": "GAUGE",
        "valueType": "DOUBLE",
        "points": [point],
    }
    return {"timeSeries": [series]}


def _promql(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    """An expression over a span ("Query using PromQL"): nothing runs, so there is no series."""
    missing = [key for key in ("query", "start", "end", "step") if not request.query.get(key)]
    if missing:
        raise Refused("INVALID_ARGUMENT", f"invalid parameter {missing[0]!r}: it is required")
    return {"status": "success", "data": {"resultType": "matrix", "result": []}}


def _services(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    wanted = request.query.get("filter", "")
    found = [one for _, one in cloud.of(_SERVICE)]
    return {"services": [] if wanted == "state:DISABLED" else found}


def _service(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    found = cloud.get(f"{match[1]}/services/{match[2]}")
    name = f"projects/{cloud.number}/services/{match[2]}"
    return found or {"name": name, "config": {"name": match[2]}, "state": "DISABLED"}


def _project(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    if match[1] not in (cloud.project, cloud.number):
        raise Refused("PERMISSION_DENIED", f"The caller does not have permission on projects/{match[1]}.")
    told = {"projectId": cloud.project, "name": cloud.project, "projectNumber": cloud.number}
    if request.path.startswith("/v3/"):
        return {
            "name": f"projects/{cloud.number}",
            "projectId": cloud.project,
            "state": "ACTIVE",
            "displayName": cloud.project,
        }
    return {**told, "lifecycleState": "ACTIVE"}


def _iam(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    name = cloud.canonical(match[1])
    if name != f"projects/{cloud.project}":
        cloud.there(name)
    return {"version": 1, "etag": "BwYrehearsal=", "bindings": policy(cloud, name)}


def _permissions(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    return {"permissions": request.json().get("permissions", [])}


def _schedule(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    name = match[1]
    with cloud.world.transaction():
        job = cloud.there(name)
        states = {"pause": "PAUSED", "resume": "ENABLED"}
        if match[2] in states:
            job["state"] = states[match[2]]
        elif match[2] == "run":
            job["lastAttemptTime"] = now()
        cloud.put(name, _JOB, job)
    return job


def _schedules(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    return {"jobs": [one for _, one in cloud.of(_JOB, f"{cloud.canonical(match[1])}/jobs/")]}


def _region(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    metrics = ("CPUS", "N1_CPUS", "N2_CPUS", "NVIDIA_T4_GPUS", "NVIDIA_L4_GPUS", "NVIDIA_A100_GPUS")
    quotas = [{"metric": one, "limit": 100.0, "usage": 0.0} for one in metrics]
    return {"kind": "compute#region", "name": match[2], "status": "UP", "quotas": quotas}


def _rows(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    """Rows of a table: nothing runs, so there are none."""
    cloud.there(match[1])
    return {"kind": "bigquery#tableDataList", "totalRows": "0", "rows": []}


def _query(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    """An answer of a query without rows; of tables that are there."""
    text = request.json().get("query", "")
    for project, dataset, table in re.findall(r"`([\w-]+)\.(\w+)\.(\w+)`", text):
        cloud.there(f"projects/{project}/datasets/{dataset}/tables/{table}")
    reference = {"projectId": cloud.project, "jobId": "job-rehearsal", "location": cloud.region}
    told = {"jobReference": reference, "jobComplete": True, "totalRows": "0", "schema": {"fields": []}}
    return {"kind": "bigquery#queryResponse", **told, "rows": []}


def _kept(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    found = cloud.get(match[1])
    if found is None:
        raise missing(match[1])
    return found


def _all(collection: str, kind: str) -> _Serve:
    """All of a collection; no filter is known here, and none is refused."""

    def serve(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
        listed = cloud.of(kind, f"{cloud.canonical(match[1])}/{collection}/")
        return {collection: [{"name": id, **document} for id, document in listed]}

    return serve


_P = r"(projects/[^/:]+)"
_PATHS: tuple[tuple[str, str, _Serve], ...] = (
    ("GET", rf"/v1/({_P[1:-1]}/secrets/[^/:]+)/versions/([^/:]+):access", _access),
    ("POST", r"/v2/(entries:list)", _entries),
    ("GET", rf"/v3/{_P}/timeSeries", _series),
    ("GET", rf"/v1/{_P}/location/global/prometheus/api/v1/query_range", _promql),
    ("GET", rf"/v1/{_P}/services", _services),
    ("GET", rf"/v1/{_P}/services/([^/:]+)", _service),
    ("GET", r"/v[13]/projects/([^/:]+)", _project),
    ("GET", r"/v1/projects/([^/:]+)", _project),
    ("POST", r"/v[13]/(projects/.+):getIamPolicy", _iam),
    ("GET", r"/v[13]/(projects/.+):getIamPolicy", _iam),
    ("POST", r"/v[13]/(projects/.+):testIamPermissions", _permissions),
    ("POST", rf"/v1/({_P[1:-1]}/locations/[^/]+/jobs/[^/:]+):(pause|resume|run)", _schedule),
    ("GET", rf"/v1/({_P[1:-1]}/locations/[^/]+)/jobs", _schedules),
    ("GET", rf"/v3/{_P}/alertPolicies", _all("alertPolicies", "monitoring/alertPolicy:AlertPolicy")),
    ("GET", rf"/v3/{_P}/notificationChannels",
     _all("notificationChannels", "monitoring/notificationChannel:NotificationChannel")),
    ("GET", r"/v1/(billingAccounts/[^/]+)/budgets", _all("budgets", "billing/budget:Budget")),
    ("GET", rf"/v1/({_P[1:-1]}/secrets/[^/:]+)/versions",
     _all("versions", "secretmanager/secretVersion:SecretVersion")),
    ("GET", rf"/compute/v1/{_P}/regions/([^/]+)", _region),
    ("GET", r"/compute/v1/(projects/.+)", _kept),
    ("GET", r"/bigquery/v2/(projects/[^/]+/datasets/[^/]+/tables/[^/]+)/data", _rows),
    ("POST", r"/bigquery/v2/(projects/[^/]+)/queries", _query),
    ("GET", r"/bigquery/v2/(projects/.+)", _kept),
    ("GET", r"/v1/(billingAccounts/[^/]+/budgets/[^/]+)", _kept),
    ("GET", r"/v1/(projects/[^/]+/(?:secrets|serviceAccounts|topics)/.+)", _kept),
    ("GET", r"/v1/(projects/[^/]+/locations/[^/]+/(?:jobs|keyRings)/.+)", _kept),
    ("GET", r"/v[13]/(projects/[^/]+/(?:alertPolicies|notificationChannels|dashboards)/[^/:]+)", _kept),
)  # fmt: skip


def serve(cloud: Cloud, request: Request) -> Answer | None:
    for method, path, act in _PATHS:
        if request.method == method and (match := re.fullmatch(path, request.path)):
            return Answer.json(200, act(cloud, request, match))
    return None
