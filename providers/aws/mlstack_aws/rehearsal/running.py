"""What runs: jobs that end after a few looks, builds that leave an image, endpoints that answer."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal import wire
from mlstack_aws.rehearsal.rules.base import invalid

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

    from mlstack_aws.rehearsal.cloud import Cloud

_RUNS = "aws/sagemaker/runs"
#: Looks at a job until it has ended.
_LOOKS = 2
_GROUPS = {
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}


def _run(asked: wire.Called, noun: str) -> str:
    return f"{_RUNS}/{asked.region}/{noun}/{asked.parameters.get(f'{noun}Name')}"


def begun(cloud: Cloud, asked: wire.Called, noun: str) -> None:
    """A job has been created: it runs, and has a log."""
    if noun not in _GROUPS:
        return
    cloud.world.put(_run(asked, noun), "run", {"looks": 0, "status": "InProgress", "began": time.time()})
    name = asked.parameters[f"{noun}Name"]
    _log(cloud, asked.region, _GROUPS[noun], f"{name}/algo-1-{int(time.time())}", name)


def served(cloud: Cloud, asked: wire.Called) -> None:
    """An endpoint has variants, perhaps new ones: each has a log."""
    name = asked.parameters["EndpointName"]
    endpoint: Any = cloud.holding.backend("sagemaker", asked.region).endpoints[name]  # type: ignore[attr-defined]
    for one in endpoint.production_variants:
        stream = f"{one['VariantName']}/rehearsal"
        _log(cloud, asked.region, f"/aws/sagemaker/Endpoints/{name}", stream, name)


def _log(cloud: Cloud, region: str, group: str, stream: str, name: str) -> None:
    """Have a stream that says that nothing runs. Source: SageMaker's developer guide, "CloudWatch Logs for
    Amazon SageMaker AI"."""
    for operation, named in (
        ("create_log_group", {"logGroupName": group}),
        ("create_log_stream", {"logGroupName": group, "logStreamName": stream}),
    ):
        try:
            cloud.call("logs", operation, named, region)
        except CloudFault as problem:
            if problem.code != "ResourceAlreadyExistsException":
                raise
    event = {"timestamp": int(time.time() * 1000), "message": f"rehearsal: {name} runs on no machine"}
    cloud.call(
        "logs",
        "put_log_events",
        {"logGroupName": group, "logStreamName": stream, "logEvents": [event]},
        region,
    )


def progress(cloud: Cloud, asked: wire.Called, noun: str) -> None:
    """One more look at a job: after a few it has ended, and left what it makes."""
    run = cloud.world.get(_run(asked, noun)) if noun in _GROUPS else None
    if run is None or run["status"] not in ("InProgress", "Stopping"):
        return
    run["looks"] += 1
    if run["status"] == "Stopping":
        run["status"] = "Stopped"
    elif run["looks"] > _LOOKS:
        run["status"] = "Completed"
        if noun == "TrainingJob":
            _artifact(cloud, asked)
    run["ended"] = time.time()
    cloud.world.put(_run(asked, noun), "run", run)


def _place(asked: wire.Called, kept: dict[str, Any]) -> str | None:
    """Where a training job's model is."""
    out = kept.get("OutputDataConfig") or {}
    root = str(out.get("S3OutputPath") or "").rstrip("/")
    if not root:
        return None
    name = asked.parameters["TrainingJobName"]
    packed = out.get("CompressionType", "GZIP") == "GZIP"
    return f"{root}/{name}/output/model" + (".tar.gz" if packed else "/")


def _artifact(cloud: Cloud, asked: wire.Called) -> None:
    kept = cloud.world.get(
        f"aws/sagemaker/asked/{asked.region}/TrainingJob/{asked.parameters['TrainingJobName']}"
    )
    uri = _place(asked, kept or {})
    parts = urlsplit(uri or "")
    if uri and cloud.look("s3", "head_bucket", {"Bucket": parts.netloc}) is not None:
        at = parts.path.lstrip("/")
        for key in [at + name for name in _written(cloud, kept or {})] if uri.endswith("/") else [at]:
            cloud.call("s3", "put_object", {"Bucket": parts.netloc, "Key": key, "Body": b"rehearsal"})


def _written(cloud: Cloud, kept: dict[str, Any]) -> list[str]:
    """What its command would have left below /opt/ml/model: a file for each output that its channel of
    scripts names, or one of no output where it has none."""
    for channel in kept.get("InputDataConfig") or ():
        parts = urlsplit(str(channel["DataSource"].get("S3DataSource", {}).get("S3Uri") or ""))
        key = f"{parts.path.strip('/')}/outputs"
        asked = {"Bucket": parts.netloc, "Key": key}
        if channel["ChannelName"] == "mlstack" and cloud.look("s3", "head_object", asked) is not None:
            lines = cloud.call("s3", "get_object", asked)["Body"].read().decode().splitlines()
            sorts = dict(line.split() for line in lines)
            return [f"{name}/{name if sort == 'file' else 'model.txt'}" for name, sort in sorts.items()]
    return ["model.txt"]


