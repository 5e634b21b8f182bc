"""Monitors and notifications as resources: files, and one scheduler for all of them."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mlstack_local.layout import Layout
from mlstack_local.monitors import commands
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors.history import History
from mlstack_local.notify import channel as channels
from mlstack_local.resources.monitor import SCHEDULER, Monitor, MonitorInputs
from mlstack_local.resources.notification import Notification, NotificationInputs
from mlstack_local.supervisor import Supervisor

from mlstack import content
from mlstack.resource import Context, ResourceFailed, State


@pytest.fixture
def supervisor(context: Context) -> Iterator[Supervisor]:
    made = Supervisor(Layout(context.root, "u1"))
    yield made
    made.stop_all()


def inputs(name: str = "drift", **given: Any) -> MonitorInputs:
    usual = {
        "stack_uid": "u1",
        "name": name,
        "endpoint": "u1/endpoint/digits",
        "signal": "errors",
        "threshold": 0.05,
        "every_seconds": 3600,
    }
    return MonitorInputs.model_validate({**usual, **given})


def test_the_scheduler_is_there_from_the_first_monitor_to_the_last(
    context: Context, supervisor: Supervisor, until: Callable[..., None]
) -> None:
    layout = Layout(context.root, "u1")
    one, two = Monitor().create(context, inputs("one")), Monitor().create(context, inputs("two"))
    [pid] = [process.pid for name, process in supervisor.status().items() if name == SCHEDULER]
    again = Monitor().create(context, inputs("one"))
    assert again == one
    assert supervisor.status()[SCHEDULER].pid == pid
    assert Monitor().read(context, one) == one
    assert Monitor().find(context, one.inputs) == one
    [target] = json.loads((layout.home / "monitors" / "prometheus.json").read_text())

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://{target['targets'][0]}/metrics", timeout=120) as answer:
                text = answer.read().decode()
        except OSError:
            return False
        assert 'mlstack_monitor_threshold{endpoint="digits",monitor="one",signal="errors"} 0.05' in text
        return True

    until(answers)
    Monitor().delete(context, one)
    Monitor().delete(context, one)
    assert SCHEDULER in supervisor.programs()
    Monitor().delete(context, two)
    assert SCHEDULER not in supervisor.programs()
    assert Monitor().read(context, two) is None
    assert Monitor().find(context, two.inputs) is None
    assert not layout.home.exists()


def test_a_scheduler_that_is_gone_is_seen_and_brought_back(
    context: Context, supervisor: Supervisor, until: Callable[..., None]
) -> None:
    layout = Layout(context.root, "u1")
    state = Monitor().create(context, inputs())
    state_now, detail = commands.monitor_status(layout, "drift")
    assert (state_now, detail.partition(" in ")[0]) == ("pending", "first reading")
    os.kill(supervisor.status()[SCHEDULER].pid, signal.SIGKILL)
    until(lambda: supervisor.status()[SCHEDULER].state == "RUNNING")
    supervisor.stop_all()
    found = Monitor().read(context, state)
    assert found is not None
    assert found.inputs["running"] is False
    assert commands.monitor_status(layout, "drift")[0] == "failed"
    Monitor().update(context, found, inputs())
    assert SCHEDULER in supervisor.status()


def test_the_definition_is_what_the_inputs_say(context: Context, supervisor: Supervisor) -> None:
    folder = context.root / "watch"
    folder.mkdir()
    (folder / "measure.py").write_text("one = 1\n")
    code = {"path": "watch", "digest": content.version(folder), "script": "measure.py"}
    given = {
        "signal": "custom",
        "threshold": 3.0,
        "baseline": {"uri": "rows.csv", "version": "v7", "columns": {"label": "y"}},
        "features": ["a"],
        "window_seconds": 7200,
        "min_samples": 9,
        "notify": ["u1/notification/oncall"],
        "project": "people",
    }
    Monitor().create(context, inputs(code=code, **given))
    monitor = Layout(context.root, "u1").monitor("drift")
    found = definitions.read(monitor)
    assert found is not None
    assert (found.endpoint, found.notify, found.features, found.needed) == ("digits", ("oncall",), ("a",), 9)
    assert found.project == "people"
    assert found.code is not None
    first = context.root / found.code.path
    assert (first / "measure.py").read_text() == "one = 1\n"
    (folder / "measure.py").write_text("one = 2\n")
    with pytest.raises(ResourceFailed, match="changed while"):
        Monitor().create(context, inputs(code={**code, "digest": "0" * 12}, **given))
    Monitor().create(context, inputs(code={**code, "digest": content.version(folder)}, **given))
    assert not first.exists()
    assert len(list(monitor.glob("code-*"))) == 1


def test_readings_survive_a_change_of_the_monitor(context: Context, supervisor: Supervisor) -> None:
    layout = Layout(context.root, "u1")
    Monitor().create(context, inputs())
    assert commands.measure(layout, "drift").state == "failed"  # there is no endpoint
    Monitor().create(context, inputs(threshold=0.5))
    assert len(History(layout.monitor("drift")).last(9)) == 1
    assert commands.monitor_status(layout, "drift")[0] == "failed"


def test_a_notification_is_a_private_file_without_its_secret(context: Context) -> None:
    layout = Layout(context.root, "u1")
    given = NotificationInputs(
        stack_uid="u1", name="oncall", channel="slack", secret={"name": "hook", "hash": "abc"}
    )
    state = Notification().create(context, given)
    path = channels.path(layout, "oncall")
    assert path.stat().st_mode & 0o777 == 0o600
    assert channels.read(layout, "oncall") == channels.Channel("oncall", "slack", secret="hook")
    assert Notification().read(context, state) == state
    assert Notification().find(context, state.inputs) == state
    assert commands.notification_status(layout, "oncall") == ("ready", "slack, nothing told yet")
    Notification().delete(context, state)
    Notification().delete(context, state)
    assert Notification().read(context, state) is None
    assert commands.notification_status(layout, "oncall")[0] == "absent"
    assert not layout.home.exists()


def test_nothing_is_found_of_a_state_that_never_was(context: Context) -> None:
    assert Monitor().read(context, State("u9/monitor/x", {}, {})) is None
    Monitor().delete(context, State("u9/monitor/x", {}, {}))
