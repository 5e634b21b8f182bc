"""The version of something remote: that of its listing, else the one that the spec declares."""

from __future__ import annotations

from mlstack.errors import UsageError
from mlstack_local.remote.listing import listing
from mlstack_local.remote.uris import problem, redacted


def version_of(uri: str, declared: str | None) -> str:
    """The version of a canonical URI. Raises UsageError, TargetError."""
    check(uri)
    found = listing(uri).version or declared
    if found is None:
        raise UsageError(
            f"{redacted(uri)} tells neither checksums nor times, so a change would not be seen",
            code="no-version",
            remedy='declare one: version: "1", and another when the content is another',
        )
    return found


def check(uri: str) -> None:
    """Refuse what `problem` finds."""
    if (found := problem(uri)) is not None:
        raise UsageError(found[0], code="bad-uri", remedy=found[1])
