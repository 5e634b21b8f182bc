"""A resource of the stack by the name that the user gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlstack.errors import UsageError
from mlstack.suggest import suggest

if TYPE_CHECKING:
    from mlstack.runtime import Artifact, Record


def find(records: Sequence[Record], kinds: Sequence[str], name: str) -> Record:
    """The record of one of these kinds that ``name`` means: "digits", "endpoints.digits", "endpoint.digits".

    UsageError, with what there is, when there is none or more than one.
    """
    from mlstack.spec import KINDS

    words = {word: kind for kind in kinds for word in (kind, KINDS[kind].singular)}
    prefix, _, rest = name.rpartition(".")
    wanted = [words[prefix]] if prefix in words else list(kinds) if not prefix else []
    candidates = [record for record in records if record.kind in kinds]
    found = [record for record in candidates if record.kind in wanted and record.name == rest]
    if len(found) == 1:
        return found[0]
    names = sorted(path(record) for record in (found or candidates))
    what = " or ".join(KINDS[kind].singular for kind in kinds)
    if found:
        raise UsageError(f"{name!r} is the name of more than one", remedy=f"say which: {', '.join(names)}")
    near = suggest(rest, [record.name for record in candidates])
    raise UsageError(
        f"there is no {what} {name!r} in this stack",
        code="not-in-stack",
        remedy=(f"did you mean {near!r}? " if near else "")
        + (f"there are: {', '.join(names)}" if names else "`mlstack up` makes what the spec says"),
    )


def artifact(records: Sequence[Record], reference: str) -> Artifact:
    """What ``data.NAME``, ``models.NAME`` or ``jobs.NAME.OUTPUT`` names. UsageError: nothing yet."""
    from mlstack.runtime import Artifact

    kind, name, *rest = reference.split(".")
    record = find(records, (kind,), name)
    held = (record.outputs.get("outputs") or {}).get(rest[0]) if kind == "jobs" else record.outputs
    if not held or held.get("uri") is None:
        known = ", ".join(record.outputs.get("outputs") or {}) or "none"
        raise UsageError(
            f"there is no {reference} in this stack yet",
            code="not-in-stack",
            remedy=f"its outputs are: {known}" if rest else "`mlstack up` makes it",
        )
    return Artifact(str(held["uri"]), held.get("version"))


def path(record: Record) -> str:
    return f"{record.kind}.{record.name}"


def check_deployment(record: Record, deployment: str | None) -> None:
    """UsageError where the endpoint has no such deployment."""
    known = record.outputs.get("deployments") or {}
    if deployment is None or deployment in known:
        return
    near = suggest(deployment, known)
    raise UsageError(
        f"the endpoint {record.name!r} has no deployment {deployment!r}",
        code="not-in-stack",
        remedy=(f"did you mean {near!r}? " if near else "") + f"there are: {', '.join(known)}",
    )
