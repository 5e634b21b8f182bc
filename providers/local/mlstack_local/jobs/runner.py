"""``python -m mlstack_local.jobs.runner <run folder>``: runs one job to its end, whoever else dies.

It is started in a session of its own, so that neither an interrupt in the terminal nor the end of the
command that started it reaches it. SIGTERM cancels the run.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from filelock import Timeout

from mlstack_local.jobs import groups, results, surroundings, tracking
from mlstack_local.jobs.output import Pump
from mlstack_local.jobs.record import Attempt, Record, Request, RunFolder
from mlstack_local.jobs.usage import Meter

_LOCK_SECONDS = 1.0
#: An earlier runner has written its end before its process is gone, and holds the lock until then.
_LAST_RUNNER_SECONDS = 60.0
#: The command's shell waits for a line before it begins: a runner that dies before it has noted the
#: process leaves nothing behind that runs.
_GATE = 'read -r go || exit 1; exec /bin/sh -c "$1" </dev/null'
_CANCEL = -1
_LONGEST_PAUSE = 60.0
_PUMP_SECONDS = 5.0


class Runner:
    """Runs the request of one folder. ``events`` gets (process number, exit code), or `_CANCEL`."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.request: Request = run.read_request()
        self.record = Record()
        self.events: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
        self.cancelled = False

    def main(self) -> None:
        """Hold the lock, run, and leave a record of the end in every case."""
        signal.signal(signal.SIGTERM, self._on_term)
        lock = self._lock()
        if lock is None:
            return
        with lock:
            found = self._asked()
            if found is None:
                return
            me = groups.identify(os.getpid())
            self.record = found
            self._note(status="running", started=time.time(), runner=me)
            try:
                self._attempts()
            except Exception as error:
                self._end("failed", f"{type(error).__name__}: {error}")

    def _lock(self) -> contextlib.AbstractContextManager[object] | None:
        """The lock of whoever runs it; None where another one does."""
        deadline = time.monotonic() + _LAST_RUNNER_SECONDS
        while self._asked() is not None and time.monotonic() < deadline:
            with contextlib.suppress(Timeout):
                return self.run.runner_lock().acquire(timeout=_LOCK_SECONDS)
        return None

    def _asked(self) -> Record | None:
        """The record of a run that is still to be begun."""
        found = self.run.read()
        return found if found is not None and found.status == "pending" else None

    def _attempts(self) -> None:
        deadline = time.monotonic() + (self.request.timeout_seconds or threading.TIMEOUT_MAX / 2)
        common = surroundings.of_command(self.request)
        common |= self._tracked(common)
        for attempt in range(1, self.request.retries + 2):
            code = self._measured(attempt, common, deadline)
            if self.cancelled:
                return self._end("cancelled", "stopped")
            if code is None:
                return self._end("timed-out", f"stopped after {self.request.timeout_seconds:g} s")
            if code == 0:
                return self._finish()
            if attempt <= self.request.retries:
                pause = min(2.0 ** (attempt - 1), _LONGEST_PAUSE)
                self._say(f"attempt {attempt}: {_told(code)}; trying again in {pause:g} s")
                with contextlib.suppress(queue.Empty):  # of which a cancellation is the only event
                    self.events.get(timeout=max(0.0, min(pause, deadline - time.monotonic())))
                if self.cancelled:
                    return self._end("cancelled", "stopped")
        return self._end("failed", _told(code), exit_code=code)

    def _tracked(self, given: dict[str, str]) -> dict[str, str]:
        request = self.request
        return tracking.variables(
            request.environment, request.tracking, request.experiment, self.run.path.name, given
        )

    def _measured(self, attempt: int, common: dict[str, str], deadline: float) -> int | None:
        started, meter = time.time(), Meter().start()
        code = self._attempt(attempt, common, deadline)
        used = meter.stop()
        message = "stopped" if code is None or self.cancelled else _told(code) if code else ""
        done = Attempt(started, time.time(), message, used.max_rss_bytes, used.cpu_seconds)
        self.record = self.record.but(attempts=(*self.record.attempts, done))
        return code

    def _attempt(self, attempt: int, common: dict[str, str], deadline: float) -> int | None:
        """Run the command's processes once: the first exit code that is not 0, else 0; None when the time
        is over. Whatever of the process groups is left afterwards is ended."""
        results.prepare(self.run, self.request.outputs)
        processes, pumps = self._start(attempt, common)
        try:
            left = len(processes)
            while left:
                try:
                    index, code = self.events.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    return None
                if index == _CANCEL or code != 0:
                    return code
                left -= 1
            return 0
        finally:
            groups.end(self.record.groups, self.request.grace_seconds)
            for process in processes:
                process.wait()
            for pump in pumps:
                pump.join(_PUMP_SECONDS)
            self.events = queue.SimpleQueue()

    def _start(
        self, attempt: int, common: dict[str, str]
    ) -> tuple[list[subprocess.Popen[bytes]], list[Pump]]:
        processes, pumps = [], []
        each = surroundings.of_ranks(self.request.nodes, self.request.processes)
        values = surroundings.secret_values(self.request).values()
        # with nothing to mask or to mark, what the command writes needs no detour
        direct = len(each) == 1 and not values
        lock = threading.Lock()
        for ranks in each:
            with self.run.log.open("ab") as log:
                process = subprocess.Popen(
                    ["/bin/sh", "-c", _GATE, "sh", self.request.command],
                    cwd=self.request.cwd,
                    env={**common, **ranks},
                    stdin=subprocess.PIPE,
                    stdout=log if direct else subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            processes.append(process)
            if process.stdout is not None:
                label = f"[rank {ranks['RANK']}] " if ranks else ""
                pumps.append(Pump(process.stdout, self.run.log, label, values, lock))
        self._note(attempt=attempt, groups=tuple(groups.identify(process.pid) for process in processes))
        for index, process in enumerate(processes):
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.close()
            threading.Thread(target=_watch, args=(process, index, self.events), daemon=True).start()
        if self.cancelled:  # the signal came before there was anything to stop
            self.events.put((_CANCEL, 0))
        return processes, pumps

    def _finish(self) -> None:
        try:
            versions = results.versions(self.run, self.request.outputs)
        except results.OutputMissing as missing:
            return self._end("failed", str(missing), exit_code=0)
        metrics = results.metrics(self.run, self.request.outputs)
        metrics = metrics or tracking.metrics(self.request.tracking, self.run.path.name)
        return self._end("succeeded", outputs=versions, metrics=metrics, exit_code=0)

    def _end(self, status: str, message: str = "", **facts: Any) -> None:
        if message:
            self._say(f"{status}: {message}")
        attempts = self.record.attempts
        memory = max((attempt.max_rss_bytes for attempt in attempts), default=None)
        cpu = round(sum(attempt.cpu_seconds for attempt in attempts), 3)
        used = {"max_rss_bytes": memory, "cpu_seconds": cpu}
        self._note(status=status, message=message, ended=time.time(), **used, **facts)

    def _note(self, **changes: Any) -> None:
        self.record = self.record.but(**changes)
        self.run.write(self.record)

    def _say(self, line: str) -> None:
        with self.run.log.open("a") as log:
            log.write(f"mlstack: {line}\n")

    def _on_term(self, *_: object) -> None:
        self.cancelled = True
        self.events.put((_CANCEL, 0))


def _told(code: int | None) -> str:
    if code is None:
        return ""
    return f"exit code {code}" if code > 0 else f"ended by {signal.Signals(-code).name}"


def _watch(process: subprocess.Popen[bytes], index: int, events: queue.SimpleQueue[tuple[int, int]]) -> None:
    events.put((index, process.wait()))


def main() -> None:
    Runner(RunFolder(Path(sys.argv[1]))).main()


if __name__ == "__main__":
    main()
