"""Remove what nothing refers to any more: old versions of uploads, and what runs put out that are forgotten.

Both lie below the stack's own prefix in a bucket. Images and versions of the registry go by themselves, with
the resource that is replaced.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlstack.provider import STACK_TAG
from mlstack.runtime import ChildRecord, Record, Site, Unused
from mlstack_gcp import cloud
from mlstack_gcp.cloud.transfer import remove_all
from mlstack_gcp.jobs import runs
from mlstack_gcp.names import label
from mlstack_gcp.runtime import batch, children

if TYPE_CHECKING:
    from google.cloud.storage import Blob

#: What was written of late stays: somebody may be about to name it.
_LATE = timedelta(days=7)
_UPLOAD = "mlstack:gcp:Upload"
_SCHEDULE = "mlstack:gcp:PipelineSchedule"
_ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_DIGEST = re.compile(r"[0-9a-f]{12}")


@dataclass
class _Version:
    """One version in a bucket: its objects, below one prefix."""

    kind: str
    name: str
    blobs: list[Blob] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(int(blob.size or 0) for blob in self.blobs)

    @property
    def is_old(self) -> bool:
        return bool(max(blob.updated for blob in self.blobs) < datetime.now(UTC) - _LATE)


def collect(site: Site, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
    named = _named(site, records)
    found = []
    for project, bucket in sorted(_buckets(records)):
        for place, version in _versions(project, bucket, site.stack_uid).items():
            if f"{place}/" in named or not (everything or version.is_old):
                continue
            if not dry_run:
                names = [str(blob.name) for blob in version.blobs]
                remove_all(cloud.bucket(project, bucket), names, threading.Event())
            reason = "nothing in the stack names it"
            found.append(Unused(version.kind, version.name, reason, version.size))
    return found


def _buckets(records: Sequence[Record]) -> set[tuple[str, str]]:
    """(project, bucket) of all that the stack keeps files in."""
    found = set()
    for record in records:
        for child in children.of_type(record, _UPLOAD):
            found.add((str(child.inputs.get("project") or ""), str(child.inputs["bucket"])))
        for child in children.of_type(record, children.JOB):
            place = str(child.inputs["place"]).removeprefix("gs://")
            found.add((str(child.inputs["project"]), place.partition("/")[0]))
    return found


def _named(site: Site, records: Sequence[Record]) -> str:
    """All that the state, and the runs that the platform still lists, say of places, in one text: what is not
    in it is named by nothing. A place is followed by a slash there."""
    parts: list[Any] = []
    for record in records:
        parts.append(record.outputs)
        parts += [[child.id, child.inputs, child.outputs] for child in record.children]
        # an upload's prefix is written without the slash
        parts += [f"{child.outputs.get('prefix')}/" for child in children.of_type(record, _UPLOAD)]
        for child in children.of_type(record, children.JOB):
            where = runs.parent(child.inputs["project"], child.inputs["location"])
            for run in runs.of_stack(where, child.inputs["stack_uid"], child.inputs["name"]):
                parts.append(f"{run.job_spec.base_output_directory.output_uri_prefix}/")
                parts.append(runs.said(run))
        if children.is_batch(record):
            parts.append(batch.read_now(site, record))
        for child in children.of_type(record, _SCHEDULE):
            parts += _read_by_pipelines(site, child)
    return json.dumps(parts, default=str)


def _read_by_pipelines(site: Site, schedule: ChildRecord) -> Iterator[str]:
    """The definitions of pipelines that run: they name the code that their steps copy."""
    location, where = schedule.inputs["location"], schedule.id.partition("/schedules/")[0]
    with cloud.told(where):
        for run in cloud.client("Pipeline", location).list_pipeline_jobs(
            request={"parent": where, "filter": f'labels.{STACK_TAG}="{label(site.stack_uid)}"'}
        ):
            if run.state.name.removeprefix("PIPELINE_STATE_") not in _ENDED:
                yield str(type(run).to_json(run))


def _versions(project: str, bucket: str, stack_uid: str) -> dict[str, _Version]:
    """By the prefix, without a slash at its end."""
    found: dict[str, _Version] = {}
    start = f"mlstack/{stack_uid}/"
    with cloud.told(f"gs://{bucket}/{start}"):
        for blob in cloud.bucket(project, bucket).list_blobs(prefix=start):
            if (known := _belongs(blob.name.removeprefix(start))) is not None:
                kind, name, place = known
                found.setdefault(f"{start}{place}", _Version(kind, name)).blobs.append(blob)
    return found


def _belongs(path: str) -> tuple[str, str, str] | None:
    """(kind, name for people, prefix) of the version that an object belongs to; None: it is of another kind,
    and is not collected."""
    home, _, rest = path.partition("/")
    if home == "runs":
        job, _, rest = rest.partition("/")
        run, found, _ = rest.partition("/")
        return ("run", f"{job}/{run}", f"runs/{job}/{run}") if found else None
    digest = rest.partition("/")[0].removesuffix(".json")
    return ("upload", f"{home}@{digest}", f"{home}/{digest}") if _DIGEST.fullmatch(digest) else None
