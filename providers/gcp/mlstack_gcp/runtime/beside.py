"""A run beside the stack's own: the job as the state has it, with other inputs.

It carries the stack's label, by which it is listed and goes with the stack, and no fingerprint: an ``up``
never takes it for its own.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from mlstack.lowering import runs as told
from mlstack.lowering.shell import literal
from mlstack.runtime import Artifact, Record, Run
from mlstack_gcp.jobs import logs, runs
from mlstack_gcp.jobs.asked import Asked, Input
from mlstack_gcp.jobs.body import custom_job
from mlstack_gcp.resources.job import JobInputs, machine_of_pool
from mlstack_gcp.runtime import children
from mlstack_gcp.runtime.described import described

#: The label of a run that `mlstack run` has begun.
_BESIDE = "mlstack-beside"
_TAIL = 20


class _Waiting:
    """Waiting that Ctrl-C alone ends."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()


def beside(
    record: Record,
    inputs: Mapping[str, Any],
    log: Callable[[str], None],
    *,
    artifact: Callable[[str], Artifact],
    detach: bool,
) -> Run:
    """Submit the job with other inputs; wait for it unless ``detach``."""
    held = children.one(record, children.JOB).inputs
    given = JobInputs.model_validate({key: value for key, value in held.items() if value is not None})
    job = given.job.model_copy(update={"inputs": _with(given.job, record.name, inputs, artifact)})
    name = f"{given.name}-{secrets.token_hex(4)}"
    body = custom_job(job, name, f"{given.place.rstrip('/')}/{given.name}/{name}", machine_of_pool(given))
    body["labels"] |= {runs.STACK: given.stack_uid, runs.JOB: given.name, _BESIDE: "true"}
    run = runs.submit(given.parent, body)
    log(f"submitted {runs.last(run.name)}: {runs.page(run.name)}")
    if detach:
        return described(run)
    try:
        run = runs.wait(_Waiting(), run.name, log)
    except KeyboardInterrupt:
        runs.stop(run)
        raise
    return _ended(run, record.name)


def _with(
    job: Asked, name: str, inputs: Mapping[str, Any], artifact: Callable[[str], Artifact]
) -> dict[str, Input]:
    found = dict(job.inputs)
    for key, value in inputs.items():
        if key not in found:
            raise told.unknown_input(name, key, found)
        if found[key].uri is None:
            found[key] = Input(value=literal(value))
        else:
            found[key] = Input(uri=artifact(str(value)).uri)
    return found


def _ended(run: Any, name: str) -> Run:
    """A run that has ended. Raises TargetError for one that did not succeed."""
    found = described(run)
    if found.status != "succeeded":
        raise told.failed(found, name, logs.tail(run.name, _TAIL), runs.page(run.name))
    return found
