"""When a monitor is due: ``monitors/<name>/schedule.json``, so that a restart goes on where it was."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from mlstack_local.files import write_private

NAME = "schedule.json"


@dataclass(frozen=True)
class Due:
    """Epoch seconds of the next reading, and the interval that it was planned with."""

    next: float
    every: float

    def after(self, now: float) -> Due:
        """The next time in step that is after ``now``: what was missed in between is due once, not often."""
        steps = max(1, math.floor((now - self.next) / self.every) + 1)
        return Due(self.next + steps * self.every, self.every)


def due(folder: Path, every: float, now: float) -> Due:
    """When the next reading is due, written down where it was not.

    A new monitor is due one interval from now; so is one whose interval has changed, or whose time is
    further away than an interval (the clock was set back).
    """
    known = read(folder)
    if known and known.every == every and known.next <= now + every:
        return known
    fresh = Due(now + every, every)
    write(folder, fresh)
    return fresh


def read(folder: Path) -> Due | None:
    """What is written down; None where nothing is, or nothing that can be read."""
    try:
        return Due(**json.loads((folder / NAME).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write(folder: Path, planned: Due) -> None:
    write_private(folder / NAME, json.dumps(asdict(planned)))
