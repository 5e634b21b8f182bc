"""SageMaker, where moto has less than the service: whole answers, names that are taken, tags, switches.

What was asked for is kept beside moto's own object, and a look at it tells all of it. Kinds that moto has not
are documents alone.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal import running, wire
from mlstack_aws.rehearsal.rules.base import invalid

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

    from mlstack_aws.rehearsal.cloud import Cloud

_ASKED = "aws/sagemaker/asked"
_OWN = "aws/sagemaker/own"
_TAGS = "aws/sagemaker/tags"

#: Kinds that moto has not: the word in their ARN, the status that they have, and its key.
_DOCUMENTS = {
    "MonitoringSchedule": ("monitoring-schedule", "MonitoringScheduleStatus", "Scheduled"),
    "InferenceComponent": ("inference-component", "InferenceComponentStatus", "InService"),
}
_JOBS = ("TrainingJob", "ProcessingJob", "TransformJob")
_VERB = re.compile(r"(Create|Describe|Update|Delete|List|Stop|Start)(\w+)")

#: What a list is sifted by, and where its members have that.
_SIFTED = {"MonitoringJobDefinitionName": "MonitoringJobDefinitionName", "StatusEquals":
           "MonitoringScheduleStatus", "MonitoringTypeEquals": "MonitoringType"}  # fmt: skip

Document = dict[str, Any]


def answer(cloud: Cloud, asked: wire.Called, request: MotoRequest) -> wire.Answered:
    """CloudFault: refused."""
    special = _SPECIAL.get(asked.operation)
    if special is not None:
        return _json(special(cloud, asked))
    match = _VERB.fullmatch(asked.operation)
    verb, noun = (match[1], match[2]) if match else ("", "")
    own = noun if noun in _DOCUMENTS else noun.removesuffix("s")
    if own in _DOCUMENTS and verb:
        return _json(_document(cloud, asked, verb, own))
    if verb == "Stop" and noun in _JOBS:
        running.stopped(cloud, asked, noun)
        return _json({})
    key = _key(asked, noun)
    if verb == "Create" and key and cloud.world.get(key) is not None:
        raise _taken(cloud, asked, noun)
    if verb == "Describe":
        running.progress(cloud, asked, noun)
    token = f"aws/tokens/{asked.region}/{asked.operation}/{asked.parameters.get('ClientToken')}"
    if asked.parameters.get("ClientToken") and (answered := cloud.world.get(token)) is not None:
        return _json(answered)  # the same request again, whose answer was lost
    told = wire.by_moto(request, "sagemaker")
    if told.status >= 300:
        return told
    if asked.parameters.get("ClientToken"):
        cloud.world.put(token, "token", _body(told))
    if verb in ("Create", "Update") and key:
        kept = {} if verb == "Create" else (cloud.world.get(key) or {})
        cloud.world.put(key, "asked", {**kept, **asked.parameters})
        arn = next((v for k, v in _body(told).items() if k.endswith("Arn")), None)
        if verb == "Create" and arn and asked.parameters.get("Tags"):
            _tag(cloud, arn, asked.parameters["Tags"])
        if verb == "Create" and noun == "Endpoint":
            running.served(cloud, asked)
        elif verb == "Create":
            running.begun(cloud, asked, noun)
    if verb == "List" and own in _JOBS:
        return _json(running.listed(cloud, asked, own, _body(told)))
    if verb == "List" and own.endswith("JobDefinition"):
        return _json(_looked_at(cloud, asked, own, _body(told)))
    if verb == "Delete" and key:
        cloud.world.remove(key)
    if verb == "Describe" and key:
        return _whole(cloud, asked, noun, told, cloud.world.get(key) or {})
    return told


def _whole(cloud: Cloud, asked: wire.Called, noun: str, told: wire.Answered, kept: Document) -> wire.Answered:
    """moto's answer with all that was asked for. What is empty and nobody asked for is not told."""
    members = wire.model("sagemaker").operation_model(asked.operation).output_shape.members
    body = {
        key: value for key, value in _body(told).items() if key in members and value not in ({}, [], None)
    }
    for key, value in kept.items():
        if key in members and key != "Tags":
            body[key] = value if noun != "Endpoint" else body.get(key, value)
    if noun == "Endpoint":
        _weighted(cloud, asked, body)
        if kept.get("DeploymentConfig"):
            body["LastDeploymentConfig"] = kept["DeploymentConfig"]
    running.seen(cloud, asked, noun, body, kept)
    return _json(body)


