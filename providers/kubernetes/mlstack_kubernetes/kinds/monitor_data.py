"""A monitor of data: a CronJob whose pod takes one reading of what was captured, and tells who is to be told.

The pod runs the local target's own code (`mlstack_local.monitors.carried`), unpacked as all files of the
project are; what a reading has to know of those before it is on the stack's volume, below ``monitors/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from mlstack_local.monitors import carried

from mlstack.lowering import cron
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack.spec.monitor import METRICS
from mlstack_kubernetes import commands, environments, paths, sources
from mlstack_kubernetes.bundles import Bundle, bundle_files
from mlstack_kubernetes.environments import Environment
from mlstack_kubernetes.kinds import captures, notification
from mlstack_kubernetes.machines import Needs
from mlstack_kubernetes.names import labels, physical, selector
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.place import make, named, place
from mlstack_kubernetes.pods import Mount, Pod, SecretOf, template

_CODE, _BASELINE = "monitors", "baseline"
#: In the pod: what is remembered from one reading to the next.
_REMEMBERED = "/mnt/monitors"
#: A table and some thousand requests are in memory at a time.
_NEEDS = Needs(
    {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}},
)
#: A reading, and what is installed before the first.
_SECONDS = 1800


def reading(build: Build) -> Any:
    """The id of the CronJob."""
    from pulumi_kubernetes.batch import v1

    spec = build.spec
    told = [notification.channel(build, name) for name in spec.notify]
    secrets = {variable: secret for each in told for variable, secret in each.secrets.items()}
    made = make(
        build,
        v1.CronJob,
        main=True,
        name=physical(build),
        spec={
            "schedule": cron.every(spec.interval),
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "metadata": {"labels": labels(build)},
                "spec": {
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": _SECONDS,
                    "template": template(build, _pod(build, [each.document for each in told], secrets)),
                },
            },
        },
    )
    return join(place(build).namespace, "/", named(made))


def _pod(build: Build, told: list[Mapping[str, Any]], secrets: Mapping[str, SecretOf]) -> Pod:
    spec = build.spec
    baseline = sources.seen(
        commands.source_of(build, spec.baseline), _BASELINE, f"{paths.INPUTS}/{_BASELINE}"
    )
    environment, code = _software(build)
    task = {
        "stack_uid": build.stack_uid,
        "definition": _definition(build, baseline.path),
        "deployments": _deployments(build),
        "channels": told,
    }
    env = {
        "MLSTACK_MONITOR": pulumi.Output.json_dumps(task, sort_keys=True),
        "MLSTACK_MONITORS": _REMEMBERED,
        "MLSTACK_CAPTURES": captures.AT,
        "MLSTACK_MONITOR_SECRETS": paths.SECRETS,
        "PYTHONPATH": f"{paths.WORK}/{_CODE}",
    }
    return Pod(
        image=environment.image,
        command=["python", "-m", carried.MODULE],
        needs=_NEEDS,
        labels=selector(build),
        env=env,
        environment=environment,
        bundles={_CODE: code, **baseline.bundles},
        mounts=[
            Mount(Held(place(build).claim, "monitors"), _REMEMBERED, writable=True),
            Mount(captures.folder(build, spec.endpoint), captures.AT),
            *baseline.mounts,
        ],
        secret_files=secrets,
        spec={"restartPolicy": "Never"},
    )


def _definition(build: Build, baseline: str) -> dict[str, Any]:
    """As `mlstack_local.monitors.definition` reads it."""
    spec = build.spec
    kind, name, *_ = spec.baseline.split(".")
    columns = build.spec_of("data", name).columns if kind == "data" else None
    return {
        "name": build.name,
        "endpoint": spec.endpoint,
        "signal": spec.signal,
        "threshold": float(spec.threshold),
        "metric": spec.metric or METRICS[spec.signal][0],
        "baseline": {
            "uri": baseline,
            "version": commands.version_of(build, spec.baseline),
            "columns": columns.model_dump(exclude_none=True) if columns else {},
        },
        "features": spec.features,
        "code": None,
        "every": float(spec.interval),
        "window": None if spec.window is None else float(spec.window),
        "min_samples": spec.min_samples,
        "notify": list(spec.notify),
        "project": pulumi.get_project(),
    }


def _deployments(build: Build) -> list[str]:
    """Whose captures are read: a deployment that is sent copies has what another has answered already."""
    endpoint = build.spec_of("endpoints", build.spec.endpoint)
    return [
        name for name, each in endpoint.deployments.items() if each.capture is not None and not each.mirror
    ]


def _software(build: Build) -> tuple[Environment, Bundle]:
    """What all monitors of a program run in."""
    key = "kubernetes.monitors"
    if key not in build.shared:
        owner = place(build).workspace
        build.shared[key] = (
            environments.of_packages(owner, carried.packages(), "monitors"),
            bundle_files(owner, carried.files(), "monitors"),
        )
    found: tuple[Environment, Bundle] = build.shared[key]
    return found
