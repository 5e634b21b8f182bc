"""When a monitor is due: in step, once for what was missed, whatever the clock does."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.monitors import schedule
from mlstack_local.monitors.schedule import Due


def test_a_new_monitor_is_due_an_interval_from_now_and_that_is_kept(tmp_path: Path) -> None:
    assert schedule.due(tmp_path, 60, 1000) == Due(1060, 60)
    assert schedule.due(tmp_path, 60, 1059) == Due(1060, 60)
    assert schedule.due(tmp_path, 60, 5000) == Due(1060, 60)  # missed: due at once


def test_another_interval_and_a_clock_set_back_plan_anew(tmp_path: Path) -> None:
    schedule.due(tmp_path, 60, 1000)
    assert schedule.due(tmp_path, 30, 1010) == Due(1040, 30)
    assert schedule.due(tmp_path, 30, 10) == Due(40, 30)


def test_a_broken_file_is_no_end(tmp_path: Path) -> None:
    (tmp_path / schedule.NAME).write_text('{"next": 10')
    assert schedule.due(tmp_path, 60, 1000) == Due(1060, 60)


@given(st.floats(0, 1e9), st.floats(1, 1e6), st.floats(0, 1e9))
def test_the_next_time_is_in_step_and_ahead(start: float, every: float, late: float) -> None:
    following = Due(start, every).after(start + late)
    assert start + late < following.next or following.next == start + late + 0  # as thin as floats go
    assert following.next <= start + late + every * 1.001 + 1e-6