def _weighted(cloud: Cloud, asked: wire.Called, body: Document) -> None:
    """A weight of 0, and the usual one, which moto leaves out; the containers that serve."""
    name = {"EndpointConfigName": body["EndpointConfigName"]}
    config = cloud.look("sagemaker", "describe_endpoint_config", name, asked.region) or {}
    given = {one["VariantName"]: one for one in config.get("ProductionVariants") or []}
    for one in body.get("ProductionVariants") or []:
        weight = given.get(one["VariantName"], {}).get("InitialVariantWeight", 1.0)
        one.setdefault("CurrentWeight", weight)
        one.setdefault("DesiredWeight", one["CurrentWeight"])
    shadows = config.get("ShadowProductionVariants") or []
    if shadows:
        body["ShadowProductionVariants"] = [
            {
                "VariantName": one["VariantName"],
                "CurrentWeight": one.get("InitialVariantWeight", 1.0),
                "DesiredWeight": one.get("InitialVariantWeight", 1.0),
                "CurrentInstanceCount": one.get("InitialInstanceCount", 1),
                "DesiredInstanceCount": one.get("InitialInstanceCount", 1),
            }
            for one in shadows
        ]


def _document(cloud: Cloud, asked: wire.Called, verb: str, noun: str) -> Document:
    word, state, usual = _DOCUMENTS[noun]
    name = str(asked.parameters.get(f"{noun}Name", ""))
    at = f"{_OWN}/{asked.region}/{noun}/"
    now = cloud.world.get(at + name)
    arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:{word}/{name.lower()}"
    if verb == "List":
        return _listed(cloud, asked, noun, at)
    if verb == "Create":
        if now is not None:
            raise _taken(cloud, asked, noun)
        body = {key: value for key, value in asked.parameters.items() if key != "Tags"}
        body |= {f"{noun}Arn": arn, state: usual, "CreationTime": _now(), "LastModifiedTime": _now()}
        _tag(cloud, arn, asked.parameters.get("Tags") or [])
        cloud.world.put(at + name, noun, _finished(cloud, asked, noun, body))
        return {f"{noun}Arn": arn}
    if now is None:
        raise CloudFault(400, "ValidationException" if noun != "MonitoringSchedule" else "ResourceNotFound",
                         f'Could not find {noun} "{arn}".')  # fmt: skip
    if verb == "Update":
        body = {**now, **asked.parameters, "LastModifiedTime": _now()}
        cloud.world.put(at + name, noun, _finished(cloud, asked, noun, body))
        return {f"{noun}Arn": arn}
    if verb == "Delete":
        cloud.world.remove(at + name)
        return {}
    if verb in ("Start", "Stop"):
        told = {state: {"Start": usual, "Stop": "Stopped"}[verb], "LastModifiedTime": _now()}
        cloud.world.put(at + name, noun, {**now, **told})
        return {}
    if now[state] == "Pending":  # the next look finds it done
        cloud.world.put(at + name, noun, {**now, state: usual})
    return now


def _looked_at(cloud: Cloud, asked: wire.Called, noun: str, body: Document) -> Document:
    """The endpoints that definitions look at: moto tells another word in their place."""
    kind, at = noun.removesuffix("JobDefinition"), f"{_ASKED}/{asked.region}/{noun}/"
    for row in body.get("JobDefinitionSummaries") or []:
        kept = cloud.world.get(at + row["MonitoringJobDefinitionName"]) or {}
        looked = kept.get(f"{kind}JobInput", {}).get("EndpointInput") or {}
        row["EndpointName"] = looked.get("EndpointName", "")
    return body


def _finished(cloud: Cloud, asked: wire.Called, noun: str, body: Document) -> Document:
    """What the service adds to what was asked for."""
    if noun == "MonitoringSchedule":
        config = body.get("MonitoringScheduleConfig", {})
        body["MonitoringScheduleStatus"] = "Pending"
        body["MonitoringType"] = kind = config.get("MonitoringType", "DataQuality")
        if config.get("MonitoringJobDefinitionName"):
            operation = f"describe_{xform_name(kind)}_job_definition"
            named = {"JobDefinitionName": config["MonitoringJobDefinitionName"]}
            looked = (cloud.look("sagemaker", operation, named, asked.region) or {}).get(f"{kind}JobInput")
            body["EndpointName"] = ((looked or {}).get("EndpointInput") or {}).get("EndpointName", "")
    if noun == "InferenceComponent":
        copies = (body.get("RuntimeConfig") or {}).get("CopyCount", 1)
        body["RuntimeConfig"] = {"CopyCount": copies, "DesiredCopyCount": copies, "CurrentCopyCount": copies}
        arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:endpoint/{body.get('EndpointName')}"
        body["EndpointArn"] = arn
        specification = body.get("Specification") or {}
        container = specification.get("Container") or {}
        if container.get("Image"):
            container["DeployedImage"] = {"SpecifiedImage": container["Image"]}
    return body


