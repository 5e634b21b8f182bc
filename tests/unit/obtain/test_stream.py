"""Long commands: beats, an end when they hang, a reason when they fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstack.obtain import Unobtainable, stream


def test_a_silent_command_is_ended_and_beats_are_counted(tmp_path: Path) -> None:
    beats: list[int] = []
    with pytest.raises(Unobtainable, match="too quiet"):
        stream(
            ["sleep", "300"],
            env=os.environ,
            cwd=tmp_path,
            line=lambda text: None,
            beat=beats.append,
            every=0.5,
            give_up=lambda seconds, silence: "too quiet" if silence > 1.6 else None,
        )
    assert 1 <= len(beats) <= 3
    assert beats == sorted(beats)


def test_a_command_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Unobtainable, match="does not run"):
        stream(
            [tmp_path / "nothing"],
            env=os.environ,
            cwd=tmp_path,
            line=print,
            beat=print,
            give_up=lambda seconds, silence: None,
        )
