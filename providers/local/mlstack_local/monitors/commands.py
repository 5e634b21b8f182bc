"""What commands ask of monitors: a reading now, those that there were, and how each fares."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mlstack.errors import TargetError
from mlstack.runtime import Reading, StatusState
from mlstack_local.layout import Layout
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors import exposition, reading, schedule, tend
from mlstack_local.monitors.history import History, Message
from mlstack_local.notify import channel as channels
from mlstack_local.notify.message import shown
from mlstack_local.supervisor import Supervisor

_STATES: dict[str, StatusState] = {"ok": "ready", "firing": "degraded", "insufficient": "ready"}
#: The supervised program. No endpoint has a name that begins like this.
SCHEDULER = "@scheduler"


def measure(layout: Layout, name: str) -> Reading:
    """A reading now, with all that follows from it: it is recorded, and who is to be told is told.

    It waits for what was asked just before, which takes seconds to be written.
    """
    if definition := definitions.read(layout.monitor(name)):
        time.sleep(definition.settles)
    found = tend.read_now(layout, name)
    if found is None:
        raise TargetError(
            f"monitor {name!r} is gone from this machine",
            where=layout.relative(layout.monitor(name)),
            code="monitor-gone",
            remedy="run `mlstack up`: it is made again",
        )
    tend.deliver(layout, name)
    return _shared(found)


def readings(layout: Layout, name: str, last: int) -> Sequence[Reading]:
    return [_shared(found) for found in History(layout.monitor(name)).last(last)]


def monitor_status(layout: Layout, name: str) -> tuple[StatusState, str]:
    folder = layout.monitor(name)
    definition = definitions.read(folder)
    if definition is None:
        return "absent", "its files are gone"
    process = Supervisor(layout).status().get(SCHEDULER)
    if not (process and process.kept):
        return "failed", "the scheduler does not run: `mlstack up` starts it"
    history, now = History(folder), time.time()
    last = history.last()
    if not last:
        planned = schedule.read(folder)
        return "pending", f"first reading in {_span(planned.next - now if planned else definition.every)}"
    newest = last[0]
    ago = f"{_span(now - newest.time)} ago"
    if newest.state == "failed":
        return "failed", f"{(newest.error or '').splitlines()[0]}, {ago}"
    state: StatusState = "degraded" if newest.firing else _STATES[newest.state]
    known = history.measured(definition)
    detail = f"{definition.measure} {shown(known.value)} of {shown(definition.threshold)}" if known else ""
    if newest.state == "insufficient":
        few = f"{newest.samples} of {newest.needed} samples"
        detail = f"{few}, last {detail}" if known else few
    return state, f"{'FIRING, ' if newest.firing else ''}{detail}, {ago}"


def notification_status(layout: Layout, name: str) -> tuple[StatusState, str]:
    channel = channels.read(layout, name)
    if channel is None:
        return "absent", "its file is gone"
    found = [
        message
        for monitor in exposition.names(layout)
        for message in History(layout.monitor(monitor)).messages(name)
        if message.attempts
    ]
    if not found:
        return "ready", f"{channel.kind}, nothing told yet"
    newest = max(found, key=_ended)
    ago = f"{_span(time.time() - _ended(newest))} ago"
    if newest.error is None:
        return "ready", f"{channel.kind}, told {ago}"
    tried = f"{newest.attempts} attempts" if newest.attempts > 1 else "tried"
    return "degraded", f"{channel.kind}: {newest.error} ({tried}, {ago})"


def _ended(message: Message) -> float:
    return message.ended or 0.0


def _shared(found: reading.Reading) -> Reading:
    return Reading(
        monitor=found.monitor,
        time=reading.stamp(found.time),
        state=found.state,
        value=found.value,
        threshold=found.threshold,
        measure=found.measure,
        samples=found.samples,
        firing=found.firing,
        error=found.error,
        report=found.report,
        document=found.as_json(),
    )


def _span(seconds: float) -> str:
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {word}"
    return f"{max(0, int(seconds))} s"