def _listed(cloud: Cloud, asked: wire.Called, noun: str, at: str) -> Document:
    shape = wire.model("sagemaker").operation_model(asked.operation).output_shape
    key = next(name for name, member in shape.members.items() if member.type_name == "list")
    members = shape.members[key].member.members
    wanted = asked.parameters
    found = []
    for _, _, body in cloud.world.under(at):
        text = str(wanted.get("NameContains") or "")
        if text and text not in body[f"{noun}Name"]:
            continue
        config = body.get("MonitoringScheduleConfig") or {}
        endpoint = wanted.get("EndpointName") or wanted.get("EndpointNameEquals")
        if endpoint and body.get("EndpointName") != endpoint:
            continue
        flat = {**body, **config}
        if any(wanted.get(ours) not in (None, flat.get(theirs)) for ours, theirs in _SIFTED.items()):
            continue
        row = {k: v for k, v in flat.items() if k in members}
        found.append(row)
    return {key: found}


# what has its own way


def _update_endpoint(cloud: Cloud, asked: wire.Called) -> Document:
    """Another config: moto's endpoint holds it from now on. Counts and weights stay where asked."""
    name = asked.parameters["EndpointName"]
    backend: Any = cloud.holding.backend("sagemaker", asked.region)
    endpoint = backend.endpoints.get(name)
    if endpoint is None:
        arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:endpoint/{name}"
        raise invalid(f'Could not find endpoint "{arn}".')
    config = backend.endpoint_configs[asked.parameters["EndpointConfigName"]]
    variants = endpoint._process_production_variants(config.production_variants)
    if asked.parameters.get("RetainAllVariantProperties"):
        left = {
            one["VariantPropertyType"]
            for one in asked.parameters.get("ExcludeRetainedVariantProperties") or []
        }
        before = {one["VariantName"]: one for one in endpoint.production_variants}
        kept = {"DesiredInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
                "DesiredWeight": ("CurrentWeight", "DesiredWeight")}  # fmt: skip
        for variant in variants:
            for kind, keys in kept.items():
                was = before.get(variant["VariantName"], {})
                if kind not in left:
                    variant.update({key: was[key] for key in keys if was.get(key) is not None})
    endpoint.production_variants = variants
    endpoint.endpoint_config_name = asked.parameters["EndpointConfigName"]
    endpoint.data_capture_config = config.data_capture_config
    key = f"{_ASKED}/{asked.region}/Endpoint/{name}"
    body = cloud.world.get(key) or {}
    if not asked.parameters.get("RetainDeploymentConfig"):
        body.pop("DeploymentConfig", None)
    cloud.world.put(key, "asked", {**body, **asked.parameters})
    cloud.world.put(f"aws/sagemaker/updating/{asked.region}/{name}", "updating", {"looks": 1})
    running.served(cloud, asked)
    return {"EndpointArn": endpoint.arn}


def _weights(cloud: Cloud, asked: wire.Called) -> Document:
    """What is not told stays: moto would empty it."""
    name = asked.parameters["EndpointName"]
    endpoint: Any = cloud.holding.backend("sagemaker", asked.region).endpoints.get(name)  # type: ignore[attr-defined]
    if endpoint is None:
        arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:endpoint/{name}"
        raise invalid(f'Could not find endpoint "{arn}".')
    by_name = {one["VariantName"]: one for one in endpoint.production_variants}
    for one in asked.parameters["DesiredWeightsAndCapacities"]:
        variant = by_name.get(one["VariantName"])
        if variant is None:
            raise invalid(
                f'The variant name(s) "{one["VariantName"]}" is/are not present within endpoint '
                f'configuration "{endpoint.endpoint_config_name}".'
            )
        if one.get("DesiredWeight") is not None:
            variant["DesiredWeight"] = variant["CurrentWeight"] = float(one["DesiredWeight"])
        if one.get("DesiredInstanceCount") is not None:
            variant["DesiredInstanceCount"] = variant["CurrentInstanceCount"] = one["DesiredInstanceCount"]
    return {"EndpointArn": endpoint.arn}


def _delete_package(cloud: Cloud, asked: wire.Called) -> Document:
    backend: Any = cloud.holding.backend("sagemaker", asked.region)
    arn = backend.model_package_name_mapping.get(asked.parameters["ModelPackageName"])
    if arn is None:
        raise invalid(f"ModelPackage {asked.parameters['ModelPackageName']} does not exist.")
    backend.model_packages.pop(arn, None)
    for name in [key for key, value in backend.model_package_name_mapping.items() if value == arn]:
        del backend.model_package_name_mapping[name]
    return {}


