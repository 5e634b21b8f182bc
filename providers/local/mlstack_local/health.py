"""How each resource of a stack fares on this machine right now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlstack.runtime import Record, Status, StatusState
from mlstack.spec import KINDS
from mlstack_local import batch, environments, jobs, remote, secrets
from mlstack_local.deployments import note
from mlstack_local.deployments.ready import ask
from mlstack_local.deployments.recipe import deployment_prefix
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Supervisor

Found = tuple[StatusState, str]


def status(layout: Layout, records: Sequence[Record]) -> list[Status]:
    return [_status(layout, record) for record in records]


def _status(layout: Layout, record: Record) -> Status:
    if not record.outputs and record.kind != "jobs":  # an `up` ended before its turn came
        return Status(KINDS[record.kind].singular, record.name, "pending", "not made yet")
    state, detail = _LOOKS.get(record.kind, _plain)(layout, record)
    url = record.outputs.get("url")
    return Status(KINDS[record.kind].singular, record.name, state, detail, url)


def _endpoint(layout: Layout, record: Record) -> Found:
    if (inputs := batch.BatchInputs.of_record(record)) is not None:
        return batch.status(layout, inputs)
    folder = layout.endpoint(record.name)
    config = configs.read(folder)
    if config is None:
        return "absent", "its files are gone"
    wanted = deployments(config, record)
    supervisor = Supervisor(layout)
    parts, well = [], []
    for name, deployment in wanted.items():
        backend = config.deployments.get(name)
        programs = supervisor.programs(deployment_prefix(record.name, name)).values()
        serving = [p for p in programs if backend and p.meta["port"] in backend.workers]
        ready = sum(ask(program.meta["port"], backend.health, 2) == 200 for program in serving if backend)
        count, text = _count(layout, record.name, name, backend, int(deployment["replicas"]))
        parts.append(text.format(name=name, ready=ready))
        well.append((ready, count, int(deployment.get("traffic") or 0)))
    detail = ", ".join(parts)
    if admin.state(config) is None:
        return "failed", f"the gateway does not answer; {detail}"
    if all(ready >= count for ready, count, _ in well):
        return "ready", detail
    if any((ready or not count) and traffic for ready, count, traffic in well):
        return "degraded", detail
    return "failed", detail


def deployments(config: configs.Config | None, record: Record) -> dict[str, Any]:
    """The record's deployments, and those that still serve: an `up` that failed records them as gone."""
    known = dict(record.outputs.get("deployments") or {})
    if config is not None:
        for name, backend in config.deployments.items():
            traffic = config.weights.get(name, 0)
            known.setdefault(name, {"replicas": len(backend.workers), "traffic": traffic})
    return known


def _count(
    layout: Layout, endpoint: str, name: str, backend: configs.Backend | None, replicas: int
) -> tuple[int, str]:
    """How many workers there should be now, and how that is told."""
    known = note.read(layout.deployment(endpoint, name)) if backend else None
    made = known.get(backend.generation) if known and backend else None
    scaling = made.typed.scaling if made else None
    if backend is None or made is None or scaling is None:
        return replicas, f"{{name}} {{ready}}/{replicas} ready"
    span = f"({made.typed.replicas}-{scaling.max})"
    if not backend.workers:
        return 0, f"{{name}} asleep {span}"
    return len(backend.workers), f"{{name}} {{ready}}/{len(backend.workers)} ready {span}"


def _job(layout: Layout, record: Record) -> Found:
    made = next((child.outputs.get("fingerprint") for child in record.children), None)  # of the last success
    return jobs.status(layout, record.name, str(made or "") or _version(record))


def _environment(layout: Layout, record: Record) -> Found:
    version = _version(record)
    return ("ready", version) if environments.is_complete(version) else ("absent", f"{version} is gone")


def _files(layout: Layout, record: Record) -> Found:
    uri, version = str(record.outputs.get("uri")), str(record.outputs.get("version"))
    if remote.is_remote(uri):
        fetched = remote.local_path(uri, version).exists()
        return ("ready", version) if fetched else ("absent", f"{version} is not in the cache any more")
    return ("ready", version) if (layout.root / uri).exists() else ("absent", f"{uri} is gone")


def _data(layout: Layout, record: Record) -> Found:
    state, detail = _files(layout, record)
    try:
        profile = json.loads(layout.profile(record.name, detail).read_bytes())["profile"]
        return state, f"{detail}, {profile['rows']} rows, {len(profile['columns'])} columns"
    except (OSError, ValueError, KeyError):  # no table, or one without a profile
        return state, detail


def _secret(layout: Layout, record: Record) -> Found:
    there = secrets.path(layout, record.name).is_file()
    return ("ready", "") if there else ("absent", "its file is gone")


def _monitor(layout: Layout, record: Record) -> Found:
    from mlstack_local.monitors import commands

    return commands.monitor_status(layout, record.name)


def _notification(layout: Layout, record: Record) -> Found:
    from mlstack_local.monitors import commands

    return commands.notification_status(layout, record.name)


def _plain(layout: Layout, record: Record) -> Found:
    return "ready", "this machine" if record.kind == "compute" else ""


def _version(record: Record) -> str:
    return str(record.outputs.get("id", "")).partition("@")[2]


_LOOKS: Mapping[str, Callable[[Layout, Record], Found]] = {
    "endpoints": _endpoint,
    "jobs": _job,
    "environments": _environment,
    "data": _data,
    "models": _files,
    "secrets": _secret,
    "monitors": _monitor,
    "notifications": _notification,
}
