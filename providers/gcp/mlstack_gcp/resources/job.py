"""``mlstack:gcp:Job``: one run of a command on Vertex AI, known by the stack and the job's fingerprint."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlstack.lowering.shell import render
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
from mlstack_gcp import cloud
from mlstack_gcp.jobs import logs, runs
from mlstack_gcp.jobs.asked import Asked, Input, Output, Runs, mark
from mlstack_gcp.jobs.body import custom_job

_OUTPUTS = ("fingerprint", "run", "job_id", "status", "outputs", "page")
#: Lines of its log in the message of a failure.
_TAIL = 20


class JobInputs(Inputs):
    """``place``: the folder ("gs://…") below which runs get folders of their own. ``nonce`` makes it another
    job though nothing else differs."""

    stack_uid: str
    name: str
    project: str
    location: str
    place: str
    job: Asked
    wait: bool = True
    retries: int = Field(default=0, ge=0)
    nonce: str | None = None

    @property
    def parent(self) -> str:
        return runs.parent(self.project, self.location)

    @property
    def mark(self) -> str:
        return mark(self.job, self.nonce)


class Job(Resource[JobInputs]):
    """Outputs: ``fingerprint``, ``run`` (its number), ``job_id`` (its full name), ``status``, ``outputs``,
    ``page``.

    ``create`` attaches to a run that is there, whoever has submitted it with these inputs. A run that failed
    or was cancelled is not there, as far as the engine is concerned: the next ``up`` tries again. One that
    goes, and that nobody waited for, reads as ``wait: false``, so that an ``up`` that needs its outputs waits
    in an update. Vertex AI tries a command again only where a machine was taken away: other retries are made
    here, and so only while it is waited for.
    """

    Inputs = JobInputs
    replace_on = frozenset({"stack_uid", "name", "project", "location"})
    read_always = True

    def check(self, context: Context, inputs: JobInputs) -> None:
        names = {kind: dict.fromkeys(getattr(inputs.job, kind), "") for kind in ("inputs", "outputs")}
        try:
            render(inputs.job.command, names["inputs"], names["outputs"])
        except KeyError as error:
            raise InputProblem("job.command", f"{error.args[0]} is not declared") from None

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        job = inputs.get("job")
        names = job.get("outputs") if isinstance(job, dict) else None
        seen: dict[str, Any] = dict.fromkeys(_OUTPUTS, UNKNOWN)
        if isinstance(names, dict):
            seen["outputs"] = {name: {"uri": UNKNOWN, "version": UNKNOWN} for name in names}
        if has_unknown(inputs):
            return seen
        made_of = _given(inputs).mark
        if old is not None and old.outputs.get("fingerprint") == made_of:
            return {**dict(old.outputs), "status": UNKNOWN}
        return {**seen, "fingerprint": made_of}

    def create(self, context: Context, inputs: JobInputs) -> State:
        with cloud.present():
            left = inputs.retries
            while True:
                run = self._begun(context, inputs)
                if inputs.wait and runs.state_of(run) not in runs.ENDED:
                    run = self._awaited(context, run)
                if runs.state_of(run) not in ("failed", "cancelled"):
                    return State(_id(inputs), inputs.model_dump(), _outputs(run, inputs.mark))
                if runs.state_of(run) == "cancelled" or left == 0:
                    raise _failure(inputs, run)
                left -= 1
                context.log(
                    f"run {runs.last(run.name)} failed; it is tried again ({left} more tries after that)"
                )

    def update(self, context: Context, state: State, inputs: JobInputs) -> Properties:
        before = state.outputs.get("fingerprint")
        if before and before != inputs.mark:
            with cloud.present():
                run = runs.get(str(state.outputs["job_id"]))
                if run is not None and runs.stop(run):
                    context.log(f"cancelled {state.outputs['run']}: the job is not what it was")
        return self.create(context, inputs).outputs

    def read(self, context: Context, state: State) -> State | None:
        with cloud.present():
            name = state.outputs.get("job_id")
            if name is None:
                return _imported(state.id)
            return _seen(runs.get(str(name)), state.inputs, str(state.outputs["fingerprint"]), state.id)

    def delete(self, context: Context, state: State) -> None:
        where = runs.parent(state.inputs["project"], state.inputs["location"])
        with cloud.present():
            for run in runs.of_stack(where, state.inputs["stack_uid"], state.inputs["name"]):
                if runs.stop(run):
                    runs.wait(context, run.name, context.log)
                with cloud.told(run.name):
                    operation = runs.client(where).delete_custom_job(name=run.name)
                cloud.finish(context, operation, f"the removal of the run {runs.last(run.name)}")

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = _given(inputs)
        with cloud.present():
            for run in runs.with_mark(given.parent, given.stack_uid, given.name, given.mark):
                seen = _seen(run, inputs, given.mark, _id(given))
                if seen is not None:
                    return seen
        return None

    def _begun(self, context: Context, inputs: JobInputs) -> Any:
        """The run with these inputs that is going or has succeeded; submitted where there is none."""
        made_of = inputs.mark
        known = runs.with_mark(inputs.parent, inputs.stack_uid, inputs.name, made_of)
        for run in known:
            if runs.state_of(run) not in ("failed", "cancelled"):
                return run
        base = f"{inputs.place.rstrip('/')}/{inputs.name}/{made_of}" + (f"-r{len(known)}" if known else "")
        name = runs.display_name(inputs.stack_uid, inputs.name, made_of)
        body = custom_job(inputs.job, name, base, machine_of_pool(inputs))
        body["labels"] |= {runs.STACK: inputs.stack_uid, runs.JOB: inputs.name, runs.MARK: made_of}
        run = runs.submit(inputs.parent, body)
        context.log(f"submitted {runs.last(run.name)}: {runs.page(run.name)}")
        return run

    def _awaited(self, context: Context, run: Any) -> Any:
        try:
            return runs.wait(context, run.name, context.log)
        except cloud.Cancelled as error:
            context.log(f"cancelling {runs.last(run.name)}")
            runs.stop(run)
            raise ResourceFailed(
                f"the run {runs.last(run.name)} was cancelled, as the command was interrupted",
                remedy="run the same command again to run it again",
            ) from error


def machine_of_pool(inputs: JobInputs) -> dict[str, Any] | None:
    """The machine of a pool that is not ours: a job on it has to name the same."""
    if inputs.job.runs.machine is not None:
        return None
    name = f"{inputs.parent}/persistentResources/{inputs.job.runs.pool}"
    with cloud.told(name):
        found = cloud.client("PersistentResource", inputs.location).get_persistent_resource(name=name)
    spec = found.resource_pools[0].machine_spec
    held: dict[str, Any] = type(spec).to_dict(
        spec, use_integers_for_enums=False, including_default_value_fields=False
    )
    return held


def _given(inputs: Properties) -> JobInputs:
    return JobInputs.model_validate({key: value for key, value in inputs.items() if value is not None})


def _id(inputs: JobInputs) -> str:
    return f"{inputs.parent}/stacks/{inputs.stack_uid}/jobs/{inputs.name}"


def _outputs(run: Any, made_of: str) -> dict[str, Any]:
    return {
        "fingerprint": made_of,
        "run": runs.last(run.name),
        "job_id": run.name,
        "status": runs.state_of(run),
        "outputs": runs.outputs(run),
        "page": runs.page(run.name),
    }


def _seen(run: Any, inputs: Properties, made_of: str, id: str) -> State | None:
    """A run as it is there; None for one that failed: the next ``up`` begins another."""
    if run is None or runs.state_of(run) in ("failed", "cancelled"):
        return None
    going = {} if runs.state_of(run) == "succeeded" else {"wait": False}
    return State(id, {**inputs, **going}, _outputs(run, made_of))


def _imported(id: str) -> State | None:
    """What an import names: a run by its full name, or a stack's job by the id that it has in a state."""
    parts = id.split("/")
    if parts[4:5] == ["stacks"]:
        run = next(iter(runs.of_stack("/".join(parts[:4]), parts[5], parts[7])), None)
    else:
        run = runs.get(id)
    if run is None:
        return None
    inputs = _inputs_of(run)
    return _seen(run, inputs.model_dump(), run.labels.get(runs.MARK) or inputs.mark, _id(inputs))


