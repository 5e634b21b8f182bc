"""Who is told when: every sequence of readings, and a clock that is set back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.monitors.alert import FAILURES, REPEAT, Alert, advance
from mlstack_local.monitors.reading import State

HOUR = 3600.0


def told(*states: State, every: float = HOUR) -> list[str | None]:
    alert, found = Alert(), []
    for number, state in enumerate(states):
        alert, event = advance(alert, state, number * every)
        found.append(event)
    return found


def test_it_is_told_once_that_it_fires_and_once_that_it_is_over() -> None:
    assert told("ok", "firing", "firing", "ok", "ok", "firing") == [
        None, "firing", None, "resolved", None, "firing",
    ]  # fmt: skip


def test_no_news_is_no_all_clear() -> None:
    assert told("firing", "insufficient", "failed", "firing", "ok") == [
        "firing", None, None, None, "resolved",
    ]  # fmt: skip


def test_it_is_told_again_once_a_day() -> None:
    found = told(*["firing"] * 60)  # type: ignore[arg-type]
    assert [hour for hour, event in enumerate(found) if event] == [0, 24, 48]
    assert {found[24], found[48]} == {"still-firing"}


def test_a_monitor_that_cannot_be_read_is_told_once() -> None:
    found = told(*["failed"] * 10, "ok", *["failed"] * FAILURES)  # type: ignore[arg-type]
    assert [place for place, event in enumerate(found) if event == "failing"] == [2, 13]


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    alert, _ = advance(Alert(), "firing", 1e9)
    alert, event = advance(alert, "firing", 1e6)
    assert event == "still-firing"
    assert advance(alert, "firing", 1e6 + REPEAT - 1)[1] is None


@given(st.lists(st.sampled_from(["ok", "firing", "insufficient", "failed"])))
def test_firing_and_resolved_take_turns(states: list[State]) -> None:
    found = [event for event in told(*states) if event in ("firing", "resolved")]
    assert found == (["firing", "resolved"] * len(found))[: len(found)]


def test_a_changed_definition_is_told_of_anew() -> None:
    alert, _ = advance(Alert(), "firing", 1.0, "old")
    waiting, event = advance(alert, "insufficient", 2.0, "new")
    assert (waiting.firing, event) == (True, None)
    fires, event = advance(waiting, "firing", 3.0, "new")
    assert (fires.since, event) == (3.0, "firing")
    assert advance(fires, "firing", 4.0, "new")[1] is None
    assert advance(waiting, "ok", 3.0, "new") == (Alert(), "resolved")
    failing = Alert()
    for _ in range(FAILURES):
        failing, _ = advance(failing, "failed", 1.0, "old")
    events = []
    for _ in range(FAILURES):
        failing, event = advance(failing, "failed", 1.0, "new")
        events.append(event)
    assert events == [None] * (FAILURES - 1) + ["failing"]
