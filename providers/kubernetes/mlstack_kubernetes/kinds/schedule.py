"""A schedule: a CronJob that runs the one job of its pipeline. Source: Kubernetes, "CronJob"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.lowering import cron
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack.spec import Job
from mlstack.spec.machine import Machine
from mlstack_kubernetes import commands
from mlstack_kubernetes.kinds import queue
from mlstack_kubernetes.kinds.job import peers, work
from mlstack_kubernetes.machines import needs
from mlstack_kubernetes.names import labels, physical
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.place import make, named, place
from mlstack_kubernetes.pods import template


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_kubernetes.batch import v1

    spec = build.spec
    [step] = build.spec_of("pipelines", spec.pipeline).steps.values()
    job: Job = build.spec_of("jobs", step.job)
    job = job.model_copy(update={"inputs": {**job.inputs, **step.inputs}})
    build.outputs("pipelines", spec.pipeline)
    prepared = commands.prepare(build, job, "job")
    # each run has a folder of its own, by the name of its Job
    runs = Held(place(build).claim, "jobs/$(JOB_NAME)")
    met = peers(build) if job.nodes > 1 else None
    pod = prepared.pod(build, needs(build, Machine(), job.compute), runs, met)
    made = make(
        build,
        v1.CronJob,
        main=True,
        name=physical(build),
        spec={
            "schedule": spec.cron or cron.every(spec.every),
            "timeZone": spec.timezone or "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "metadata": {"labels": {**labels(build), **queue.labels(build)}},
                "spec": {**work(job), "template": template(build, pod)},
            },
        },
    )
    return {"id": join(place(build).namespace, "/", named(made))}
