"""A job: a batch Job, one for each fingerprint.

A Job's template cannot be changed, so the name has the fingerprint: another one is another Job. What makes no
other run (a machine, a tag, a secret's value) is kept as the run was begun with (`resources.kept`). Several
nodes are an indexed Job whose pods find each other by a headless Service.

Sources: Kubernetes, "Jobs", "Indexed Job", "Job with Pod-to-Pod Communication"; pulumi-kubernetes, "Await
logic" (pulumi.com/skipAwait, pulumi.com/replaceUnready).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.content import fingerprint
from mlstack.gap import GapResource
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack.spec.machine import Machine
from mlstack_kubernetes import commands, sources
from mlstack_kubernetes.commands import Prepared
from mlstack_kubernetes.kinds import queue
from mlstack_kubernetes.machines import needs
from mlstack_kubernetes.names import physical, selector
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.place import NOT_AWAITED, make, named, place
from mlstack_kubernetes.pods import template

if TYPE_CHECKING:
    from mlstack.spec import Job

TOKEN = "mlstack:kubernetes:Kept"  # noqa: S105  a type
#: pulumi-kubernetes waits for a Job for some minutes, and the job says itself how long it may take.
_PATIENCE = "240h"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_kubernetes.batch import v1

    spec: Job = build.spec
    prepared = commands.prepare(build, spec, "code")
    mark = _mark(build, spec, prepared)
    name = physical(build, generation=mark)
    met = peers(build) if spec.nodes > 1 else None
    pod = prepared.pod(build, needs(build, Machine(), spec.compute), _folder(build, name), met)
    held = _kept(build, mark, {"name": name, "template": template(build, pod)})
    annotations = {"pulumi.com/replaceUnready": "true"}
    if not build.consumed:
        annotations |= NOT_AWAITED
    made = make(
        build,
        v1.Job,
        main=True,
        name=held.apply(lambda value: value["name"]),
        more_labels=queue.labels(build),
        annotations=annotations,
        options={"custom_timeouts": pulumi.CustomTimeouts(create=_PATIENCE, update=_PATIENCE)},
        spec={**work(spec), "template": held.apply(lambda value: value["template"])},
    )
    run = named(made)
    return {
        "id": join(place(build).namespace, "/", run),
        "status": made.status.apply(status_of),
        "outputs": _outputs(build, spec, run, mark),
    }


def work(spec: Job) -> dict[str, Any]:
    """What the spec of a Job says beside its template."""
    found: dict[str, Any] = {
        "backoffLimit": spec.retries,
        "completions": spec.nodes,
        "parallelism": spec.nodes,
        "completionMode": "Indexed" if spec.nodes > 1 else "NonIndexed",
    }
    if spec.timeout is not None:
        found["activeDeadlineSeconds"] = max(1, round(spec.timeout))
    return found


def _mark(build: Build, spec: Job, prepared: Prepared) -> Any:
    """The fingerprint: of all that decides what is computed."""
    if spec.rerun == "never":
        return "never"
    counts = pulumi.Output.json_dumps(prepared.counts, sort_keys=True)
    nonce = str(time.time_ns()) if spec.rerun == "always" else ""
    return counts.apply(lambda text: fingerprint(text, nonce))


def _kept(build: Build, mark: Any, value: Mapping[str, Any]) -> pulumi.Output[Any]:
    made = GapResource(
        TOKEN,
        build.child("run"),
        {"stack_uid": build.stack_uid, "name": build.name, "mark": mark, "value": value},
        ("held",),
        build.opts(),
    )
    return made.output("held")


def _folder(build: Build, name: Any) -> Held:
    """Where a run puts its outputs on the stack's volume."""
    return Held(place(build).claim, join("jobs/", name))


def _outputs(build: Build, spec: Job, run: Any, mark: Any) -> dict[str, Any]:
    found = {}
    for name, output in spec.outputs.items():
        put = commands.output_place(output.path, _folder(build, run), name)
        sources.leave(build, put, name)
        found[name] = {"uri": put.uri, "version": mark}
    return found


def peers(build: Build) -> Any:
    """A Service by which the pods of an indexed Job find the first one; and leave to speak to each other."""
    from pulumi_kubernetes.core import v1
    from pulumi_kubernetes.networking import v1 as networking

    mine = selector(build)
    make(
        build,
        networking.NetworkPolicy,
        "peers",
        name=physical(build, "peers"),
        spec={
            "podSelector": {"matchLabels": mine},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {"matchLabels": mine}}]}],
        },
    )
    made = make(
        build,
        v1.Service,
        "peers",
        name=physical(build, "peers"),
        annotations=NOT_AWAITED,
        spec={"clusterIP": "None", "publishNotReadyAddresses": True, "selector": mine},
    )
    return named(made)


def status_of(status: Any) -> str:
    """Of a Job as it was when the engine last saw it."""
    for condition in (status.conditions if status is not None else None) or ():
        if condition.status == "True" and condition.type in ("Complete", "Failed"):
            return "succeeded" if condition.type == "Complete" else "failed"
        if condition.status == "True" and condition.type == "Suspended":
            return "pending"  # a queue has not let it begin, or has stopped it for another
    return "running"
