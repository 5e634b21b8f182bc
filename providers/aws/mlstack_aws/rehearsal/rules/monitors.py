"""Monitoring schedules: how often, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import SAGEMAKER, Problem, Site, View, condition, invalid, rule

_WHEN = SAGEMAKER.format("ScheduleConfig")
_HOURLY = re.compile(r"cron\(0 \* \? \* \* \*\)")
_DAILY = re.compile(r"cron\(0 (\d|[01]\d|2[0-3])(/(0?[1-9]|1\d|2[0-4]))? \? \* \* \*\)")
_KINDS = {
    "DataQuality": "data_quality_job_definition",
    "ModelQuality": "model_quality_job_definition",
    "ModelBias": "model_bias_job_definition",
    "ModelExplainability": "model_explainability_job_definition",
}
_AT = "MonitoringScheduleConfig"


@rule("monitor-cron", "sagemaker", "CreateMonitoringSchedule", "UpdateMonitoringSchedule", source=_WHEN)
def cron(x: View) -> Iterator[Problem]:
    at = f"{_AT}.ScheduleConfig"
    text = x.text(f"{at}.ScheduleExpression")
    if text == "NOW":
        for key in ("DataAnalysisStartTime", "DataAnalysisEndTime"):
            if x.missing(f"{at}.{key}"):
                yield f"{at}.{key}", "a schedule of NOW needs it"
    elif text and not _HOURLY.fullmatch(text) and not _DAILY.fullmatch(text):
        yield (
            f"{at}.ScheduleExpression",
            f"{text!r} is neither hourly, cron(0 * ? * * *), nor daily, cron(0 [00-23] ? * * *), nor every "
            "so many hours, cron(0 [00-23]/[01-24] ? * * *), nor NOW",
        )


@rule("monitor-definition", "sagemaker", "CreateMonitoringSchedule", "UpdateMonitoringSchedule",
      source=SAGEMAKER.format("MonitoringScheduleConfig"))  # fmt: skip
def definition(x: View) -> Iterator[Problem]:
    by_name, inline = f"{_AT}.MonitoringJobDefinitionName", f"{_AT}.MonitoringJobDefinition"
    if x.given(by_name) and x.given(inline):
        yield inline, "a schedule has either the name of a definition or a definition"
    if x.missing(by_name) and x.missing(inline):
        yield by_name, "a schedule needs a definition"


@condition("monitor-definition-there", "sagemaker", "CreateMonitoringSchedule", "UpdateMonitoringSchedule",
           source=SAGEMAKER.format("MonitoringScheduleConfig"))  # fmt: skip
def there(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    name, kind = x.text(f"{_AT}.MonitoringJobDefinitionName"), x.text(f"{_AT}.MonitoringType")
    if name and kind in _KINDS and _definition(site, x, region) is None:
        yield invalid(f"Could not find {kind} job definition {name}.")


_DEFINITIONS = tuple(f"Create{kind}JobDefinition" for kind in _KINDS)
_SECONDS = "StoppingCondition.MaxRuntimeInSeconds"


def _watched(x: View) -> View:
    """What of an endpoint a definition looks at, whichever of the four kinds it is."""
    return next((x.view(f"{kind}JobInput") for kind in _KINDS if x.given(f"{kind}JobInput")), View({}))


@rule("monitor-input", "sagemaker", *_DEFINITIONS, source=SAGEMAKER.format("DataQualityJobInput"))
def inputs(x: View) -> Iterator[Problem]:
    at = _watched(x)
    if at.given("EndpointInput") and at.given("BatchTransformInput"):
        yield at.path("BatchTransformInput"), "a definition looks at an endpoint or at batch transforms"


@rule("monitor-quality-type", "sagemaker", "CreateModelQualityJobDefinition",
      source="docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-schedule.html")  # fmt: skip
def quality(x: View) -> Iterator[Problem]:
    """Labels are merged with what was answered: the job has to know which part of an answer that is."""
    at = _watched(x)
    asked, kind = at.view("EndpointInput"), x.text("ModelQualityAppSpecification.ProblemType")
    if x.missing("ModelQualityAppSpecification.ProblemType"):
        yield "ModelQualityAppSpecification.ProblemType", "is missing"
    if at.missing("GroundTruthS3Input.S3Uri"):
        yield at.path("GroundTruthS3Input.S3Uri"), "quality needs the place of the labels"
    lacking = [key for key in ("InferenceAttribute", "ProbabilityAttribute") if asked.missing(key)]
    if kind == "Regression" and asked.given("EndpointName") and "InferenceAttribute" in lacking:
        yield asked.path("InferenceAttribute"), "a regression needs the answer's part that is compared"
    if kind == "BinaryClassification" and asked.given("EndpointName") and len(lacking) == 2:
        yield asked.path("InferenceAttribute"), "a classification needs it, or ProbabilityAttribute"


@condition("monitor-endpoint", "sagemaker", *_DEFINITIONS,
           source=SAGEMAKER.format("EndpointInput") + ": it has DataCaptureConfig enabled")  # fmt: skip
def endpoint(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    name = _watched(x).text("EndpointInput.EndpointName")
    if name:
        yield from _capturing(site, name, region)


@condition("monitor-captures", "sagemaker", "CreateMonitoringSchedule", "UpdateMonitoringSchedule",
           source="github.com/aws/sagemaker-python-sdk/issues/4873: looked for again")  # fmt: skip
def still(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    found = _definition(site, x, region)
    name = _watched(View(found)).text("EndpointInput.EndpointName") if found else ""
    if name:
        yield from _capturing(site, name, region)


@condition("monitor-frequency", "sagemaker", "CreateMonitoringSchedule", "UpdateMonitoringSchedule",
           source=SAGEMAKER.format("MonitoringStoppingCondition") + ": MaxRuntimeInSeconds")  # fmt: skip
def frequency(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    """A job that may run longer than until the next one; half an hour for the two that merge labels first."""
    found = _definition(site, x, region)
    if not found or not _HOURLY.fullmatch(x.text(f"{_AT}.ScheduleConfig.ScheduleExpression")):
        return
    kind = x.text(f"{_AT}.MonitoringType")
    most, seconds = 1800 if kind in ("ModelQuality", "ModelBias") else 3600, View(found)[_SECONDS]
    if isinstance(seconds, int) and seconds > most:
        yield invalid(
            f"MaxRuntimeInSeconds of an hourly schedule of {kind} is at most {most}, not {seconds}."
        )


@condition("monitor-pending", "sagemaker", "DeleteMonitoringSchedule", "UpdateMonitoringSchedule",
           "StartMonitoringSchedule", "StopMonitoringSchedule",
           source="github.com/aws/amazon-sagemaker-examples/issues/2342")  # fmt: skip
def pending(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    asked = {"MonitoringScheduleName": x.text("MonitoringScheduleName")}
    found = site.look("sagemaker", "describe_monitoring_schedule", asked, region)
    if found and found["MonitoringScheduleStatus"] == "Pending":
        yield invalid("Monitoring schedule in status Pending")


def _definition(site: Site, x: View, region: str) -> dict[str, Any] | None:
    name, kind = x.text(f"{_AT}.MonitoringJobDefinitionName"), x.text(f"{_AT}.MonitoringType")
    if not name or kind not in _KINDS:
        return None
    found: dict[str, Any] | None = site.look(
        "sagemaker", f"describe_{_KINDS[kind]}", {"JobDefinitionName": name}, region
    )
    return found


def _capturing(site: Site, name: str, region: str) -> Iterator[CloudFault]:
    there = site.look("sagemaker", "describe_endpoint", {"EndpointName": name}, region)
    if there is None:
        yield invalid(f'Could not find endpoint "arn:aws:sagemaker:{region}:{site.account}:endpoint/{name}".')
        return
    asked = {"EndpointConfigName": there["EndpointConfigName"]}
    config = site.look("sagemaker", "describe_endpoint_config", asked, region) or {}
    if not (config.get("DataCaptureConfig") or {}).get("EnableCapture"):
        yield invalid(f"Data capture is not enabled for endpoint {name}.")
