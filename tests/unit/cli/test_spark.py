from __future__ import annotations

import io
import sys

import pytest

from mlstack.cli.show import figures
from mlstack.cli.show.spark import bar, sparkline
from mlstack.runtime import Figures


def shows(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def test_a_sparkline_runs_from_nothing_to_the_highest(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, "utf-8")
    assert sparkline([0, 7, 3.5, None, 1]) == "▁█▅ ▂"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
    assert sparkline([None]) == " "


def test_a_terminal_without_the_characters_gets_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shows(monkeypatch, "ascii")
    assert sparkline([0, 1]) == "_#"
    assert bar(50) == "####----"


@pytest.mark.parametrize(
    ("percent", "drawn"),
    [(0, "░░░░░░░░"), (1, "█░░░░░░░"), (50, "████░░░░"), (99, "███████░"), (100, "████████")],
)
def test_a_bar_shows_a_little_and_hides_none(
    percent: int, drawn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows(monkeypatch, "utf-8")
    assert bar(percent) == drawn


def test_figures_are_told() -> None:
    each = Figures("digits", "blue", 10.0, 200, 1, 2, 3, 0.0123, 0.25, 1.5, traffic=90)
    assert figures.row(each) == (
        "digits.blue", "90%", "200", "20.0", "0.5%", "12.3 ms", "250.0 ms", "1.50 s", "3",
    )  # fmt: skip
    assert figures.as_json(each)["p95_ms"] == 250.0
    assert figures.as_json(each)["rate"] == 20.0
    quiet = Figures("digits", "shadow", 0.0, mirror=20)
    assert figures.row(quiet)[1:] == ("mirror 20%", "0", "0.0", "0", "-", "-", "-", "0")
    assert figures.errors(Figures("a", "b", 1.0, 10_000, 1)) == "<0.1%"
