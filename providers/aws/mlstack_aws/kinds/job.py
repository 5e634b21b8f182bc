"""A job on SageMaker: a training job, submitted by our own resource."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Job
from mlstack_aws import requests
from mlstack_aws.names import tags
from mlstack_aws.place import place
from mlstack_aws.work import work


def build(build: Build) -> Mapping[str, Any]:
    spec: Job = build.spec
    if spec.retries and not build.consumed:
        build.warn(
            "retries",
            "SageMaker tries again after faults of its own alone. After one of the command `up` does, while "
            "it waits, and it waits only for a job that something needs: the next `up` tries a failed one "
            "again",
        )
    own = next((name for name, output in spec.outputs.items() if output.path is not None), None)
    made = work(build, spec, own=own)
    here = place(build)
    job = GapResource(
        "mlstack:aws:Job",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "region": here.region,
            "request": requests.training(made, own),
            "counts": made.counts,
            "outputs": {name: output.type for name, output in spec.outputs.items()},
            **({"own": own} if own is not None else {}),
            "tags": tags(build),
            "wait": build.consumed,
            "retries": spec.retries,
            **({"nonce": str(time.time_ns())} if spec.rerun == "always" else {}),
        },
        outputs=("fingerprint", "run", "job_id", "status", "artifacts", "page"),
        opts=build.opts(
            depends_on=list(here.resources),
            ignore_changes=["request", "counts", "nonce"] if spec.rerun == "never" else None,
        ),
    )
    return {"id": job.output("job_id"), "status": job.output("status"), "outputs": job.output("artifacts")}
