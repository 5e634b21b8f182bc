"""``mlstack:local:Job``: one run of a command, in a folder named by its fingerprint."""

from __future__ import annotations

import shutil
from typing import Any

from pydantic import ValidationError

from mlstack.errors import MlstackError
from mlstack.resource import UNKNOWN, Context, InputProblem, Properties, Resource, ResourceFailed, State
from mlstack_local import jobs
from mlstack_local.files import matching, prune
from mlstack_local.jobs import JobInputs, Record, RunFolder, control, results
from mlstack_local.layout import Layout

#: Log lines that are shown at once while a job runs; the rest is in its log.
_BURST = 20


class Job(Resource[JobInputs]):
    """Outputs: ``fingerprint``, ``status``, ``run`` (its folder), ``outputs``, ``metrics`` and ``usage``.

    ``create`` attaches to a run that is going. A run that failed is not there, as far as the engine is
    concerned: the next ``up`` tries again. One that is going, and that nobody waited for, reads as
    ``wait: false``, so that an ``up`` that needs its outputs waits in an update.
    """

    Inputs = JobInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def check(self, context: Context, inputs: JobInputs) -> None:
        try:
            jobs.render(inputs.command, inputs.values(context.root), dict.fromkeys(inputs.outputs, ""))
        except KeyError as error:
            raise InputProblem("command", f"${{{{{error.args[0]}}}}} is not declared by the job") from error

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        try:
            job = JobInputs.model_validate(dict(inputs))
        except ValidationError:  # something is known only in the apply, and the fingerprint with it
            names = inputs.get("outputs")
            parts = {"uri": UNKNOWN, "version": UNKNOWN}
            outputs = dict.fromkeys(names, parts) if isinstance(names, dict) else UNKNOWN
            return {
                **dict.fromkeys(("fingerprint", "status", "run", "metrics", "usage"), UNKNOWN),
                "outputs": outputs,
            }
        run = jobs.folder_of(job, context.root)
        record = run.read()
        if record is not None and control.is_done(run, record):
            return _outputs(context, job, run, record)
        places = jobs.outputs_of(job, context.root, run, None)
        return {
            **_place(context, job, run),
            "status": UNKNOWN,
            "metrics": UNKNOWN,
            "usage": UNKNOWN,
            "outputs": {name: {**place, "version": UNKNOWN} for name, place in places.items()},
        }

    def create(self, context: Context, inputs: JobInputs) -> State:
        run = jobs.folder_of(inputs, context.root)
        try:
            record = jobs.start_run(inputs, context.root, run, context.log)
        except MlstackError as error:
            raise ResourceFailed(error.message, remedy=error.remedy, category=error.category) from error
        if inputs.wait:
            record = control.wait(run, context.log, context.cancelled, burst=_BURST)
        else:  # it may be over by now
            record = control.settled(run) or record
        if record.status != "succeeded" and (inputs.wait or not control.is_live(record)):
            raise _failure(context, inputs, run, record)
        return State(_id(inputs), inputs.model_dump(), _outputs(context, inputs, run, record))

    def update(self, context: Context, state: State, inputs: JobInputs) -> Properties:
        present = jobs.folder_of(inputs, context.root).path
        for path in matching(jobs.runs_of(inputs.layout(context.root), inputs.name)[0]):
            # one job has one run: what goes on with the inputs of before is stopped
            if path != present and control.stop(RunFolder(path)):
                context.log(f"stopped the run {path.name} of what the job was before")
        return self.create(context, inputs).outputs

    def read(self, context: Context, state: State) -> State | None:
        if not state.inputs:
            return None
        job = JobInputs.model_validate({k: v for k, v in state.inputs.items() if v is not None})
        run = RunFolder(context.root / state.outputs["run"])
        return _seen(context, job, run, state.inputs)

    def delete(self, context: Context, state: State) -> None:
        layout = Layout(context.root, state.inputs["stack_uid"])
        for home in jobs.runs_of(layout, state.inputs["name"]):
            for path in matching(home):
                control.stop(RunFolder(path))
            shutil.rmtree(home, ignore_errors=True)
            prune(home.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        job = JobInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        return _seen(context, job, jobs.folder_of(job, context.root), inputs)


def _seen(context: Context, job: JobInputs, run: RunFolder, inputs: Properties) -> State | None:
    record = control.settled(run)
    real: dict[str, Any]
    if record is None:
        return None
    if record.status in jobs.ENDED:
        if not control.is_done(run, record):
            return None
        real = {}
    elif control.is_lost(record):
        # what it started may be there still, so it is not "gone"; it differs from what is wanted
        real = {"nonce": "lost"}
    else:
        real = {"wait": False}
    return State(_id(job), {**inputs, **real}, _outputs(context, job, run, record))


def _id(job: JobInputs) -> str:
    return f"{job.stack_uid}/job/{job.name}"


def _place(context: Context, job: JobInputs, run: RunFolder) -> dict[str, Any]:
    return {"fingerprint": run.path.name, "run": job.layout(context.root).relative(run.path)}


def _outputs(context: Context, job: JobInputs, run: RunFolder, record: Record) -> dict[str, Any]:
    return {
        **_place(context, job, run),
        "status": record.status,
        "outputs": jobs.outputs_of(job, context.root, run, record),
        "metrics": record.metrics,
        "usage": results.usage(record) if record.status in jobs.ENDED else {},
    }


def _failure(context: Context, job: JobInputs, run: RunFolder, record: Record) -> ResourceFailed:
    log = job.layout(context.root).relative(run.log)
    message = f"job {job.name!r} {control.told(record)}\n{control.tail(run)}\nthe whole log: {log}"
    if record.status == "cancelled":
        return ResourceFailed(message, remedy="run the same command again to run it again")
    if record.status == "timed-out":
        return ResourceFailed(message, remedy="give it a longer timeout, or less to do")
    if record.status == "failed":
        return ResourceFailed(message, remedy=f"mend what `mlstack logs jobs.{job.name}` tells")
    return ResourceFailed(message, remedy="run the same command again", category="transient")
