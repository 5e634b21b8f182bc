"""How the resources of a stack fare: one look at each, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from mlstack.errors import MlstackError
from mlstack.runtime import ChildRecord, Record, Status, StatusState
from mlstack.spec import KINDS
from mlstack_aws.cloud import gone, told
from mlstack_aws.runtime import children, jobs
from mlstack_aws.runtime.account import Account

_AT_ONCE = 8
Document = Mapping[str, Any]
Found = tuple[StatusState, str, str | None]

_ENDPOINTS: Mapping[str, StatusState] = {
    "InService": "ready",
    "Creating": "creating",
    "Updating": "creating",
    "SystemUpdating": "creating",
    "RollingBack": "degraded",
    "UpdateRollbackFailed": "degraded",
    "OutOfService": "failed",
    "Failed": "failed",
    "Deleting": "deleted",
}
_STATES: Mapping[str, StatusState] = {
    "Completed": "ready",
    "Scheduled": "ready",
    "Active": "ready",
    "ACTIVE": "ready",
    "ENABLED": "ready",
    "Pending": "creating",
    "InProgress": "creating",
    "Creating": "creating",
    "Failed": "failed",
    "Stopped": "stopped",
    "DISABLED": "stopped",
    "Deleting": "deleted",
    "DELETING": "deleted",
}


@dataclass(frozen=True)
class Look:
    """One read of a service: ``argument`` is given the child's id; ``state`` is where the answer says how it
    fares ("" where being there is all), as "key.key"; ``more`` are further arguments."""

    service: str
    operation: str
    argument: str
    state: str = ""
    name: Callable[[ChildRecord], Any] = lambda child: child.id
    more: Callable[[ChildRecord], Mapping[str, Any]] = lambda _child: {}


#: Type of the child that stands for a component -> how it is looked at.
_LOOKS: Mapping[str, Look] = {
    "aws:s3/bucket:Bucket": Look("s3", "head_bucket", "Bucket"),
    "aws:secretsmanager/secret:Secret": Look("secretsmanager", "describe_secret", "SecretId"),
    children.MODEL: Look("sagemaker", "describe_model", "ModelName"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": Look(
        "sagemaker", "describe_model_package_group", "ModelPackageGroupName", "ModelPackageGroupStatus"
    ),
    "mlstack:aws:ModelPackage": Look(
        "sagemaker", "describe_model_package", "ModelPackageName", "ModelPackageStatus"
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": Look(
        "sagemaker", "describe_monitoring_schedule", "MonitoringScheduleName", "MonitoringScheduleStatus"
    ),
    "aws:sagemaker/pipeline:Pipeline": Look(
        "sagemaker", "describe_pipeline", "PipelineName", "PipelineStatus"
    ),
    "aws:sns/topic:Topic": Look("sns", "get_topic_attributes", "TopicArn"),
    "aws:scheduler/schedule:Schedule": Look(
        "scheduler",
        "get_schedule",
        "Name",
        "State",
        lambda child: child.id.rpartition("/")[2],
        more=lambda child: {"GroupName": child.id.rpartition("/")[0] or "default"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Look(
        "cloudwatch", "describe_alarms", "AlarmNames", name=lambda child: [child.id]
    ),
}


def read(aws: Account, records: Sequence[Record]) -> list[Status]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda record: _status(aws, record), records))


def _status(aws: Account, record: Record) -> Status:
    state, detail, url = _found(aws, record)
    return Status(KINDS[record.kind].singular, record.name, state, detail, url)


def _found(aws: Account, record: Record) -> Found:
    if record.kind == "compute" and record.outputs.get("instance"):
        return "ready", str(record.outputs["instance"]), None  # SageMaker has nothing that it would be
    if record.outputs.get("id") is None and not record.children:
        return "absent", "not made yet", None
    try:
        if record.kind == "jobs":
            state, detail, page = jobs.status(aws, record)
            return cast(StatusState, state), detail, page
        if children.of_type(record, children.ENDPOINT):
            return _endpoint(aws, record)
        return _looked_at(aws, record)
    except MlstackError as error:
        if error.category == "permission":
            return "degraded", f"not allowed to look: {error.message.splitlines()[0]}", None
        raise


def _looked_at(aws: Account, record: Record) -> Found:
    """Of all children that can be looked at; one that is not there, or fares worse, decides."""
    found: list[Found] = []
    for child in record.children:
        look = _LOOKS.get(child.type)
        if look is None:
            continue
        document = _document(aws, record, child, look)
        if document is None:
            return "absent", f"{child.id} is not there", None
        said: Any = document
        for key in look.state.split(".") if look.state else ():
            said = (said or {}).get(key)
        state = _STATES.get(str(said), "ready") if look.state else "ready"
        found.append((state, "" if state == "ready" else f"{child.id} is {said}", None))
    version = str(record.outputs.get("version") or "")
    usual: Found = ("ready", f"version {version}" if version else "", None)
    return next((each for each in found if each[0] != "ready"), usual)


def _document(aws: Account, record: Record, child: ChildRecord, look: Look) -> Document | None:
    client = aws.of(look.service, record)
    with gone(), told(f"{record.kind} {record.name}"):
        found: Document = getattr(client, look.operation)(
            **{look.argument: look.name(child)}, **look.more(child)
        )
        if look.operation == "describe_alarms" and not found.get("MetricAlarms"):
            return None
        return found
    return None


def _endpoint(aws: Account, record: Record) -> Found:
    name = children.endpoint(record)
    url = record.outputs.get("url")
    client = aws.of("sagemaker", record)
    found: Document | None = None
    with gone(), told(f"endpoint {name}"):
        found = client.describe_endpoint(EndpointName=name)
    if found is None:
        return "absent", f"{name} is not there", None
    state = _ENDPOINTS.get(str(found["EndpointStatus"]), "creating")
    detail = _deployments(record, found)
    if state in ("failed", "degraded"):
        return state, f"{detail}; {found.get('FailureReason') or found['EndpointStatus']}", url
    if state != "ready":
        return state, f"{detail}; {found['EndpointStatus']}", url
    serves = found.get("EndpointConfigName")
    for switch in children.of_type(record, children.SWITCH):
        wanted = switch.inputs.get("configuration")
        if wanted and serves and wanted != serves:
            return "degraded", f"{detail}; it serves {serves}, not {wanted}", url
    for each in children.held(record).values():
        component = each.get("component")
        if component:
            held = client.describe_inference_component(InferenceComponentName=component)
            said = str(held["InferenceComponentStatus"])
            if said != "InService":
                return _ENDPOINTS.get(said, "creating"), f"{detail}; {component} is {said}", url
    return state, detail, url


def _deployments(record: Record, found: Document) -> str:
    real = {str(each["VariantName"]): each for each in found.get("ProductionVariants") or ()}
    total = sum(float(each.get("CurrentWeight") or 0) for each in real.values())
    parts = []
    for name, held in children.held(record).items():
        variant = real.pop(str(held.get("name")), None)
        if variant is None:
            share = f"mirrors {held['mirror']} %" if held.get("mirror") else "not there"
        else:
            weight = float(variant.get("CurrentWeight") or 0)
            share = f"{round(100 * weight / total) if total else 0} %"
            count = variant.get("CurrentInstanceCount")
            share += f", {count} instance{'' if count == 1 else 's'}" if count is not None else ""
        parts.append(f"{name} ({share})")
    parts += [f"{name} (not of this stack's spec)" for name in sorted(real)]
    return ", ".join(parts) or "no deployment"
