"""Logs, alarms, dashboards, rules of events.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
cloudwatch_log_group, cloudwatch_metric_alarm, cloudwatch_dashboard, cloudwatch_event_rule,
cloudwatch_event_target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from mlstack_aws.rehearsal import shapes
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class LogGroup(Adapter):
    type = "aws:cloudwatch/logGroup:LogGroup"
    replaces = frozenset({"name", "namePrefix", "logGroupClass"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "logs", "CreateLogGroup", {"logGroupName": inputs.get("name")}
        days = inputs.get("retentionInDays")
        if isinstance(days, (int, float)) and days:
            yield (
                "logs",
                "PutRetentionPolicy",
                {"logGroupName": inputs.get("name"), "retentionInDays": int(days)},
            )

    def create(self, aws: Aws, inputs: Properties) -> str:
        name = str(inputs["name"])
        aws(
            "logs",
            "create_log_group",
            logGroupName=name,
            kmsKeyId=inputs.get("kmsKeyId"),
            tags=inputs.get("tags") or None,
        )
        self._retain(aws, name, inputs)
        return name

    def _retain(self, aws: Aws, name: str, inputs: Properties) -> None:
        days = int(inputs.get("retentionInDays") or 0)
        if days:
            aws("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
        else:
            aws("logs", "delete_retention_policy", logGroupName=name)

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws("logs", "describe_log_groups", logGroupNamePrefix=id)["logGroups"]
        one = next((one for one in told if one["logGroupName"] == id), None)
        if one is None:
            return None
        arn = one["arn"].removesuffix(":*")
        tags = tags_map(aws("logs", "list_tags_for_resource", resourceArn=arn).get("tags"))
        return {
            "name": id,
            "arn": arn,
            "retentionInDays": one.get("retentionInDays", 0),
            "kmsKeyId": one.get("kmsKeyId", ""),
            "logGroupClass": "STANDARD",
            "skipDestroy": bool(inputs.get("skipDestroy")),
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self._retain(aws, id, new)
        arn = aws.arn("logs", f"log-group:{id}")
        gone, given = tag_changes(old, new)
        if gone:
            aws("logs", "untag_resource", resourceArn=arn, tagKeys=gone)
        if given:
            aws("logs", "tag_resource", resourceArn=arn, tags=given)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        if not inputs.get("skipDestroy"):
            aws("logs", "delete_log_group", logGroupName=id)


class MetricAlarm(Adapter):
    type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    replaces = frozenset({"name"})
    names: ClassVar = {
        "name": "AlarmName",
        "metricQueries": "Metrics",
        "okActions": "OKActions",
        "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        "account": "AccountId",
    }

    def _given(self, inputs: Properties) -> dict[str, Any]:
        shape = shapes.parameters_of("cloudwatch", "PutMetricAlarm")
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region", "dimensions")}
        made: dict[str, Any] = shapes.forward(shape, given, self.names)
        if isinstance(inputs.get("dimensions"), dict):
            made["Dimensions"] = tags_list(inputs["dimensions"], "Name", "Value")
        for query, theirs in zip(inputs.get("metricQueries") or (), made.get("Metrics") or (), strict=True):
            metric = query.get("metric")
            if isinstance(metric, dict):
                theirs["MetricStat"] = {
                    "Metric": {
                        "Namespace": metric.get("namespace"),
                        "MetricName": metric.get("metricName"),
                        "Dimensions": tags_list(metric.get("dimensions"), "Name", "Value"),
                    },
                    "Period": metric.get("period"),
                    "Stat": metric.get("stat"),
                }
                if isinstance(theirs["MetricStat"]["Period"], float):
                    theirs["MetricStat"]["Period"] = int(metric["period"])
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "cloudwatch", "PutMetricAlarm", self._given(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("cloudwatch", "put_metric_alarm", **self._given(inputs), Tags=tags_list(inputs.get("tags")))
        return str(inputs["name"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws("cloudwatch", "describe_alarms", AlarmNames=[id])["MetricAlarms"]
        if not told:
            return None
        shape = shapes.answer_of("cloudwatch", "DescribeAlarms").members["MetricAlarms"].member
        flat = {key: value for key, value in told[0].items() if key not in ("Dimensions", "Metrics")}
        found = shapes.back(self.type, shape, flat, self.names)
        tags = tags_map(
            aws("cloudwatch", "list_tags_for_resource", ResourceARN=told[0]["AlarmArn"]).get("Tags")
        )
        if told[0].get("Dimensions"):
            found["dimensions"] = {one["Name"]: one["Value"] for one in told[0]["Dimensions"]}
        if told[0].get("Metrics"):
            found["metricQueries"] = [self._query(one) for one in told[0]["Metrics"]]
        return {**found, "arn": told[0]["AlarmArn"], "tags": tags, "tagsAll": tags}

    def _query(self, one: dict[str, Any]) -> dict[str, Any]:
        pairs = {
            "id": "Id",
            "expression": "Expression",
            "label": "Label",
            "returnData": "ReturnData",
            "period": "Period",
        }
        found = {ours: one[theirs] for ours, theirs in pairs.items() if one.get(theirs) is not None}
        stat = one.get("MetricStat")
        if stat:
            metric = stat["Metric"]
            found["metric"] = {
                "namespace": metric["Namespace"],
                "metricName": metric["MetricName"],
                "period": stat["Period"],
                "stat": stat["Stat"],
                "dimensions": {each["Name"]: each["Value"] for each in metric.get("Dimensions") or []},
            }
        return found

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        aws("cloudwatch", "put_metric_alarm", **self._given({**new, "name": id}))
        arn = aws.arn("cloudwatch", f"alarm:{id}")
        gone, given = tag_changes(old, new)
        if gone:
            aws("cloudwatch", "untag_resource", ResourceARN=arn, TagKeys=gone)
        if given:
            aws("cloudwatch", "tag_resource", ResourceARN=arn, Tags=tags_list(given))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("cloudwatch", "delete_alarms", AlarmNames=[id])


class Dashboard(Adapter):
    type = "aws:cloudwatch/dashboard:Dashboard"
    name = "dashboardName"
    replaces = frozenset({"dashboardName"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        given = {"DashboardName": inputs.get("dashboardName"), "DashboardBody": inputs.get("dashboardBody")}
        yield "cloudwatch", "PutDashboard", given

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("cloudwatch", "put_dashboard", **next(self.requests(inputs))[2])
        return str(inputs["dashboardName"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("cloudwatch", "get_dashboard", DashboardName=id)
        if told is None:
            return None
        return {
            "dashboardName": id,
            "dashboardBody": told["DashboardBody"],
            "dashboardArn": told["DashboardArn"],
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        aws("cloudwatch", "put_dashboard", DashboardName=id, DashboardBody=new["dashboardBody"])

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("cloudwatch", "delete_dashboards", DashboardNames=[id])


class EventRule(Adapter):
    type = "aws:cloudwatch/eventRule:EventRule"
    replaces = frozenset({"name", "namePrefix", "eventBusName"})
    names: ClassVar = {"name": "Name"}

    def _given(self, inputs: Properties) -> dict[str, Any]:
        shape = shapes.parameters_of("events", "PutRule")
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region", "isEnabled")}
        made: dict[str, Any] = shapes.forward(shape, given, self.names)
        if inputs.get("isEnabled") is False:
            made["State"] = "DISABLED"
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "events", "PutRule", self._given(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("events", "put_rule", **self._given(inputs), Tags=tags_list(inputs.get("tags")))
        bus = inputs.get("eventBusName") or "default"
        return str(inputs["name"]) if bus == "default" else f"{bus}/{inputs['name']}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        bus, name = _bus(id)
        told = aws.look("events", "describe_rule", Name=name, EventBusName=bus)
        if told is None:
            return None
        tags = tags_map(aws("events", "list_tags_for_resource", ResourceARN=told["Arn"]).get("Tags"))
        found = shapes.back(self.type, shapes.answer_of("events", "DescribeRule"), told, self.names)
        return {
            **found,
            "eventBusName": bus,
            "isEnabled": told["State"] == "ENABLED",
            "arn": told["Arn"],
            "forceDestroy": bool(inputs.get("forceDestroy")),
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        aws("events", "put_rule", **self._given({**new, "name": _bus(id)[1]}))
        arn = aws.arn("events", f"rule/{_bus(id)[1]}")
        gone, given = tag_changes(old, new)
        if gone:
            aws("events", "untag_resource", ResourceARN=arn, TagKeys=gone)
        if given:
            aws("events", "tag_resource", ResourceARN=arn, Tags=tags_list(given))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        bus, name = _bus(id)
        aws("events", "delete_rule", Name=name, EventBusName=bus)


class EventTarget(Adapter):
    type = "aws:cloudwatch/eventTarget:EventTarget"
    name = "targetId"
    replaces = frozenset({"targetId", "rule", "eventBusName"})
    names: ClassVar = {
        "targetId": "Id",
        "sagemakerPipelineTarget": "SageMakerPipelineParameters",
        "pipelineParameterLists": "PipelineParameterList",
        "inputPaths": "InputPathsMap",
        "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
        "sqsTarget": "SqsParameters",
        "httpTarget": "HttpParameters",
        "batchTarget": "BatchParameters",
    }

    def create(self, aws: Aws, inputs: Properties) -> str:
        shape = shapes.parameters_of("events", "PutTargets").members["Targets"].member
        given = {
            k: v for k, v in inputs.items() if k not in ("rule", "eventBusName", "region", "forceDestroy")
        }
        bus = inputs.get("eventBusName") or "default"
        target = shapes.forward(shape, given, self.names)
        aws("events", "put_targets", Rule=inputs["rule"], EventBusName=bus, Targets=[target])
        rule = inputs["rule"] if bus == "default" else f"{bus}-{inputs['rule']}"
        return f"{rule}-{inputs['targetId']}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        if not inputs:  # an import names it RULE/TARGET or BUS/RULE/TARGET
            if "/" not in id:
                return None
            *bus, rule, target = id.split("/")
            inputs = {"rule": rule, "targetId": target, "eventBusName": bus[0] if bus else "default"}
        bus_name = inputs.get("eventBusName") or "default"
        told = aws.look("events", "list_targets_by_rule", Rule=inputs["rule"], EventBusName=bus_name) or {}
        one = next((one for one in told.get("Targets", []) if one["Id"] == inputs["targetId"]), None)
        if one is None:
            return None
        shape = shapes.answer_of("events", "ListTargetsByRule").members["Targets"].member
        found = shapes.back(self.type, shape, one, self.names)
        return {**found, "rule": inputs["rule"], "eventBusName": bus_name}

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        bus = inputs.get("eventBusName") or "default"
        aws("events", "remove_targets", Rule=inputs["rule"], EventBusName=bus, Ids=[inputs["targetId"]])


def _bus(id: str) -> tuple[str, str]:
    bus, _, name = id.rpartition("/")
    return bus or "default", name


ADAPTERS = (LogGroup(), MetricAlarm(), Dashboard(), EventRule(), EventTarget())
