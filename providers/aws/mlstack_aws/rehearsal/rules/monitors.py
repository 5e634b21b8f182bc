"""Monitoring schedules: how often, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    look, asked = f"describe_{_KINDS.get(kind)}", {"JobDefinitionName": name}
    if name and kind in _KINDS and site.look("sagemaker", look, asked, region) is None:
        yield invalid(f"Could not find {kind} job definition {name}.")


_DEFINITIONS = tuple(f"Create{kind}JobDefinition" for kind in _KINDS)


@condition("monitor-endpoint", "sagemaker", *_DEFINITIONS, source=SAGEMAKER.format("EndpointInput"))
def endpoint(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for kind in _KINDS:
        name = x.text(f"{kind}JobInput.EndpointInput.EndpointName")
        found = site.look("sagemaker", "describe_endpoint", {"EndpointName": name}, region) if name else {}
        if found is None:
            yield invalid(
                f'Could not find endpoint "arn:aws:sagemaker:{region}:{site.account}:endpoint/{name}".'
            )
