"""Jobs that watch the data of deployed models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_gcp.rehearsal.refusals import Refused, invalid, missing
from mlstack_gcp.rehearsal.rules.base import PROTO, VERTEX, Problem, Site, View, condition, matches, rule
from mlstack_gcp.rehearsal.rules.times import seconds

MONITOR = "aiplatform:ModelDeploymentMonitoringJob"
_JOB, _CONFIG = PROTO + "model_deployment_monitoring_job.py: ", PROTO + "model_monitoring.py: "
_USING = VERTEX + "model-monitoring/using-model-monitoring: "
_OBJECTIVES = "modelDeploymentMonitoringObjectiveConfigs"
_ALERT = "modelMonitoringAlertConfig"
_SOURCES = ("dataset", "gcsSource", "bigquerySource")

for _field in ("predictInstanceSchemaUri", "analysisInstanceSchemaUri"):
    matches(
        f"monitor-{_field.partition('Instance')[0]}-schema",
        MONITOR,
        _field,
        r"(gs://[a-z0-9].*)?",
        "a file of Cloud Storage (gs://BUCKET/PATH)",
        VERTEX + "model-monitoring/schemas: the schema is a YAML file in Cloud Storage",
    )
matches(
    "monitor-base-directory",
    MONITOR,
    "statsAnomaliesBaseDirectory.outputUriPrefix",
    r"gs://[a-z0-9].*",
    "a folder of Cloud Storage (gs://BUCKET/PATH)",
    PROTO + "io.py: GcsDestination.output_uri_prefix",
)


@rule("monitor-sampling", MONITOR, source=_CONFIG + "RandomSampleConfig.sample_rate: (0, 1]")
def monitor_sampling(x: View) -> Iterator[Problem]:
    path = "loggingSamplingStrategy.randomSampleConfig.sampleRate"
    value = x.number(path)
    if x.all_known(path) and (value is None or not 0 < value <= 1):
        yield path, f"{value or 0:g} is not more than 0 and at most 1"


@rule(
    "monitor-interval",
    MONITOR,
    source=_JOB + "monitor_interval: 'rounded up to next full hour'; " + _USING + "at least one hour",
)
def monitor_interval(x: View) -> Iterator[Problem]:
    path = "modelDeploymentMonitoringScheduleConfig.monitorInterval"
    value = seconds(x.text(path))
    if x.missing(path):
        yield path, "is required"
    elif value is not None and value < 3600:
        yield path, f"{value:g} s is less than an hour"


@rule("monitor-objectives", MONITOR, source=_JOB + "required fields")
def monitor_objectives(x: View) -> Iterator[Problem]:
    if x.missing("endpoint"):
        yield "endpoint", "is required"
    if x.missing(_OBJECTIVES):
        yield _OBJECTIVES, "is required: one for each DeployedModel"
    seen: set[str] = set()
    for at, one in x.list(_OBJECTIVES):
        path = f"{_OBJECTIVES}[{at}].deployedModelId"
        id = one.text("deployedModelId")
        if one.missing("deployedModelId"):
            yield path, "is required"
        elif id is not None and id in seen:
            yield path, f"{id} has an objective already: there is one for each DeployedModel"
        seen.add(id or "")


@rule(
    "monitor-training",
    MONITOR,
    source=_CONFIG
    + "TrainingDataset: oneof data_source, data_format; "
    + _USING
    + "skew needs training data",
)
def monitor_training(x: View) -> Iterator[Problem]:
    for at, one in x.list(_OBJECTIVES):
        path = f"{_OBJECTIVES}[{at}].objectiveConfig.trainingDataset"
        skew = one["objectiveConfig.trainingPredictionSkewDetectionConfig"]
        if one.missing("objectiveConfig.trainingDataset"):
            if skew:
                yield path, "is required for skew detection"
            continue
        given = View(one["objectiveConfig.trainingDataset"] or {})
        if not given.inputs:
            continue
        if all(given.missing(source) for source in _SOURCES):
            yield path, f"one of {', '.join(_SOURCES)} is required"
        form = given.text("dataFormat")
        if given.given("gcsSource") and form not in ("tf-record", "csv", "jsonl"):
            yield f"{path}.dataFormat", f"{form!r} is not one of tf-record, csv, jsonl"
        for uri in given["gcsSource.uris"] or ():
            if isinstance(uri, str) and not uri.startswith("gs://"):
                yield f"{path}.gcsSource.uris", f"{uri!r} is no path of Cloud Storage"
        table = given.text("bigquerySource.inputUri")
        if table is not None and not re.fullmatch(r"bq://[^.]+\.\w+\.\w+", table):
            yield f"{path}.bigquerySource.inputUri", f"{table!r} is no bq://PROJECT.DATASET.TABLE"


@rule("monitor-emails", MONITOR, source=_CONFIG + "EmailAlertConfig.user_emails: 'The email addresses'")
def monitor_emails(x: View) -> Iterator[Problem]:
    path = f"{_ALERT}.emailAlertConfig.userEmails"
    for one in x[path] or ():
        if isinstance(one, str) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", one):
            yield path, f"{one!r} is no address of email"


@rule(
    "monitor-channels",
    MONITOR,
    source=_CONFIG
    + "notification_channels: 'projects/<project_id_or_number>/notificationChannels/<channel_id>'",
)
def monitor_channels(x: View) -> Iterator[Problem]:
    path = f"{_ALERT}.notificationChannels"
    for one in x[path] or ():
        if isinstance(one, str) and not re.fullmatch(r"projects/[^/]+/notificationChannels/[^/]+", one):
            yield path, f"{one!r} is no projects/PROJECT/notificationChannels/ID"


def _deployed(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    endpoint = site.get(str(document.get("endpoint", "")))
    if endpoint is None:
        yield missing(str(document.get("endpoint")))
        return
    ids = {one["id"] for one in endpoint.get("deployedModels", [])}
    for one in document.get(_OBJECTIVES, []):
        if one.get("deployedModelId") not in ids:
            yield invalid(
                f"DeployedModel {one.get('deployedModelId')} is not deployed to {document['endpoint']}."
            )


def _channels(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    for channel in (document.get(_ALERT) or {}).get("notificationChannels", []):
        if site.get(channel) is None:
            yield missing(channel)


for _verb in ("create", "update"):
    condition(
        f"monitor-deployed-{_verb}",
        MONITOR,
        source=_USING + "of an endpoint and its deployed models",
        verb=_verb,
    )(_deployed)
    condition(
        f"monitor-channels-{_verb}",
        MONITOR,
        source=_CONFIG + "notification_channels: names of NotificationChannels",
        verb=_verb,
    )(_channels)


@condition(
    "monitor-place",
    MONITOR,
    source=_JOB + "endpoint; job_service.py: parent: both are of one location",
    verb="create",
)
def monitor_place(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    place, endpoint = name.split("/")[3], site.canonical(str(document.get("endpoint", "")))
    if endpoint.split("/")[3:4] != [place]:
        yield invalid(f"The endpoint {endpoint} is not of the location {place}.")


@condition(
    "monitor-alone",
    MONITOR,
    source=PROTO + "endpoint.py: Endpoint.model_deployment_monitoring_job: the name of one",
    verb="create",
)
def monitor_alone(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    endpoint = site.get(str(document.get("endpoint", ""))) or {}
    if other := endpoint.get("modelDeploymentMonitoringJob"):
        yield Refused("FAILED_PRECONDITION", f"The endpoint {endpoint['name']} is monitored by {other}.")
