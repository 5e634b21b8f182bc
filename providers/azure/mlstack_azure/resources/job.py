"""``mlstack:azure:Job``: one run of a command on Azure ML, named by the stack and the job's fingerprint."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlstack.content import fingerprint
from mlstack.plugin.wire import has_unknown
from mlstack.resource import (
    UNKNOWN,
    Context,
    InputProblem,
    Inputs,
    Properties,
    Resource,
    ResourceFailed,
    State,
)
from mlstack_azure import history, joblogs, runs
from mlstack_azure.arm import Arm, Workspace, last, present
from mlstack_azure.arm.client import Document, Interrupted
from mlstack_azure.arm.failures import HttpFailure

_OUTPUTS = ("fingerprint", "run", "job_id", "status", "outputs", "studio_url")
#: Lines of its log in the message of a failure.
_TAIL = 20


class JobInputs(Inputs):
    """``properties`` is the body of an ARM job (``jobType`` Command), camelCase. ``nonce`` makes it another
    job though nothing else differs."""

    stack_uid: str
    name: str
    workspace_id: str
    properties: dict[str, Any]
    wait: bool = True
    retries: int = Field(default=0, ge=0)
    nonce: str | None = None


class Job(Resource[JobInputs]):
    """Outputs: ``fingerprint``, ``run`` (its name on Azure), ``job_id``, ``status``, ``outputs``,
    ``studio_url``.

    ``create`` attaches to a run that is there, whoever has submitted it with these inputs. A run that failed
    or was cancelled is not there, as far as the engine is concerned: the next ``up`` tries again. One that
    goes, and that nobody waited for, reads as ``wait: false``, so that an ``up`` that needs its outputs waits
    in an update. Azure ML knows no retries of a command: they are made here, and so only while it is waited
    for.
    """

    Inputs = JobInputs
    replace_on = frozenset({"stack_uid", "name", "workspace_id"})
    read_always = True

    def check(self, context: Context, inputs: JobInputs) -> None:
        for key in ("command", "environmentId"):
            if not inputs.properties.get(key):
                raise InputProblem(f"properties.{key}", "is required")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        properties = inputs.get("properties")
        names = properties.get("outputs") if isinstance(properties, dict) else None
        parts = {"uri": UNKNOWN, "version": UNKNOWN}
        seen: dict[str, Any] = dict.fromkeys(_OUTPUTS, UNKNOWN)
        if isinstance(names, dict):
            seen["outputs"] = dict.fromkeys(names, parts)
        if has_unknown(inputs):
            return seen
        given = JobInputs.model_validate({key: value for key, value in inputs.items() if value is not None})
        made_of = runs.mark(given.properties, given.nonce)
        if old is not None and old.outputs.get("fingerprint") == made_of:
            return {**dict(old.outputs), "status": UNKNOWN}
        return {**seen, "fingerprint": made_of}

    def create(self, context: Context, inputs: JobInputs) -> State:
        with present(context.cancelled) as arm:
            left = inputs.retries
            while True:
                name, document = self._begun(arm, context, inputs)
                id = f"{inputs.workspace_id}/jobs/{name}"
                if inputs.wait and runs.state_of(document) not in runs.ENDED:
                    document = self._awaited(arm, context, id)
                if runs.state_of(document) not in ("failed", "cancelled"):
                    return _state(inputs, document)
                if runs.state_of(document) == "cancelled" or left == 0:
                    raise _failure(arm, inputs, document)
                left -= 1
                context.log(f"run {name} failed; it is tried again ({left} more tries after that)")

    def update(self, context: Context, state: State, inputs: JobInputs) -> Properties:
        before = state.outputs.get("fingerprint")
        if before and before != runs.mark(inputs.properties, inputs.nonce):
            with present(context.cancelled) as arm:
                document = arm.find(str(state.outputs["job_id"]))
                if document is not None and runs.stop(arm, document):
                    context.log(f"cancelled {state.outputs['run']}: the job is not what it was")
        return self.create(context, inputs).outputs

    def read(self, context: Context, state: State) -> State | None:
        with present(context.cancelled) as arm:
            id = state.outputs.get("job_id")
            if id is None:
                return _imported(arm, state.id)
            document = arm.find(str(id))
        return _seen(document, state.inputs, str(state.outputs["fingerprint"]), state.id)

    def delete(self, context: Context, state: State) -> None:
        uid, name = state.inputs["stack_uid"], state.inputs["name"]
        with present(context.cancelled) as arm:
            workspace = Workspace.of(state.inputs["workspace_id"])
            try:
                found = runs.of_stack(arm, workspace, uid, name)
            except HttpFailure as failure:
                if failure.status == 404:  # the workspace is gone, and its runs with it
                    return
                raise
            for document in found:
                if runs.stop(arm, document):
                    runs.wait(arm, document["id"], context.log)
                arm.delete(document["id"])

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = JobInputs.model_validate({key: value for key, value in inputs.items() if value is not None})
        made_of = runs.mark(given.properties, given.nonce)
        with present(context.cancelled) as arm:
            workspace = Workspace.of(given.workspace_id)
            for _, document in runs.attempts(arm, workspace, given.stack_uid, given.name, made_of):
                seen = _seen(document, inputs, made_of, _id(given))
                if seen is not None:
                    return seen
        return None

    def _begun(self, arm: Arm, context: Context, inputs: JobInputs) -> tuple[str, Document]:
        """The run with these inputs that is going or has succeeded; submitted where there is none."""
        workspace = Workspace.of(inputs.workspace_id)
        made_of = runs.mark(inputs.properties, inputs.nonce)
        name = ""
        for name, document in runs.attempts(arm, workspace, inputs.stack_uid, inputs.name, made_of):
            if document is not None and runs.state_of(document) not in ("failed", "cancelled"):
                return name, document
        tags = {
            **(inputs.properties.get("tags") or {}),
            runs.STACK: inputs.stack_uid,
            runs.JOB: inputs.name,
            runs.MARK: made_of,
        }
        body = {"properties": {**inputs.properties, "tags": tags}}
        document = arm.put(f"{workspace.id}/jobs/{name}", body, wait=False)
        context.log(f"submitted {name}" + (f": {page}" if (page := runs.studio(document)) else ""))
        return name, document

    def _awaited(self, arm: Arm, context: Context, id: str) -> Document:
        try:
            return runs.wait(arm, id, context.log)
        except Interrupted as error:
            context.log(f"cancelling {last(id)}")
            runs.stop_interrupted(arm, id)
            raise ResourceFailed(
                f"the run {last(id)} was cancelled, as the command was interrupted",
                remedy="run the same command again to run it again",
            ) from error


def _id(inputs: JobInputs) -> str:
    return f"{inputs.workspace_id}/stacks/{inputs.stack_uid}/jobs/{inputs.name}"


def _outputs(workspace_id: str, document: Document, made_of: str) -> dict[str, Any]:
    run = last(document["id"])
    # the attempt after a failure puts out something else than the one before would have
    attempt = run.rpartition("-r")[2] if run.rpartition("-r")[2].isdigit() else ""
    version = fingerprint(made_of, attempt) if attempt else made_of
    return {
        "fingerprint": made_of,
        "run": run,
        "job_id": f"{workspace_id}/jobs/{run}",
        "status": runs.state_of(document),
        "outputs": runs.outputs(Workspace.of(workspace_id), document, version),
        "studio_url": runs.studio(document),
    }


def _state(inputs: JobInputs, document: Document) -> State:
    made_of = runs.mark(inputs.properties, inputs.nonce)
    return State(_id(inputs), inputs.model_dump(), _outputs(inputs.workspace_id, document, made_of))


def _seen(document: Document | None, inputs: Properties, made_of: str, id: str) -> State | None:
    """A run as it is there; None for one that failed: the next ``up`` begins another."""
    if document is None or runs.state_of(document) in ("failed", "cancelled"):
        return None
    going = {} if runs.state_of(document) == "succeeded" else {"wait": False}
    return State(id, {**inputs, **going}, _outputs(inputs["workspace_id"], document, made_of))


def _imported(arm: Arm, id: str) -> State | None:
    """What an import names: a run by its ARM id, or a stack's job by the id that it has in a state."""
    workspace = Workspace.of(id)
    rest = id[len(workspace.id) :].strip("/").split("/")
    document: Document | None
    if rest[0].lower() == "stacks":
        document = next(iter(runs.of_stack(arm, workspace, rest[1], rest[3])), None)
    else:
        document = arm.find(id)
    if document is None:
        return None
    tags = document["properties"].get("tags") or {}
    inputs = JobInputs(
        stack_uid=tags.get(runs.STACK, ""),
        name=tags.get(runs.JOB, last(document["id"])),
        workspace_id=workspace.id,
        properties={
            key: value
            for key, value in document["properties"].items()
            if key not in ("status", "services", "parameters", "parentJobName") and value is not None
        },
    )
    made_of = tags.get(runs.MARK) or runs.mark(inputs.properties)
    return _seen(document, inputs.model_dump(), made_of, _id(inputs))


def _failure(arm: Arm, inputs: JobInputs, document: Document) -> ResourceFailed:
    run = last(document["id"])
    cancelled = runs.state_of(document) == "cancelled"
    said = joblogs.tail(arm, Workspace.of(inputs.workspace_id), document, _TAIL)
    why = history.reason(arm, document["id"])
    message = "\n".join(
        filter(
            None,
            (
                f"job {inputs.name!r} {'was cancelled' if cancelled else 'failed'} (run {run})",
                why,
                said,
                page and f"its page: {page}" if (page := runs.studio(document)) else "",
            ),
        )
    )
    if cancelled:
        return ResourceFailed(message, remedy="run the same command again to run it again")
    return ResourceFailed(message, remedy=f"mend what `mlstack logs jobs.{inputs.name}` tells")
