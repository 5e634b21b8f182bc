"""Following a run to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from mlstack.errors import TargetError
from mlstack.runtime import Run, Scored
from mlstack_local.batch import runs
from mlstack_local.batch.asked import Asked
from mlstack_local.files import last_lines
from mlstack_local.jobs import Record, RunFolder, control
from mlstack_local.layout import Layout

_POLL = 0.25
_OURS = "mlstack_serving: "


def follow(
    layout: Layout,
    endpoint: str,
    run: RunFolder,
    watch: Callable[[Scored], None],
    log: Callable[[str], None],
) -> Run:
    """Show how far it is until it ends; TargetError where it fails. Interrupted, it stops the run."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_POLL):
            if (at := runs.progress(run)) is not None:
                watch(at)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        record = control.wait(run, log)
    except KeyboardInterrupt:
        control.stop(run)
        log(f"stopped; `mlstack invoke {endpoint} --resume {run.path.name}` goes on")
        raise
    finally:
        over.set()
        watcher.join()
    if record.status != "succeeded":
        raise _failure(layout, endpoint, run, record)
    found = runs.metrics(run)
    watch(Scored(found["rows"], found["rows"], found["failed"], found["rows_per_second"]))
    return result(layout, run, record.status)


def result(layout: Layout, run: RunFolder, status: str) -> Run:
    """The run as it is told to the user; predictions and metrics once it has succeeded."""
    folder = Asked.read(run).folder
    outputs = {"folder": {"uri": _shown(layout, folder)}}
    if status != "succeeded":
        return Run(run.path.name, status, outputs, {})
    for path in (*sorted(folder.glob("predictions*")), folder / "errors.jsonl"):
        outputs[path.stem] = {"uri": _shown(layout, path)}
    return Run(run.path.name, status, outputs, runs.metrics(run))


def _shown(layout: Layout, path: Path) -> str:
    return layout.relative(path) if path.is_relative_to(layout.root) else str(path)


def _failure(layout: Layout, endpoint: str, run: RunFolder, record: Record) -> TargetError:
    said = [line.removeprefix(_OURS) for line in last_lines(run.log, 5) if line.startswith(_OURS)]
    told = f"failed: {said[-1]}" if said and record.status == "failed" else control.told(record)
    return TargetError(
        f"the run {run.path.name} of batch endpoint {endpoint!r} {told}",
        where=_shown(layout, run.log),
        code="run-failed",
        category="user",
        remedy=f"`mlstack invoke {endpoint} --resume {run.path.name}` goes on after what is scored already; "
        "--max-errors N lets more fail",
    )
