"""A look at a stack as a live table, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mlstack.cli.show import figures as told
from mlstack.cli.show.spark import bar, sparkline
from mlstack.cli.show.states import STYLES
from mlstack.cli.watch import TREND

if TYPE_CHECKING:
    from mlstack.cli.watch import Frame
    from mlstack.runtime import Figures, Status

_DOTS = {"ready": "●", "running": "●", "failed": "✖", "degraded": "◐"}


def show(title: str, frames: Iterator[Frame]) -> None:
    """Draw each frame over the one before, until Ctrl-C; the last one stays on the screen."""
    console = Console()
    last: RenderableType = Text(f"{title}: looking")
    with Live(last, console=console, screen=True, auto_refresh=False) as live:
        try:
            for frame in frames:
                last = draw(title, frame)
                live.update(last, refresh=True)
        except KeyboardInterrupt:
            pass
    console.print(last)


def draw(title: str, frame: Frame) -> RenderableType:
    head = Text.assemble(
        (title, "bold"),
        (f"   {datetime.fromtimestamp(frame.time):%H:%M:%S}", "dim"),
        ("   Ctrl-C ends", "dim"),
    )
    parts: list[RenderableType] = [head, Text(), _resources(frame.rows)]
    if frame.figures:
        parts += [Text(), _figures(frame)]
    return Group(*parts)


def _resources(rows: list[Status]) -> RenderableType:
    if not rows:
        return Text("  nothing there")
    table = Table.grid(padding=(0, 2))
    for kind, group in groupby(rows, key=lambda row: row.kind):
        for number, row in enumerate(group):
            style = STYLES.get(row.state, "")
            name = Text(row.name, style=f"link {row.url}" if row.url else "")
            dot = Text(f"{_DOTS.get(row.state, '○')} {row.state}", style=style)
            detail = Text(row.detail, overflow="ellipsis", no_wrap=True)
            url = Text(row.url or "", style="dim", overflow="ellipsis", no_wrap=True)
            table.add_row(Text("" if number else f"  {kind}", style="dim"), name, dot, detail, url)
    return table


def _figures(frame: Frame) -> RenderableType:
    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for name in ("  deployment", "traffic", "req/s", "", "errors", "p50", "p95", "", "in flight"):
        table.add_column(name, justify="left" if name in ("  deployment", "traffic", "") else "right")
    for each in frame.figures:
        trend = frame.trends[each.endpoint, each.deployment]
        table.add_row(
            f"  {each.endpoint}.{each.deployment}",
            _share(each),
            f"{each.rate:.1f}",
            _trend(trend.rates, "cyan"),
            Text(told.errors(each), style="red" if each.errors else "dim"),
            told.duration(each.p50),
            told.duration(each.p95),
            _trend(trend.p95s, "magenta"),
            str(each.in_flight),
        )
    return table


def _trend(values: Iterable[float | None], style: str) -> Text:
    """Of one width, so that the columns stay where they are."""
    return Text(sparkline(list(values)).rjust(TREND), style=style)


def _share(each: Figures) -> Text:
    percent = each.mirror or each.traffic
    drawn = "" if percent is None else f"{bar(percent)} "
    return Text.assemble((drawn, "dim" if each.mirror else "green"), told.share(each))
