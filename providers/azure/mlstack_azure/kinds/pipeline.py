"""A pipeline: a component for each step's job, and one that puts them in order.

A pipeline component is a definition that nothing runs by itself: a schedule starts it, and so does whoever
makes a pipeline job with its id (``az ml job create``, the studio). A definition cannot be changed: its
version is the hash of what it says, and another one is another version.

Azure ML orders steps by what flows between them alone. A step that only comes after another takes an
output of that one as a further input, which its command does not read. The shape of nodes (snake_case
within, ``parent.jobs``) is azure-ai-ml's: `PipelineJob._to_rest_object`, `Command._to_rest_object`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import Job, Pipeline, Value
from mlstack.spec.pipeline import Step
from mlstack_azure.kinds.job import command
from mlstack_azure.kinds.served import NEW_FIRST
from mlstack_azure.names import identifier, physical, tags
from mlstack_azure.place import place
from mlstack_azure.wire import body

DONE = "mlstack_done"
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


@dataclass(frozen=True)
class Stage:
    """A step, its job, and the body of the command job that this would be on its own."""

    name: str
    step: Step
    job: Job
    body: Mapping[str, Any]


def build(build: Build) -> Mapping[str, Any]:
    spec: Pipeline = build.spec
    stages = {name: _stage(build, name, step) for name, step in spec.steps.items()}
    needed = {other for stage in stages.values() for other in after(stage.step)}
    nodes = {
        identifier(name): _node(build, stage, stages, _component(build, stage, stages, name in needed))
        for name, stage in stages.items()
    }
    made = _version(
        build,
        (),
        {
            "type": "pipeline",
            "display_name": build.name,
            "inputs": {},
            "outputs": {},
            "jobs": nodes,
            "_source": "YAML.COMPONENT",
        },
        main=True,
    )
    return {"id": made.id}


def identity(build: Build) -> Any:
    """Whom a pipeline's jobs run as."""
    import pulumi_azure_native.machinelearningservices as ml

    client = place(build).identity_client_id
    return None if client is None else ml.ManagedIdentityArgs(identity_type="Managed", client_id=client)


def after(step: Step) -> list[str]:
    """Steps that come before, and hand nothing over."""
    flowing = {reference[1] for reference in map(_of_step, step.inputs.values()) if reference}
    return [other for other in step.needs if other not in flowing]


def _of_step(given: str | Value) -> tuple[str, str, str] | None:
    """``steps.train.model`` in its parts; None for what is no other step's."""
    if not isinstance(given, str) or not given.startswith("steps."):
        return None
    kind, name, output = given.split(".")
    return kind, name, output


def _stage(build: Build, name: str, step: Step) -> Stage:
    job: Job = build.spec_of("jobs", str(step.job))  # other sorts of steps are refused before
    if job.retries:
        build.warn(f"steps.{name}.job", f"retries of jobs.{step.job} has no effect: a step is tried once")
    inputs = {**job.inputs, **step.inputs}
    plain = {key: given for key, given in inputs.items() if _of_step(given) is None}
    alone = job.model_copy(update={"inputs": plain})
    return Stage(name, step, job.model_copy(update={"inputs": inputs}), body(command(build, alone, name)))


def _component(build: Build, stage: Stage, stages: Mapping[str, Stage], needed: bool) -> Any:
    inputs = {key: _declared(stage, key, given, stages) for key, given in stage.job.inputs.items()}
    inputs |= {_following(other): {"type": _flowing(stages[other])[1]} for other in after(stage.step)}
    outputs: dict[str, Any] = {key: {"type": f"uri_{each.type}"} for key, each in stage.job.outputs.items()}
    if needed and not outputs:
        outputs[DONE] = {"type": "uri_folder"}
    spec: dict[str, Any] = {
        "type": "command",
        "display_name": stage.name,
        "command": stage.body["command"],
        "environment": _asset(stage.body["environmentId"]),
        "inputs": inputs,
        "outputs": outputs,
        # the same inputs must not bring back what an earlier run made
        "is_deterministic": False,
        "_source": "YAML.COMPONENT",
    }
    if "codeId" in stage.body:
        spec["code"] = _asset(stage.body["codeId"])
    return _version(build, (stage.name,), spec)


def _version(build: Build, suffixes: tuple[str, ...], spec: dict[str, Any], *, main: bool = False) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    name = identifier(physical(build, *suffixes, longest=64))
    version = pulumi.Output.json_dumps(spec, sort_keys=True).apply(fingerprint)
    return build.make(
        ml.ComponentVersion,
        *suffixes,
        main=main,
        options=NEW_FIRST,
        name=name,
        version=version,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.ComponentVersionPropertiesArgs(
            component_spec={**spec, "name": name, "version": version},
            is_anonymous=False,
            is_archived=False,
            tags=cast(Any, tags(build)),
        ),
    )


def _node(build: Build, stage: Stage, stages: Mapping[str, Stage], component: Any) -> dict[str, Any]:
    given = {key: _snake(each) for key, each in stage.body.get("inputs", {}).items()}
    for key, each in stage.job.inputs.items():
        if flowing := _of_step(each):
            given[key] = _bound(flowing[1], flowing[2])
    for other in after(stage.step):
        given[_following(other)] = _bound(other, _flowing(stages[other])[0])
    node: dict[str, Any] = {
        "name": identifier(stage.name),
        "type": "command",
        "componentId": component.id,
        "computeId": stage.body.get("computeId", "serverless"),
        "inputs": given,
        "_source": "REMOTE.WORKSPACE.COMPONENT",
    }
    outputs = {
        key: {"uri": each.path, "job_output_type": f"uri_{each.type}", "mode": "ReadWriteMount"}
        for key, each in stage.job.outputs.items()
        if each.path is not None
    }
    if outputs:
        node["outputs"] = outputs
    for wire, name in (("resources", "resources"), ("distribution", "distribution"), ("limits", "limits")):
        if wire in stage.body:
            node[name] = _snake(stage.body[wire])
    if "environmentVariables" in stage.body:
        node["environment_variables"] = stage.body["environmentVariables"]
    return node


def _declared(stage: Stage, key: str, given: str | Value, stages: Mapping[str, Stage]) -> dict[str, Any]:
    """An input as a component declares it."""
    if flowing := _of_step(given):
        return {"type": f"uri_{stages[flowing[1]].job.outputs[flowing[2]].type}"}
    if isinstance(given, Value):
        return {"type": _TYPES.get(type(given.value), "string")}
    return {"type": stage.body["inputs"][key]["jobInputType"]}


def _bound(step: str, output: str) -> dict[str, Any]:
    return {"value": f"${{{{parent.jobs.{identifier(step)}.outputs.{output}}}}}", "job_input_type": "literal"}


def _flowing(stage: Stage) -> tuple[str, str]:
    """The output of a step that shows that it is done: (name, type)."""
    for key, each in stage.job.outputs.items():
        return key, f"uri_{each.type}"
    return DONE, "uri_folder"


def _following(step: str) -> str:
    return f"mlstack_after_{identifier(step)}"


def _asset(id: Any) -> Any:
    """An asset's id as a component's definition writes it."""
    return pulumi.Output.from_input(id).apply(
        lambda text: text if text.startswith("azureml:") else f"azureml:{text}"
    )


def _snake(held: Mapping[str, Any]) -> dict[str, Any]:
    """The keys as nodes have them: jobInputType -> job_input_type."""
    return {
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key): value
        for key, value in held.items()
    }