def _delete_group(cloud: Cloud, asked: wire.Called) -> Document:
    backend: Any = cloud.holding.backend("sagemaker", asked.region)
    name = asked.parameters["ModelPackageGroupName"]
    if name not in backend.model_package_groups:
        raise invalid(f"ModelPackageGroup {name} does not exist.")
    if any(one.model_package_group_name == name for one in backend.model_packages.values()):
        raise CloudFault(400, "ConflictException", f"ModelPackageGroup {name} still has model packages.")
    del backend.model_package_groups[name]
    cloud.world.remove(f"{_ASKED}/{asked.region}/ModelPackageGroup/{name}")
    return {}


def _delete_job(noun: str, holder: str) -> Callable[[Cloud, wire.Called], Document]:
    def delete(cloud: Cloud, asked: wire.Called) -> Document:
        name = asked.parameters[f"{noun}Name"]
        jobs = getattr(cloud.holding.backend("sagemaker", asked.region), holder)
        found = [key for key, one in jobs.items() if name in (key, key.rpartition("/")[2])]
        if not found:
            raise CloudFault(400, "ResourceNotFound", f"{noun} {name} does not exist.")
        for key in found:
            del jobs[key]
        cloud.world.remove(f"{_ASKED}/{asked.region}/{noun}/{name}")
        return {}

    return delete


def _add_tags(cloud: Cloud, asked: wire.Called) -> Document:
    return {"Tags": _tag(cloud, asked.parameters["ResourceArn"], asked.parameters.get("Tags") or [])}


def _delete_tags(cloud: Cloud, asked: wire.Called) -> Document:
    arn = asked.parameters["ResourceArn"]
    kept = cloud.world.get(f"{_TAGS}/{arn}") or {}
    gone = set(asked.parameters.get("TagKeys") or [])
    cloud.world.put(f"{_TAGS}/{arn}", "tags", {key: value for key, value in kept.items() if key not in gone})
    return {}


def _list_tags(cloud: Cloud, asked: wire.Called) -> Document:
    kept = cloud.world.get(f"{_TAGS}/{asked.parameters['ResourceArn']}") or {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in kept.items()]}


def _tag(cloud: Cloud, arn: str, tags: list[Mapping[str, str]]) -> list[dict[str, str]]:
    kept = cloud.world.get(f"{_TAGS}/{arn}") or {}
    kept |= {one["Key"]: one["Value"] for one in tags}
    cloud.world.put(f"{_TAGS}/{arn}", "tags", kept)
    return [{"Key": key, "Value": value} for key, value in kept.items()]


_SPECIAL: Mapping[str, Callable[[Any, wire.Called], Document]] = {
    "UpdateEndpoint": _update_endpoint,
    "UpdateEndpointWeightsAndCapacities": _weights,
    "DeleteModelPackage": _delete_package,
    "DeleteModelPackageGroup": _delete_group,
    "DeleteTrainingJob": _delete_job("TrainingJob", "training_jobs"),
    "DeleteProcessingJob": _delete_job("ProcessingJob", "processing_jobs"),
    "AddTags": _add_tags,
    "DeleteTags": _delete_tags,
    "ListTags": _list_tags,
    "ListMonitoringExecutions": lambda cloud, asked: {"MonitoringExecutionSummaries": []},
    "ListPipelineExecutionSteps": lambda cloud, asked: running.steps(cloud, asked),
    "StopPipelineExecution": lambda cloud, asked: running.stop_pipeline(cloud, asked),
}


def _key(asked: wire.Called, noun: str) -> str | None:
    """Where what was asked for is kept: by the name that the call has."""
    keys = (f"{noun}Name", "JobDefinitionName" if noun.endswith("JobDefinition") else f"{noun}Name")
    name = next((asked.parameters[key] for key in keys if asked.parameters.get(key)), None)
    if not name or noun in ("ModelPackage", "PipelineExecution"):
        return None
    return f"{_ASKED}/{asked.region}/{noun}/{name}"


def _taken(cloud: Cloud, asked: wire.Called, noun: str) -> CloudFault:
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
    name = asked.parameters.get(f"{noun}Name") or asked.parameters.get("JobDefinitionName")
    arn = f"arn:aws:sagemaker:{asked.region}:{cloud.account}:{words}/{name}"
    if noun in _JOBS or noun.endswith("JobDefinition"):
        said = "Job name must be unique within an AWS account and region"
        return CloudFault(
            400, "ResourceInUse", f"{said}, and a {words} with this name already exists ({arn})"
        )
    return invalid(f'Cannot create already existing {words.replace("-", " ")} "{arn}".')


def _json(body: Mapping[str, Any]) -> wire.Answered:
    return wire.Answered(200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode())


def _body(told: wire.Answered) -> Document:
    return json.loads(told.body) if told.body else {}


def _now() -> float:
    return round(time.time(), 3)
