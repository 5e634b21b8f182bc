"""What a channel is told, as text and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlstack_local.monitors.reading import Reading

_WORDS = {
    "firing": "FIRING",
    "still-firing": "STILL FIRING",
    "resolved": "RESOLVED",
    "failing": "CANNOT BE READ",
}
_COLUMNS = 5


@dataclass(frozen=True)
class Notice:
    """``id`` is the same in every attempt to deliver it, so that a receiver can drop a second one.

    ``subject`` names the alert itself, the same in all that is told of it.
    """

    id: str
    subject: str
    event: str
    project: str
    reading: Reading

    @property
    def title(self) -> str:
        reading = self.reading
        what = f"{_WORDS[self.event]}: {reading.monitor} of endpoint {reading.endpoint}"
        return f"{what} ({reading.measure} {shown(reading.value)})" if reading.value is not None else what

    @property
    def text(self) -> str:
        reading = self.reading
        lines = [
            f"{self.project}: {reading.signal} of endpoint {reading.endpoint}",
            f"{reading.measure}: {shown(reading.value)}, threshold {shown(reading.threshold)}",
            f"{reading.samples} samples",
        ]
        if reading.error:
            lines.append(f"the last reading failed: {reading.error}")
        worst = [row for row in reading.columns[:_COLUMNS] if isinstance(row.get("value"), float)]
        lines += [f"  {row['name']}: {shown(row['value'])}" for row in worst]
        if reading.report:
            lines.append(f"report: {reading.report}")
        lines.append(f"mlstack monitor history {reading.monitor}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The body of a webhook."""
        return {
            "id": self.id,
            "event": self.event,
            "title": self.title,
            "text": self.text,
            "project": self.project,
            "reading": self.reading.as_json(),
        }


def shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
