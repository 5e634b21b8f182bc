"""``mlstack:aws:Job``: one run of a job on SageMaker, named by the stack and the job's fingerprint."""

from __future__ import annotations

from typing import Any, Literal

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
from mlstack_aws import cloud, joblogs, runs
from mlstack_aws.runs import Document

_OUTPUTS = ("fingerprint", "run", "job_id", "status", "artifacts", "page")
#: Lines of its log in the message of a failure.
_TAIL = 20


class JobInputs(Inputs):
    """``request`` is the body of CreateTrainingJob or CreateProcessingJob (``sort``) without name and tags.
    ``counts`` is all that makes it another job, with ``nonce``. ``outputs`` are the types (file, folder) of
    what it puts out by name, ``own`` is the one of them that a training job keeps at a place of its own."""

    stack_uid: str
    name: str
    region: str
    request: dict[str, Any]
    counts: dict[str, Any]
    outputs: dict[str, str] = Field(default_factory=dict)
    own: str | None = None
    tags: dict[str, Any] = Field(default_factory=dict)
    sort: Literal["training", "processing"] = "training"
    wait: bool = True
    retries: int = Field(default=0, ge=0)
    nonce: str | None = None


class Job(Resource[JobInputs]):
    """Outputs: ``fingerprint``, ``run`` (its name on AWS), ``job_id`` (its ARN), ``status``, ``artifacts``,
    ``page``.

    ``create`` attaches to a run that is there, whoever has submitted it with these inputs. A run that failed
    or was cancelled is not there, as far as the engine is concerned: the next ``up`` tries again. One that
    goes, and that nobody waited for, reads as ``wait: false``, so that an ``up`` that needs its outputs waits
    in an update. SageMaker repeats no command that failed: that is done here, and so only while it is waited
    for.
    """

    Inputs = JobInputs
    replace_on = frozenset({"stack_uid", "name", "region", "sort"})
    read_always = True

    def check(self, context: Context, inputs: JobInputs) -> None:
        if not inputs.request.get("RoleArn"):
            raise InputProblem("request.RoleArn", "is required")

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        seen: dict[str, Any] = dict.fromkeys(_OUTPUTS, UNKNOWN)
        names = inputs.get("outputs")
        parts = {"uri": UNKNOWN, "version": UNKNOWN}
        seen["artifacts"] = dict.fromkeys(names, parts) if isinstance(names, dict) else {}
        if has_unknown(inputs.get("counts")) or has_unknown(inputs.get("nonce")):
            return seen
        made_of = runs.mark(inputs["counts"], inputs.get("nonce"))
        if old is not None and old.outputs.get("fingerprint") == made_of:
            return {**dict(old.outputs), "status": UNKNOWN}
        return {**seen, "fingerprint": made_of}

    def create(self, context: Context, inputs: JobInputs) -> State:
        sort, sagemaker = _reach(inputs.sort, inputs.region)
        left = inputs.retries
        while True:
            name, document = self._begun(sort, sagemaker, context, inputs)
            if inputs.wait and runs.state_of(sort, document) not in runs.ENDED:
                document = self._awaited(sort, sagemaker, context, name)
            state = runs.state_of(sort, document)
            if state not in ("failed", "cancelled"):
                return State(_id(inputs), _held(inputs), _outputs(sort, inputs, document))
            if state == "cancelled" or left == 0:
                raise _failure(sort, inputs, document)
            left -= 1
            context.log(f"run {name} failed; it is tried again ({left} more tries after that)")

    def update(self, context: Context, state: State, inputs: JobInputs) -> Properties:
        before = state.outputs.get("fingerprint")
        if before and before != runs.mark(inputs.counts, inputs.nonce):
            sort, sagemaker = _reach(inputs.sort, inputs.region)
            document = sort.find(sagemaker, str(state.outputs["run"]))
            if document is not None and runs.stop(sort, sagemaker, document):
                context.log(f"cancelled {state.outputs['run']}: the job is not what it was")
        return self.create(context, inputs).outputs

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:
            return _imported(state.id)
        given = _given(state.inputs)
        sort, sagemaker = _reach(given.sort, given.region)
        document = sort.find(sagemaker, str(state.outputs["run"]))
        return _seen(sort, document, given, str(state.outputs["fingerprint"]))

    def delete(self, context: Context, state: State) -> None:
        given = _given(state.inputs)
        sort, sagemaker = _reach(given.sort, given.region)
        for summary in runs.of_stack(sort, sagemaker, given.stack_uid, given.name):
            name = sort.name_of(summary)
            document = sort.find(sagemaker, name)
            if document is None:
                continue
            if runs.stop(sort, sagemaker, document):
                runs.wait(sort, sagemaker, name, context, context.log)
            with cloud.gone():
                sort.call(sagemaker, "delete", name)

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = _given(inputs)
        sort, sagemaker = _reach(given.sort, given.region)
        made_of = runs.mark(given.counts, given.nonce)
        for _, document in runs.attempts(sort, sagemaker, given.stack_uid, given.name, made_of):
            if (seen := _seen(sort, document, given, made_of)) is not None:
                return seen
        return None

    def _begun(
        self, sort: runs.Sort, sagemaker: Any, context: Context, inputs: JobInputs
    ) -> tuple[str, Document]:
        """The run with these inputs that is going or has succeeded; submitted where there is none."""
        made_of = runs.mark(inputs.counts, inputs.nonce)
        name = ""
        for name, document in runs.attempts(sort, sagemaker, inputs.stack_uid, inputs.name, made_of):
            if document is not None and runs.state_of(sort, document) not in ("failed", "cancelled"):
                return name, document
        tags = {
            **inputs.tags,
            runs.STACK: inputs.stack_uid,
            runs.JOB: inputs.name,
            runs.MARK: made_of,
        }
        document = runs.submit(sort, sagemaker, name, inputs.request, tags)
        context.log(f"submitted {name}: {runs.page(sort, document)}")
        return name, document

    def _awaited(self, sort: runs.Sort, sagemaker: Any, context: Context, name: str) -> Document:
        try:
            return runs.wait(sort, sagemaker, name, context, context.log)
        except cloud.Interrupted as error:
            context.log(f"cancelling {name}")
            document = sort.find(sagemaker, name)
            if document is not None:
                runs.stop(sort, sagemaker, document)
            raise ResourceFailed(
                f"the run {name} was cancelled, as the command was interrupted",
                remedy="run the same command again to run it again",
            ) from error


