"""One reading from beginning to end, and what is kept when it is cut short."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from mlstack_local.captures.recorder import SETTLED_SECONDS
from mlstack_local.monitors import history as histories
from mlstack_local.monitors import tend
from mlstack_local.monitors.history import RETRIES, History
from mlstack_local.notify import Channel
from mlstack_local.notify import channel as channels

from ..receiver import Receiver
from .conftest import Site


@pytest.fixture
def ages(site: Site) -> Site:
    """A monitor of one column, 0 to 99, that tells a webhook."""
    site.held = site.baseline({"age": [float(number % 100) for number in range(1000)]})
    site.layout.monitor("drift").mkdir(parents=True)
    definition = site.definition(baseline=site.held, notify=("oncall",), project="people")
    definition.write(site.layout.monitor("drift"))
    return site


def ask(site: Site, low: int, high: int) -> None:
    """200 rows, evenly from low to high, that have been written just now."""
    step = (high - low) / 200
    rows = [[low + step * number] for number in range(200)]
    time.sleep(0.01)
    site.capture({"instances": rows}, time=time.time() - SETTLED_SECONDS)
    time.sleep(0.01)


def test_from_quiet_to_an_alert_and_back(ages: Site, webhook: Receiver) -> None:
    channels.write(ages.layout, Channel("oncall", "webhook", webhook.url))
    folder = ages.layout.monitor("drift")

    def take() -> tuple[str, str | None]:
        tend.main(str(ages.layout.home), "drift")
        [reading] = History(folder).last()
        return reading.state, reading.event

    assert take() == ("insufficient", None)
    ask(ages, 0, 100)
    assert take() == ("ok", None)
    assert take() == ("insufficient", None)  # what was read is not read again
    ask(ages, 50, 150)
    assert take() == ("firing", "firing")
    ask(ages, 50, 150)
    assert take() == ("firing", None)
    ask(ages, 0, 100)
    assert take() == ("ok", "resolved")
    assert [body["event"] for body in webhook.told] == ["firing", "resolved"]
    assert {body["project"] for body in webhook.told} == {"people"}
    assert webhook.told[0]["text"].startswith("people: data-drift of endpoint digits")
    assert webhook.told[0]["reading"]["value"] > 0.2
    reports = sorted((folder / "reports").iterdir())
    assert len(reports) == 4
    page = reports[-1].read_text()
    assert 'src="../../plotly.min.js"' in page
    assert (reports[-1].parent / "../../plotly.min.js").resolve().stat().st_size > 1_000_000
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://127.0.0.1", "")
    assert {path.stat().st_mode & 0o777 for path in reports} == {0o600}


def test_rows_that_are_written_after_the_reading_are_in_the_next(ages: Site) -> None:
    """The gateway writes what it captured a moment later: no row is lost between two windows."""
    folder = ages.layout.monitor("drift")
    ask(ages, 0, 100)
    arrived = time.time() - SETTLED_SECONDS / 2
    first = tend.read_now(ages.layout, "drift")
    ages.capture({"instances": [[1.0]] * 200}, time=arrived)
    while time.time() < arrived + SETTLED_SECONDS:
        time.sleep(0.1)
    second = tend.read_now(ages.layout, "drift")
    assert first
    assert second
    assert (first.samples, second.samples, second.since) == (200, 200, first.until)
    assert first.until < arrived < second.until
    assert len(History(folder).last(9)) == 2


def test_a_reading_of_one_time_is_taken_once(ages: Site) -> None:
    ask(ages, 0, 100)
    for _ in range(2):
        tend.main(str(ages.layout.home), "drift", "1234.5")
    tend.record_failure(ages.layout, "drift", "too late", 1234.5)
    assert [reading.due for reading in History(ages.layout.monitor("drift")).last(9)] == [1234.5]


def test_what_goes_wrong_is_a_failed_reading(ages: Site) -> None:
    (ages.layout.root / "baseline.csv").unlink()
    found = tend.read_now(ages.layout, "drift")
    assert found is not None
    assert found.state == "failed"
    assert "baseline.csv cannot be read" in (found.error or "")
    assert tend.read_now(ages.layout, "nothing") is None


def test_a_channel_that_fails_is_tried_again_and_given_up(ages: Site, webhook: Receiver) -> None:
    channels.write(ages.layout, Channel("oncall", "webhook", webhook.url))
    ask(ages, 100, 200)
    webhook.answers = [500] * (len(RETRIES) + 1)
    tend.main(str(ages.layout.home), "drift")
    history = History(ages.layout.monitor("drift"))
    for attempt in range(1, len(RETRIES) + 1):
        [message] = history.messages("oncall")
        assert (message.state, message.attempts) == ("pending", attempt)
        assert "500" in (message.error or "")
        assert message.next > time.time() + RETRIES[attempt - 1] - 60
        assert history.due_messages(time.time()) == []
        with sqlite3.connect(ages.layout.monitor("drift") / "readings.db") as database:
            database.execute("UPDATE message SET next = 0")
        database.close()
        tend.main(str(ages.layout.home), "drift", "-")
    assert history.messages("oncall")[0].state == "given-up"
    assert webhook.told == []
    assert len(history.last(9)) == 1


def test_killed_at_any_moment_nothing_is_lost_or_told_twice(ages: Site, webhook: Receiver) -> None:
    """The same time is tended again and again, each killed a little later, until one comes through."""
    channels.write(ages.layout, Channel("oncall", "webhook", webhook.url))
    ask(ages, 100, 200)
    command = [sys.executable, "-m", "mlstack_local.monitors.tend", str(ages.layout.home), "drift", "77.0"]
    wait, killed = 0.3, 0
    while True:
        process = subprocess.Popen(command, start_new_session=True)
        try:
            assert process.wait(wait) == 0
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            wait *= 2
    assert killed >= 1
    history = History(ages.layout.monitor("drift"))
    [reading] = history.last(9)
    assert (reading.state, reading.event) == ("firing", "firing")
    assert {body["id"] for body in webhook.told} == {"u1-drift-1"}
    assert len(webhook.told) == 1
    assert history.messages("oncall")[0].state == "sent"


def test_a_readings_file_half_written_is_rolled_back(ages: Site) -> None:
    """A process that dies within a transaction leaves the readings as they were."""
    tend.main(str(ages.layout.home), "drift")
    path = ages.layout.monitor("drift") / "readings.db"
    code = (
        "import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
        "d.execute('DELETE FROM reading'); d.execute('PRAGMA cache_spill = 1'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert len(History(path.parent).last(9)) == 1


def test_old_reports_go(ages: Site) -> None:
    from mlstack_local.monitors import report

    folder: Path = ages.layout.monitor("drift") / "reports"
    folder.mkdir()
    for number in range(report.KEEP + 5):
        (folder / f"20200101T0000{number:02}.000000Z.html").write_text("old")
    ask(ages, 0, 100)
    tend.main(str(ages.layout.home), "drift")
    assert len(list(folder.iterdir())) == report.KEEP


def test_names_of_users_are_no_html_of_the_report(ages: Site) -> None:
    """A category comes from whoever asks the endpoint."""
    from mlstack_local.monitors import report
    from mlstack_local.monitors.reading import Plot

    evil = "<a href=https://evil.example><img src=x onerror=alert(1)></a>"
    tend.record_failure(ages.layout, "drift", "x", None)
    [last] = History(ages.layout.monitor("drift")).last()
    last = replace(last, columns=[{"name": evil, "value": 1.0}], notes=[evil])
    path = report.write(
        ages.layout, ages.definition(), [last], [Plot(evil, [evil, "b" * 10_000], [1.0, 0.0], [0.0, 1.0])]
    )
    page = path.read_text()
    assert evil not in page
    assert "\\u003ca href" not in page  # plotly would make a link of it
    assert "b" * 100 not in page


def test_messages_go_with_their_readings(ages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "KEEP", 3)
    history = History(ages.layout.monitor("drift"))
    ask(ages, 50, 150)
    tend.main(str(ages.layout.home), "drift")
    assert len(history.messages("oncall")) == 1
    for _ in range(3):
        tend.record_failure(ages.layout, "drift", "gone", None)
    assert [message.event for message in history.messages("oncall")] == ["failing"]