def _inputs_of(run: Any) -> JobInputs:
    """The inputs of a run as far as it tells them; its script stands for the command."""
    spec, pools = run.job_spec, run.job_spec.worker_pool_specs
    container, machine = pools[0].container_spec, pools[0].machine_spec
    said = runs.said(run)
    base = str(spec.base_output_directory.output_uri_prefix).rstrip("/")
    return JobInputs(
        stack_uid=run.labels.get(runs.STACK, ""),
        name=run.labels.get(runs.JOB, run.display_name),
        project=run.name.split("/")[1],
        location=runs.location(run.name),
        place=base.rpartition("/")[0].rpartition("/")[0],
        job=Asked(
            command="\n".join((*container.args,)) or "true",
            image=container.image_uri,
            inputs={name: Input(value=str(value)) for name, value in said["inputs"].items()},
            outputs={
                name: Output(type="folder" if uri.endswith("/") else "file", uri=uri)
                for name, uri in said["outputs"].items()
            },
            nodes=sum(int(pool.replica_count) for pool in pools) or 1,
            runs=Runs(machine=machine.machine_type, service_account=spec.service_account or None),
        ),
    )


def _failure(inputs: JobInputs, run: Any) -> ResourceFailed:
    cancelled = runs.state_of(run) == "cancelled"
    message = "\n".join(
        filter(
            None,
            (
                f"job {inputs.name!r} {'was cancelled' if cancelled else 'failed'} "
                f"(run {runs.last(run.name)})",
                run.error.message,
                logs.tail(run.name, _TAIL),
                f"its page: {runs.page(run.name)}",
            ),
        )
    )
    if cancelled:
        return ResourceFailed(message, remedy="run the same command again to run it again")
    return ResourceFailed(message, remedy=f"mend what `mlstack logs jobs.{inputs.name}` tells")
