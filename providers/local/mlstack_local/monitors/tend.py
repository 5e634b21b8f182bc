"""One reading from beginning to end, in a process of its own: measured, recorded, reported, told.

    python -m mlstack_local.monitors.tend STACK_HOME MONITOR [DUE]

``DUE`` is the time, in epoch seconds, for which the scheduler wants the reading: one that was taken already
is not taken again, so the process may be killed anywhere and be started again. Without it a reading is taken
now. ``-`` for ``DUE`` only delivers what is still to be told.
"""

from __future__ import annotations

import shutil
import sys
import time
import traceback
from pathlib import Path

from filelock import FileLock

from mlstack_local import notify
from mlstack_local.files import prune
from mlstack_local.layout import Layout
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.history import History, Message
from mlstack_local.monitors.measure import measure
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured, MeasureFailed, Reading
from mlstack_local.notify import channel as channels

#: A whole reading, from its start to its end, takes no longer than this.
SECONDS = 600.0


def lock(folder: Path) -> FileLock:
    """Held by whoever takes a reading of the monitor."""
    return FileLock(folder / ".lock", timeout=SECONDS, mode=0o600)


def read_now(layout: Layout, name: str, due: float | None = None) -> Reading | None:
    """Take a reading and record it; None when the monitor is gone, or the reading was taken before."""
    folder = layout.monitor(name)
    definition = definitions.read(folder)
    if definition is None:
        return None
    with lock(folder):
        definition = definitions.read(folder)
        if definition is None:  # it was removed while this waited, and the lock made its folder again
            shutil.rmtree(folder, ignore_errors=True)
            prune(folder.parent, layout.home)
            return None
        history = History(folder)
        if due is not None and history.has(due):
            return None
        now = time.time()
        until = now - definition.settles
        since = _since(definition, history, now, until)
        started = time.perf_counter()
        try:
            found = measure(
                definition,
                Surroundings(layout, definition.endpoint, since, until, history.kept(definition.endpoint)),
            )
            error = None
        except MeasureFailed as failed:
            found, error = Measured(None, 0), str(failed)
        except Exception as failed:
            traceback.print_exc()
            found, error = Measured(None, 0), f"{type(failed).__name__}: {failed}"
        seconds = time.perf_counter() - started
        reading = _reading(
            definition, found, error, since=since, until=until, now=now, seconds=seconds, due=due
        )
        if reading.value is not None:
            reading = _reported(layout, definition, history, reading, found)
        return history.record(
            reading,
            definition.notify,
            # After a reading that had too little, the next one goes on from where the last one ended.
            keep=found.keep if reading.value is not None or definition.window else None,
            forget_before=until - (definition.window or 0.0),
        )


def record_failure(layout: Layout, name: str, error: str, due: float | None) -> None:
    """Record a reading that ended without a word: it was killed, or took too long."""
    folder = layout.monitor(name)
    definition = definitions.read(folder)
    if definition is None or (due is not None and History(folder).has(due)):
        return
    now = time.time()
    reading = _reading(
        definition, Measured(None, 0), error, since=None, until=now, now=now, seconds=0.0, due=due
    )
    History(folder).record(reading, definition.notify)


def deliver(layout: Layout, name: str) -> None:
    """Tell each channel what it is still to be told, and what is due again."""
    folder = layout.monitor(name)
    if definitions.read(folder) is None:
        return
    with FileLock(folder / ".deliver.lock", timeout=SECONDS, mode=0o600):
        history = History(folder)
        for message in history.due_messages(time.time()):
            history.delivered(message, _tell(layout, name, history, message))


def _since(definition: Definition, history: History, now: float, until: float) -> float | None:
    """Where the window begins: by the definition, else where the last one that was enough ended."""
    if definition.window is not None:
        return until - definition.window
    last = history.measured()
    # A clock that was set back: what was captured since has times before that reading.
    return min(last.until, until) if last and last.until <= now else None


def _reading(
    definition: Definition,
    found: Measured,
    error: str | None,
    *,
    since: float | None,
    until: float,
    now: float,
    seconds: float,
    due: float | None,
) -> Reading:
    if error is not None:
        state = "failed"
    elif found.value is None:
        state = "insufficient"
    else:
        state = "firing" if definition.passes(found.value) else "ok"
    return Reading(
        monitor=definition.name,
        endpoint=definition.endpoint,
        signal=definition.signal,
        measure=definition.measure,
        time=now,
        since=found.since if found.since is not None else since,
        until=until,
        state=state,  # type: ignore[arg-type]
        value=found.value,
        threshold=definition.threshold,
        samples=found.samples,
        needed=definition.needed,
        seconds=seconds,
        columns=found.columns,
        notes=found.notes,
        error=error,
        due=due,
        series=definition.series,
    )


def _reported(
    layout: Layout, definition: Definition, history: History, reading: Reading, found: Measured
) -> Reading:
    """The reading with its page; one that cannot be drawn is no reason to lose the reading."""
    from dataclasses import replace

    from mlstack_local.monitors import report

    try:
        path = report.write(layout, definition, [*history.comparable(definition, 500), reading], found.plots)
    except Exception as failed:
        traceback.print_exc()
        return replace(reading, notes=[*reading.notes, f"the report could not be drawn: {failed}"])
    return replace(reading, report=layout.relative(path))


def _tell(layout: Layout, name: str, history: History, message: Message) -> str | None:
    channel, reading = channels.read(layout, message.channel), history.reading_of(message)
    definition = definitions.read(layout.monitor(name))
    if channel is None or reading is None:
        return f"there is no notification {message.channel!r} any more"
    notice = notify.Notice(
        id=f"{layout.stack_uid}-{name}-{message.id}",
        subject=f"mlstack-{layout.stack_uid}-{name}",
        event=message.event,
        project=(definition.project if definition else None) or layout.root.name,
        reading=reading,
    )
    return notify.send(layout, channel, notice)


def main(home: str, name: str, due: str | None = None) -> None:
    layout = Layout.at(Path(home))
    if due != "-":
        read_now(layout, name, float(due) if due else None)
    deliver(layout, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
