"""Custom jobs, batch predictions, pipelines, schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_gcp.rehearsal.refusals import Refused, missing
from mlstack_gcp.rehearsal.rules.base import PROTO, VERTEX, Problem, Site, View, condition, rule
from mlstack_gcp.rehearsal.rules.times import cron_problem, seconds, zone_problem

CUSTOM, BATCH, PIPELINE = "aiplatform:CustomJob", "aiplatform:BatchPredictionJob", "aiplatform:PipelineJob"
SCHEDULE = "aiplatform:Schedule"
_TRAINING = VERTEX + "training/create-custom-job"
_FORMATS = ("jsonl", "csv", "tf-record", "tf-record-gzip", "bigquery", "file-list")


@rule("job-pools", CUSTOM, source=PROTO + "custom_job.py: CustomJobSpec.worker_pool_specs: required")
def job_pools(x: View) -> Iterator[Problem]:
    pools = x.list("jobSpec.workerPoolSpecs")
    if not pools and x.all_known("jobSpec"):
        yield "jobSpec.workerPoolSpecs", "is required"
    for at, pool in pools:
        if not pool.inputs:
            continue
        path = f"jobSpec.workerPoolSpecs[{at}]"
        if pool.missing("containerSpec") and pool.missing("pythonPackageSpec"):
            yield path, "one of containerSpec and pythonPackageSpec is required"
        if pool.missing("machineSpec.machineType") and x.missing("jobSpec.persistentResourceId"):
            yield f"{path}.machineSpec.machineType", "is required"
        if (pool.number("replicaCount") or 0) < 1 and pool.all_known("replicaCount"):
            yield f"{path}.replicaCount", "must be at least 1"


@rule("job-first-pool", CUSTOM, source=VERTEX + "training/distributed-training: the primary replica is one")
def job_first_pool(x: View) -> Iterator[Problem]:
    for at, pool in x.list("jobSpec.workerPoolSpecs")[:1]:
        if (pool.number("replicaCount") or 1) > 1:
            yield f"jobSpec.workerPoolSpecs[{at}].replicaCount", "the first worker pool has one replica"


@rule(
    "job-disk",
    CUSTOM,
    source=PROTO + "machine_resources.py: DiskSpec; " + VERTEX + "training/configure-compute",
)
def job_disk(x: View) -> Iterator[Problem]:
    for at, pool in x.list("jobSpec.workerPoolSpecs"):
        path = f"jobSpec.workerPoolSpecs[{at}].diskSpec"
        size, kind = pool.number("diskSpec.bootDiskSizeGb"), pool.text("diskSpec.bootDiskType")
        if size is not None and not 100 <= size <= 64000:
            yield f"{path}.bootDiskSizeGb", f"{size:g} is not between 100 and 64000"
        if kind is not None and kind not in ("pd-ssd", "pd-standard", "hyperdisk-balanced"):
            yield f"{path}.bootDiskType", f"{kind!r} is not one of pd-ssd, pd-standard, hyperdisk-balanced"


@rule(
    "job-timeout",
    CUSTOM,
    source=PROTO + "custom_job.py: Scheduling.timeout: the default, and most, is 7 days",
)
def job_timeout(x: View) -> Iterator[Problem]:
    value = seconds(x.text("jobSpec.scheduling.timeout"))
    if value is not None and not 0 < value <= 30 * 86400:
        yield "jobSpec.scheduling.timeout", f"{value:g} s is no time within which a job can end"


@rule("job-output", CUSTOM, PIPELINE, source=PROTO + "io.py: GcsDestination.output_uri_prefix")
def job_output(x: View) -> Iterator[Problem]:
    for path in ("jobSpec.baseOutputDirectory.outputUriPrefix", "runtimeConfig.gcsOutputDirectory"):
        value = x.text(path)
        if value is not None and not re.match(r"gs://[a-z0-9]", value):
            yield path, f"{value!r} is no folder of Cloud Storage (gs://BUCKET/PATH)"


@rule(
    "job-image",
    CUSTOM,
    source=_TRAINING + ": the image is in Artifact Registry, Container Registry, Docker Hub",
)
def job_image(x: View) -> Iterator[Problem]:
    for at, pool in x.list("jobSpec.workerPoolSpecs"):
        image = pool.text("containerSpec.imageUri")
        host, slash, _ = (image or "").partition("/")
        if image and slash and "." in host and not re.search(r"(docker\.pkg\.dev|gcr\.io|docker\.io)$", host):
            path = f"jobSpec.workerPoolSpecs[{at}].containerSpec.imageUri"
            yield path, f"{image!r}: the host is none of Artifact Registry, Container Registry, Docker Hub"


@rule("batch-input", BATCH, source=PROTO + "batch_prediction_job.py: InputConfig.instances_format")
def batch_input(x: View) -> Iterator[Problem]:
    form = x.text("inputConfig.instancesFormat")
    if form is None or form not in _FORMATS:
        yield "inputConfig.instancesFormat", f"{form!r} is not one of {', '.join(_FORMATS)}"
    elif form == "bigquery" and x.missing("inputConfig.bigquerySource"):
        yield "inputConfig.bigquerySource", "is required for the format bigquery"
    elif form != "bigquery" and x.missing("inputConfig.gcsSource"):
        yield "inputConfig.gcsSource", f"is required for the format {form}"


@rule("batch-output", BATCH, source=PROTO + "batch_prediction_job.py: OutputConfig.predictions_format")
def batch_output(x: View) -> Iterator[Problem]:
    form = x.text("outputConfig.predictionsFormat")
    if form not in ("jsonl", "csv", "bigquery"):
        yield "outputConfig.predictionsFormat", f"{form!r} is not one of jsonl, csv, bigquery"
    for path in ("inputConfig.gcsSource.uris", "outputConfig.gcsDestination.outputUriPrefix"):
        values = x[path]
        for one in values if isinstance(values, (list, tuple)) else [values] if values else []:
            if isinstance(one, str) and not one.startswith("gs://"):
                yield path, f"{one!r} is no path of Cloud Storage"


@rule("batch-resources", BATCH, source=PROTO + "batch_prediction_job.py: dedicated_resources; model")
def batch_resources(x: View) -> Iterator[Problem]:
    if x.missing("dedicatedResources"):
        yield "dedicatedResources", "must be given: models of custom containers have no automatic resources"
    if x.missing("model") == x.missing("unmanagedContainerModel"):
        yield "model", "exactly one of model and unmanagedContainerModel must be set"


@condition("batch-model-there", BATCH, source=PROTO + "batch_prediction_job.py: model", verb="create")
def batch_model_there(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    model = str(document.get("model", ""))
    if "/publishers/" not in model and model and site.get(model.partition("@")[0]) is None:
        yield missing(model)


def pipeline_problems(x: View, base: str) -> Iterator[Problem]:
    """A pipeline is given by its spec in the intermediate form of Kubeflow, or by a template's address."""
    path = f"{base}pipelineSpec"
    if x.missing(path) and x.missing(f"{base}templateUri"):
        yield path, "one of pipelineSpec and templateUri is required"
    elif x.given(path):
        for key in ("schemaVersion", "pipelineInfo.name", "root"):
            if x.raw(f"{path}.{key}") is None:
                yield f"{path}.{key}", "is required"
        name = x.text(f"{path}.pipelineInfo.name")
        if name is not None and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,127}", name):
            yield f"{path}.pipelineInfo.name", f"{name!r} has more than small letters, digits and hyphens"
    if x.missing(f"{base}runtimeConfig.gcsOutputDirectory") and x.missing(
        f"{base}pipelineSpec.defaultPipelineRoot"
    ):
        yield (
            f"{base}runtimeConfig.gcsOutputDirectory",
            "is required where the spec has no defaultPipelineRoot",
        )


