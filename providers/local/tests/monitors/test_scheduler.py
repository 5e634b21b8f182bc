"""The scheduler as a process: in time, one at a time, through kills and broken monitors."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from mlstack_local.monitors import schedule
from mlstack_local.monitors.history import History
from mlstack_local.monitors.reading import Reading
from mlstack_local.monitors.scheduler import Scheduler

from .conftest import Site

SCRIPT = "def measure(requests, baseline):\n    return 1\n"


class Running:
    """The scheduler's process; `start` and `kill` it as often as needed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "mlstack_local.monitors.scheduler"]
        self.process = subprocess.Popen([*command, str(self.site.layout.home), str(self.port)])

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(120)

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=120) as answer:
            lines = answer.read().decode().splitlines()
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in lines
            if not line.startswith("#")
        }


@pytest.fixture
def running(site: Site) -> Iterator[Running]:
    made = Running(site)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


def add(site: Site, name: str, every: float = 1.0, **given: Any) -> History:
    folder = site.layout.monitor(name)
    held = site.baseline({"age": [float(number) for number in range(100)]})
    site.definition(**{"name": name, "baseline": held, "every": every, **given}).write(folder)
    return History(folder)


def until(holds: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_readings_are_in_step_and_broken_monitors_hold_up_nobody(running: Running) -> None:
    well = add(running.site, "well", min_samples=1)
    broken = add(running.site, "broken", baseline=None)  # which nothing writes: the measure raises
    (folder := running.site.layout.monitor("worse")).mkdir(parents=True)
    (folder / "monitor.json").write_text("{")
    add(running.site, "corrupt", min_samples=1)
    (running.site.layout.monitor("corrupt") / "readings.db").write_bytes(b"no database" * 1000)
    running.site.capture({"instances": [[5.0], [6.0]] * 100})
    running.start()
    until(lambda: len(well.last(99)) >= 2 and broken.last(99))
    assert {reading.state for reading in broken.last(99)} == {"failed"}
    first, *others = well.last(99)
    assert (first.state, first.samples) == ("firing", 200)
    dues = [reading.due for reading in [first, *others]]
    assert len(set(dues)) == len(dues)
    assert all((due - first.due) % 1.0 == pytest.approx(0, abs=1e-6) for due in dues if due and first.due)
    found = running.metrics()
    labels = 'endpoint="digits",monitor="well",signal="data-drift"'
    assert found[f"mlstack_monitor_value{{{labels}}}"] > 0.2
    assert found[f"mlstack_monitor_threshold{{{labels}}}"] == 0.2
    assert found[f"mlstack_monitor_firing{{{labels}}}"] == 1
    states = {
        key: value
        for key, value in found.items()
        if key.startswith("mlstack_monitor_state") and "well" in key
    }
    assert sum(states.values()) == 1
    assert running.end(signal.SIGTERM) == 0


def test_it_goes_on_after_a_kill_and_reads_once_what_was_missed(running: Running) -> None:
    history = add(running.site, "drift", every=3.0)
    running.start()
    until(lambda: history.last(9))
    running.end(signal.SIGKILL)
    known = [reading.due for reading in history.last(99)]
    folder = running.site.layout.monitor("drift")
    planned = schedule.due(folder, 3.0, time.time())
    schedule.write(folder, schedule.Due(planned.next - 3000, 3.0))  # a thousand readings were missed
    running.start()
    until(lambda: len(history.last(99)) >= len(known) + 2)
    running.end(signal.SIGTERM)
    dues = [reading.due or 0.0 for reading in history.last(99)][len(known) :]
    assert dues[0] == pytest.approx(planned.next - 3000)
    assert dues[1] > planned.next - 3.001
    assert all(later - earlier == pytest.approx(3) for earlier, later in pairwise(dues[1:]))


def test_a_port_that_another_has_is_no_reason_to_read_nothing(running: Running) -> None:
    history = add(running.site, "well")
    with socket.create_server(("127.0.0.1", running.port)):
        running.start()
        until(lambda: history.last(9))


def test_a_reading_that_takes_too_long_is_ended_and_recorded(site: Site) -> None:
    """Another process holds the monitor's lock, so that its reading waits."""
    from mlstack_local.monitors.tend import lock

    history = add(site, "drift")
    folder = site.layout.monitor("drift")
    schedule.write(folder, schedule.Due(time.time() - 0.5, 1.0))
    scheduler = Scheduler(site.layout, limit=3.0)
    with lock(folder):
        scheduler.step()
        [pid] = [task.process.pid for task in scheduler._tasks.values()]

        def stepped() -> list[Reading]:
            scheduler.step()
            return history.last(9)

        until(stepped)
    [reading] = history.last(9)
    assert (reading.state, reading.error) == ("failed", "the reading was not done after 3 s")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    for task in scheduler._tasks.values():  # the next one, which has begun in the last step
        with contextlib.suppress(ProcessLookupError):
            os.killpg(task.process.pid, signal.SIGKILL)
        task.process.wait()


def test_a_monitor_that_is_removed_while_it_is_read_comes_to_nothing(site: Site) -> None:
    import shutil

    add(site, "drift")
    folder = site.layout.monitor("drift")
    schedule.write(folder, schedule.Due(time.time() - 0.5, 1.0))
    scheduler = Scheduler(site.layout)
    scheduler.step()
    shutil.rmtree(folder)
    until(lambda: scheduler.step() or not scheduler._tasks)
