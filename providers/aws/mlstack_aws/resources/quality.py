"""``mlstack:aws:QualityDefinition``: what SageMaker Model Monitor is to compare, of the sorts that pulumi-aws
has not: the quality of a model's answers, their bias, and what they rest on.

A definition is never changed. What asks for another one gives it another name, so that the schedule goes over
to it before the old one goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from botocore import xform_name
from pydantic import Field

from mlstack.resource import UNKNOWN, Context, InputProblem, Inputs, Properties, Resource, State
from mlstack_aws.cloud import AwsFailure, client, gone, told

Sort = Literal["ModelQuality", "ModelBias", "ModelExplainability"]
#: By the word in their ARNs.
_SORTS: Mapping[str, Sort] = {
    "model-quality-job-definition": "ModelQuality",
    "model-bias-job-definition": "ModelBias",
    "model-explainability-job-definition": "ModelExplainability",
}
_TOLD = ("JobDefinitionName", "JobDefinitionArn", "CreationTime", "ResponseMetadata")


class QualityDefinitionInputs(Inputs):
    """``request`` is the body of Create…JobDefinition of the ``sort``, without name and tags. ``name`` is
    made of it: the same name is the same content."""

    region: str
    name: str
    sort: Sort
    request: dict[str, Any]
    tags: dict[str, str] = Field(default_factory=dict)


class QualityDefinition(Resource[QualityDefinitionInputs]):
    """Outputs: ``arn``, ``name``. Imported by its ARN."""

    Inputs = QualityDefinitionInputs
    replace_on = frozenset({"region", "name", "sort", "request"})

    def check(self, context: Context, inputs: QualityDefinitionInputs) -> None:
        for key in (f"{inputs.sort}{part}" for part in ("AppSpecification", "JobInput", "JobOutputConfig")):
            if not inputs.request.get(key):
                raise InputProblem(f"request.{key}", "is required")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return old.outputs if old is not None else {"arn": UNKNOWN, "name": inputs.get("name")}

    def create(self, context: Context, inputs: QualityDefinitionInputs) -> State:
        aws = client("sagemaker", inputs.region)
        if _look(aws, inputs.sort, inputs.name) is None:
            try:
                _call(aws, "create", inputs.sort, inputs.name, **inputs.request, Tags=_tags(inputs.tags))
            except AwsFailure as failure:  # made by a call whose answer was lost, and that was sent again
                if failure.category != "conflict":
                    raise
        found = _look(aws, inputs.sort, inputs.name)
        assert found is not None
        return State(str(found["JobDefinitionArn"]), _held(inputs), _outputs(found))

    def read(self, context: Context, state: State) -> State | None:
        _, _, _, region, _, rest = state.id.split(":", 5)
        word, _, name = rest.partition("/")
        aws, sort = client("sagemaker", region), _SORTS[word]
        found = _look(aws, sort, name)
        if found is None:
            return None
        with told(f"definition {name}"):
            listed = aws.list_tags(ResourceArn=found["JobDefinitionArn"])["Tags"]
        tags = {each["Key"]: each["Value"] for each in listed}
        body = {key: value for key, value in found.items() if key not in _TOLD}
        given = state.inputs.get("request")
        inputs = {
            "region": region,
            "name": str(found["JobDefinitionName"]),
            "sort": sort,
            "request": _as_given(given, body) if given else body,
            **({"tags": tags} if tags or state.inputs.get("tags") else {}),
        }
        return State(str(found["JobDefinitionArn"]), inputs, _outputs(found))

    def update(self, context: Context, state: State, inputs: QualityDefinitionInputs) -> Properties:
        aws, before = client("sagemaker", inputs.region), state.inputs.get("tags") or {}
        lost = sorted(set(before) - set(inputs.tags))
        with told(f"definition {inputs.name}"):
            if lost:
                aws.delete_tags(ResourceArn=state.id, TagKeys=lost)
            if inputs.tags:
                aws.add_tags(ResourceArn=state.id, Tags=_tags(inputs.tags))
        return state.outputs

    def delete(self, context: Context, state: State) -> None:
        _, _, _, region, _, rest = state.id.split(":", 5)
        word, _, name = rest.partition("/")
        with gone():
            _call(client("sagemaker", region), "delete", _SORTS[word], name)

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = QualityDefinitionInputs.model_validate(
            {key: value for key, value in inputs.items() if value is not None}
        )
        found = _look(client("sagemaker", given.region), given.sort, given.name)
        if found is None:
            return None
        return self.read(context, State(str(found["JobDefinitionArn"]), _held(given), {}))


def _call(aws: Any, verb: str, sort: Sort, name: str, **more: Any) -> Any:
    operation = getattr(aws, xform_name(f"{verb.title()}{sort}JobDefinition"))
    with told(f"definition {name}"):
        return operation(JobDefinitionName=name, **more)


def _look(aws: Any, sort: Sort, name: str) -> Mapping[str, Any] | None:
    with gone():
        found: Mapping[str, Any] = _call(aws, "describe", sort, name)
        return found
    return None


def _as_given(given: Any, found: Any) -> Any:
    """What is there, of what was asked for: the platform adds usual values of its own."""
    if isinstance(given, Mapping) and isinstance(found, Mapping):
        return {key: _as_given(value, found.get(key)) for key, value in given.items()}
    if isinstance(given, list) and isinstance(found, list) and len(given) == len(found):
        return [_as_given(*pair) for pair in zip(given, found, strict=True)]
    return found


def _held(inputs: QualityDefinitionInputs) -> dict[str, Any]:
    """As they were given: a default beside them would be a change to the next ``up``."""
    return inputs.model_dump(exclude_unset=True)


def _outputs(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"arn": str(found["JobDefinitionArn"]), "name": str(found["JobDefinitionName"])}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