def _reach(sort: str, region: str) -> tuple[runs.Sort, Any]:
    return runs.SORTS[sort], cloud.client("sagemaker", region)


def _given(inputs: Properties) -> JobInputs:
    return JobInputs.model_validate({key: value for key, value in inputs.items() if value is not None})


def _held(inputs: JobInputs) -> dict[str, Any]:
    """As they were given: a default beside them would be a change to the next ``up``."""
    return inputs.model_dump(exclude_unset=True)


def _id(inputs: JobInputs) -> str:
    return f"{inputs.region}/{inputs.stack_uid}/jobs/{inputs.name}"


def _outputs(sort: runs.Sort, inputs: JobInputs, document: Document, made_of: str = "") -> dict[str, Any]:
    run = sort.name_of(document)
    made_of = made_of or runs.mark(inputs.counts, inputs.nonce)
    # the attempt after a failure puts out something else than the one before would have
    attempt = run.rpartition("-r")[2] if run.rpartition("-r")[2].isdigit() else ""
    version = fingerprint(made_of, attempt) if attempt else made_of
    return {
        "fingerprint": made_of,
        "run": run,
        "job_id": sort.arn_of(document),
        "status": runs.state_of(sort, document),
        "artifacts": runs.outputs(sort, document, inputs.outputs, inputs.own, version),
        "page": runs.page(sort, document),
    }


def _seen(sort: runs.Sort, document: Document | None, inputs: JobInputs, made_of: str) -> State | None:
    """A run as it is there; None for one that failed: the next ``up`` begins another."""
    if document is None or runs.state_of(sort, document) in ("failed", "cancelled"):
        return None
    going = {} if runs.state_of(sort, document) == "succeeded" else {"wait": False}
    return State(_id(inputs), {**_held(inputs), **going}, _outputs(sort, inputs, document, made_of))


def _imported(id: str) -> State | None:
    """What an import names: a run by its ARN, or a stack's job by the id that it has in a state."""
    if id.startswith("arn:"):
        region, (word, _, run) = id.split(":")[3], id.split(":")[5].partition("/")
        sort, sagemaker = _reach(word.removesuffix("-job"), region)
        document = sort.find(sagemaker, run)
    else:
        region, uid, _, job = id.split("/")
        sort, sagemaker = _reach("training", region)
        newest = next(iter(runs.of_stack(sort, sagemaker, uid, job)), None)
        document = sort.find(sagemaker, sort.name_of(newest)) if newest is not None else None
    if document is None:
        return None
    with cloud.told(f"run {sort.name_of(document)}"):
        listed = sagemaker.list_tags(ResourceArn=sort.arn_of(document))["Tags"]
    tags = {each["Key"]: each["Value"] for each in listed}
    created = sagemaker.meta.service_model.operation_model(f"Create{sort.word}Job").input_shape.members
    given = JobInputs(
        stack_uid=tags.get(runs.STACK, ""),
        name=tags.get(runs.JOB, sort.name_of(document)),
        region=region,
        sort="training" if sort is runs.TRAINING else "processing",
        request={key: document[key] for key in created if key in document and key != sort.name_key},
        counts={},
        tags=tags,
    )
    return _seen(sort, document, given, tags.get(runs.MARK) or runs.mark({}))


def _failure(sort: runs.Sort, inputs: JobInputs, document: Document) -> ResourceFailed:
    run = sort.name_of(document)
    cancelled = runs.state_of(sort, document) == "cancelled"
    said = joblogs.tail(cloud.client("logs", inputs.region), sort, run, _TAIL)
    message = "\n".join(
        filter(
            None,
            (
                f"job {inputs.name!r} {'was cancelled' if cancelled else 'failed'} (run {run})",
                runs.reason(document),
                said,
                f"its page: {runs.page(sort, document)}",
            ),
        )
    )
    if cancelled:
        return ResourceFailed(message, remedy="run the same command again to run it again")
    return ResourceFailed(message, remedy=f"mend what `mlstack logs jobs.{inputs.name}` tells")