def seen(cloud: Cloud, asked: wire.Called, noun: str, body: dict[str, Any], kept: dict[str, Any]) -> None:
    """An answer to a look, with how far it has come."""
    if noun == "Endpoint":
        key = f"aws/sagemaker/updating/{asked.region}/{asked.parameters['EndpointName']}"
        if cloud.world.remove(key):
            body["EndpointStatus"] = "Updating"
        return
    run = cloud.world.get(_run(asked, noun)) if noun in _GROUPS else None
    if run is None:
        return
    body[f"{noun}Status"] = run["status"]
    ended = run["status"] in ("Completed", "Stopped", "Failed")
    for key in ("TrainingEndTime", "ProcessingEndTime", "TransformEndTime"):
        body.pop(key, None)
    verb = noun.removesuffix("Job")
    body[f"{verb}StartTime"] = run["began"]
    if ended:
        body[f"{verb}EndTime"] = run.get("ended", run["began"])
    if noun == "TrainingJob":
        body["SecondaryStatus"] = run["status"] if ended else "Training"
        body["SecondaryStatusTransitions"] = [
            {"Status": body["SecondaryStatus"], "StartTime": run["began"], "StatusMessage": ""}
        ]
        body.pop("ModelArtifacts", None)
        uri = _place(asked, kept)
        if uri:
            body["ModelArtifacts"] = {"S3ModelArtifacts": uri}


def stopped(cloud: Cloud, asked: wire.Called, noun: str) -> None:
    run = cloud.world.get(_run(asked, noun))
    if run is None:
        raise invalid(f"Requested resource not found: {asked.parameters.get(f'{noun}Name')}")
    if run["status"] != "InProgress":
        raise invalid(f"The request was rejected because the {noun} is in status {run['status']}.")
    cloud.world.put(_run(asked, noun), "run", {**run, "status": "Stopping"})


def listed(cloud: Cloud, asked: wire.Called, noun: str, body: dict[str, Any]) -> dict[str, Any]:
    """A list of jobs with how far each has come."""
    for one in body.get(f"{noun}Summaries", []):
        run = cloud.world.get(f"{_RUNS}/{asked.region}/{noun}/{one[f'{noun}Name']}")
        if run is not None:
            one[f"{noun}Status"] = run["status"]
    return body


def steps(cloud: Cloud, asked: wire.Called) -> dict[str, Any]:
    """Each step of a pipeline's definition, done."""
    arn = asked.parameters["PipelineExecutionArn"]
    told = {"PipelineExecutionArn": arn}
    definition = cloud.call("sagemaker", "describe_pipeline_definition_for_execution", told, asked.region)
    names = [one["Name"] for one in json.loads(definition["PipelineDefinition"]).get("Steps", [])]
    return {"PipelineExecutionSteps": [{"StepName": name, "StepStatus": "Succeeded"} for name in names]}


def stop_pipeline(cloud: Cloud, asked: wire.Called) -> dict[str, Any]:
    arn = asked.parameters["PipelineExecutionArn"]
    for pipeline in cloud.holding.backend("sagemaker", asked.region).pipelines.values():  # type: ignore[attr-defined]
        if arn in pipeline.pipeline_executions:
            pipeline.pipeline_executions[arn].pipeline_execution_status = "Stopped"
            return {"PipelineExecutionArn": arn}
    raise invalid(f"Pipeline execution {arn} does not exist.")


def invoked(cloud: Cloud, asked: wire.Called, request: MotoRequest) -> wire.Answered:
    """An echo: a number made up would be taken for the model's."""
    name = str(asked.parameters.get("EndpointName", ""))
    there = cloud.look("sagemaker", "describe_endpoint", {"EndpointName": name}, asked.region)
    if there is None:
        arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:endpoint/{name}"
        return wire.error(
            "sagemaker-runtime",
            400,
            "ValidationError",
            f"Endpoint {arn} of account {cloud.account} not found.",
        )
    variants = [one["VariantName"] for one in there.get("ProductionVariants") or []]
    wanted = request.headers.get("X-Amzn-SageMaker-Target-Variant")
    if wanted and wanted not in variants:
        return wire.error(
            "sagemaker-runtime", 400, "ValidationError", f"Variant {wanted} of endpoint {name} not found."
        )
    if asked.operation == "InvokeEndpointAsync":
        body = {"InferenceId": hashlib.sha256(name.encode()).hexdigest()[:16]}
        headers = {"X-Amzn-SageMaker-OutputLocation": f"s3://rehearsal/{name}/{body['InferenceId']}.out"}
        return wire.Answered(202, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())
    variant = wanted or (variants or [""])[0]
    headers = {"Content-Type": "application/json", "x-Amzn-Invoked-Production-Variant": variant}
    said = {"endpoint": name, "deployment": variant, "input": _given(request.get_data())}
    return wire.Answered(200, headers, json.dumps({"rehearsal": True, **said}).encode())


def _given(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def built(cloud: Cloud, asked: wire.Called, request: MotoRequest) -> wire.Answered:
    """CodeBuild as moto has it; a build that is seen to have succeeded has pushed its image."""
    at = "aws/codebuild/builds"
    if asked.operation == "BatchGetBuilds":
        for id in asked.parameters.get("ids") or []:
            variables = cloud.world.get(f"{at}/{id}")
            if variables is not None:
                push(cloud, asked.region, variables)
                cloud.world.remove(f"{at}/{id}")
    told = wire.by_moto(request, "codebuild")
    if asked.operation == "StartBuild" and told.status < 300:
        given = asked.parameters.get("environmentVariablesOverride") or []
        id = json.loads(told.body)["build"]["id"]
        cloud.world.put(f"{at}/{id}", "build", {one["name"]: one["value"] for one in given})
    return told


def push(cloud: Cloud, region: str, variables: dict[str, str]) -> None:
    """Have the image in its registry: ``REPOSITORY`` by name or URI, ``TAG``."""
    repository, tag = variables.get("REPOSITORY", ""), variables.get("TAG", "latest")
    name = repository.partition(".amazonaws.com/")[2] or repository
    if not name:
        return
    digest = "sha256:" + hashlib.sha256(f"{name}:{tag}".encode()).hexdigest()
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1,
            "digest": digest,
        },
        "layers": [],
    }
    asked = {"repositoryName": name, "imageTag": tag, "imageManifest": json.dumps(manifest)}
    cloud.call("ecr", "put_image", asked, region)
