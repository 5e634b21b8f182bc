"""What the tables of refusals share."""

from __future__ import annotations

#: Path in the spec, message, remedy.
Refusal = tuple[tuple[str | int, ...], str, str | None]
