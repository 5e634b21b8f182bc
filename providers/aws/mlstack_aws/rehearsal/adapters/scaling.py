"""Autoscaling, and schedules.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
appautoscaling_target, appautoscaling_policy, appautoscaling_scheduled_action, scheduler_schedule,
scheduler_schedule_group.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from mlstack_aws.rehearsal import shapes
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, Shaped
from mlstack_aws.rehearsal.shapes import tags_list, tags_map

_SERVICE = "application-autoscaling"
_PLACE = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class _Scaling(Adapter):
    """What is asked of application autoscaling by one call that makes and changes."""

    puts: ClassVar[str]
    lists: ClassVar[str]
    inside: ClassVar[str]
    names: ClassVar[dict[str, str]] = {}

    def _given(self, inputs: Properties) -> dict[str, Any]:
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region")}
        shape = shapes.parameters_of(_SERVICE, self.puts)
        made: dict[str, Any] = shapes.forward(shape, given, self.names)
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield _SERVICE, self.puts, self._given(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        given = self._given(inputs)
        if self.puts == "RegisterScalableTarget" and inputs.get("tags"):
            given["Tags"] = inputs["tags"]
        aws.cloud.call(_SERVICE, _SNAKE[self.puts], given, aws.region)
        return self.id(inputs)

    @abstractmethod
    def id(self, inputs: Properties) -> str: ...

    @abstractmethod
    def found(self, aws: Aws, id: str) -> Any:
        """What the cloud lists of it; None where it is gone."""

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = self.found(aws, id)
        if told is None:
            return None
        shape = shapes.answer_of(_SERVICE, _CAMEL[self.lists]).members[self.inside].member
        return shapes.back(self.type, shape, told, self.names)

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.create(aws, {key: value for key, value in new.items() if key != "tags"})


class _Parted(_Scaling):
    """Those whose id says where they are."""

    @abstractmethod
    def parts(self, id: str) -> dict[str, str]: ...

    def found(self, aws: Aws, id: str) -> Any:
        parts = self.parts(id)
        told = aws(_SERVICE, self.lists, ServiceNamespace=parts["ServiceNamespace"])[self.inside]
        return next((one for one in told if all(str(one.get(k)) == v for k, v in parts.items())), None)


_SNAKE = {
    "RegisterScalableTarget": "register_scalable_target",
    "PutScalingPolicy": "put_scaling_policy",
    "PutScheduledAction": "put_scheduled_action",
}
_CAMEL = {
    "describe_scalable_targets": "DescribeScalableTargets",
    "describe_scaling_policies": "DescribeScalingPolicies",
    "describe_scheduled_actions": "DescribeScheduledActions",
}


class Target(_Parted):
    type = "aws:appautoscaling/target:Target"
    name = None
    replaces = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})
    puts, lists, inside = "RegisterScalableTarget", "describe_scalable_targets", "ScalableTargets"
    names: ClassVar = {"roleArn": "RoleARN"}

    def id(self, inputs: Properties) -> str:
        return "/".join(str(inputs[key]) for key in ("serviceNamespace", "resourceId", "scalableDimension"))

    def parts(self, id: str) -> dict[str, str]:
        space, _, rest = id.partition("/")
        resource, _, dimension = rest.rpartition("/")
        return dict(zip(_PLACE, (space, resource, dimension), strict=True))

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        found = super().look(aws, id, inputs)
        if found is not None:
            arn = self.found(aws, id).get("ScalableTargetARN") or aws.arn(
                _SERVICE, "scalable-target/rehearsal"
            )
            found |= {"arn": arn, "tags": inputs.get("tags") or {}, "tagsAll": inputs.get("tags") or {}}
        return found

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws(_SERVICE, "deregister_scalable_target", **self.parts(id))


class Policy(_Parted):
    type = "aws:appautoscaling/policy:Policy"
    replaces = frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"})
    puts, lists, inside = "PutScalingPolicy", "describe_scaling_policies", "ScalingPolicies"
    names: ClassVar = {"name": "PolicyName"}

    def id(self, inputs: Properties) -> str:
        keys = ("serviceNamespace", "resourceId", "scalableDimension", "name")
        return "/".join(str(inputs[key]) for key in keys)

    def parts(self, id: str) -> dict[str, str]:
        rest, _, name = id.rpartition("/")
        space, _, rest = rest.partition("/")
        resource, _, dimension = rest.rpartition("/")
        return dict(zip((*_PLACE, "PolicyName"), (space, resource, dimension, name), strict=True))

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        found = super().look(aws, id, inputs)
        if found is not None:
            told = self.found(aws, id)
            found |= {
                "arn": told["PolicyARN"],
                "alarmArns": [one["AlarmARN"] for one in told.get("Alarms", [])],
            }
        return found

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        if self.found(aws, id):
            aws(_SERVICE, "delete_scaling_policy", **self.parts(id))


class ScheduledAction(_Scaling):
    type = "aws:appautoscaling/scheduledAction:ScheduledAction"
    replaces = frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"})
    puts, lists, inside = "PutScheduledAction", "describe_scheduled_actions", "ScheduledActions"
    names: ClassVar = {"name": "ScheduledActionName"}

    def id(self, inputs: Properties) -> str:
        return "-".join(str(inputs[key]) for key in ("name", "serviceNamespace", "resourceId"))

    def found(self, aws: Aws, id: str) -> Any:
        told = aws(_SERVICE, self.lists, ServiceNamespace="sagemaker")[self.inside]
        keys = ("ScheduledActionName", "ServiceNamespace", "ResourceId")
        return next((one for one in told if "-".join(one[key] for key in keys) == id), None)

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        found = super().look(aws, id, inputs)
        if found is not None:
            found["arn"] = self.found(aws, id)["ScheduledActionARN"]
            found.setdefault("timezone", "UTC")
        return found

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        told = self.found(aws, id)
        if told:
            keys = (*_PLACE, "ScheduledActionName")
            aws(_SERVICE, "delete_scheduled_action", **{key: told[key] for key in keys})


class ScheduleGroup(Adapter):
    type = "aws:scheduler/scheduleGroup:ScheduleGroup"
    replaces = frozenset({"name", "namePrefix"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "scheduler", "CreateScheduleGroup", {"Name": inputs.get("name")}

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("scheduler", "create_schedule_group", Name=inputs["name"], Tags=tags_list(inputs.get("tags")))
        return str(inputs["name"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("scheduler", "get_schedule_group", Name=id)
        if answer is None:
            return None
        tags = tags_map(aws("scheduler", "list_tags_for_resource", ResourceArn=answer["Arn"]).get("Tags"))
        made = answer["CreationDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "name": id,
            "arn": answer["Arn"],
            "state": answer["State"],
            "creationDate": made,
            "lastModificationDate": made,
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        arn = aws.arn("scheduler", f"schedule-group/{id}")
        aws("scheduler", "tag_resource", ResourceArn=arn, Tags=tags_list(new.get("tags")))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("scheduler", "delete_schedule_group", Name=id)


class Schedule(Shaped):
    type = "aws:scheduler/schedule:Schedule"
    service, creates, describes = "scheduler", "CreateSchedule", "GetSchedule"
    deletes, updates = "DeleteSchedule", "UpdateSchedule"
    key, arn = "Name", "Arn"
    replaces = frozenset({"name", "namePrefix", "groupName"})
    names: ClassVar = {"ecsParameters": "EcsParameters"}

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("scheduler", "create_schedule", **self.parameters(inputs))
        return f"{inputs.get('groupName') or 'default'}/{inputs['name']}"

    def described(self, aws: Aws, id: str) -> Any:
        group, _, name = id.partition("/")
        return aws.look("scheduler", "get_schedule", GroupName=group, Name=name)

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        name = id.partition("/")[2]
        aws("scheduler", "update_schedule", **self.parameters({**new, "name": name}, "UpdateSchedule"))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        group, _, name = id.partition("/")
        aws("scheduler", "delete_schedule", GroupName=group, Name=name)

    def tags(self, aws: Aws, arn: str) -> dict[str, str] | None:
        return None


ADAPTERS = (Target(), Policy(), ScheduledAction(), ScheduleGroup(), Schedule())