@rule(
    "pipeline-spec",
    PIPELINE,
    source=PROTO
    + "pipeline_job.py: PipelineJob.pipeline_spec, template_uri, runtime_config.gcs_output_directory; "
    "kfp-pipeline-spec, pipeline_spec.proto: PipelineSpec",
)
def pipeline_spec(x: View) -> Iterator[Problem]:
    yield from pipeline_problems(x, "")


@rule("schedule-cron", SCHEDULE, source=PROTO + "schedule.py: Schedule.cron: 'CRON_TZ=${IANA_TIME_ZONE}'")
def schedule_cron(x: View) -> Iterator[Problem]:
    cron = x.text("cron")
    if cron is None:
        if x.missing("cron"):
            yield "cron", "is required"
        return
    match = re.fullmatch(r"(?:(?:CRON_)?TZ=(\S+)\s+)?(.+)", cron)
    assert match is not None
    if match[1] and (problem := zone_problem(match[1])):
        yield "cron", problem
    if problem := cron_problem(match[2]):
        yield "cron", problem


@rule("schedule-runs", SCHEDULE, source=PROTO + "schedule.py: Schedule.max_concurrent_run_count: required")
def schedule_runs(x: View) -> Iterator[Problem]:
    value = x.number("maxConcurrentRunCount")
    if (value is None or value < 1) and x.all_known("maxConcurrentRunCount"):
        yield "maxConcurrentRunCount", "must be at least 1"


@rule("schedule-request", SCHEDULE, source=PROTO + "schedule.py: Schedule: oneof request")
def schedule_request(x: View) -> Iterator[Problem]:
    base = "createPipelineJobRequest"
    if x.missing(base) and x.missing("createNotebookExecutionJobRequest"):
        yield base, "is required"
    elif x.given(base):
        if x.missing(f"{base}.parent"):
            yield f"{base}.parent", "is required"
        yield from pipeline_problems(x, f"{base}.pipelineJob.")
