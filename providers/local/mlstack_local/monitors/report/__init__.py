"""A reading as a page: HTML with plots that needs nothing from the network.

The plots' script is 4 MB, so it is written once per stack, beside the monitors' folders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.offline
from jinja2 import Environment, PackageLoader

from mlstack_local.files import matching, private_folder, size_of, write_private
from mlstack_local.layout import Layout
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.reading import Plot, Reading, stamp
from mlstack_local.notify.message import shown

KEEP = 50
_LABEL = 40
_SCRIPT = "plotly.min.js"
_BASELINE, _WINDOW, _OVER = "#8a94a6", "#2563eb", "#dc2626"


def write(layout: Layout, definition: Definition, readings: Sequence[Reading], plots: Sequence[Plot]) -> Path:
    """The page of the last of ``readings``, which are in order; older pages than the last `KEEP` go."""
    folder = private_folder(layout.monitor(definition.name) / "reports")
    _put_script(folder.parents[1])
    reading = readings[-1]
    moment = datetime.fromtimestamp(reading.time, UTC)
    path = folder / f"{moment:%Y%m%dT%H%M%S.%fZ}.html"
    templates = Environment(loader=PackageLoader("mlstack_local.monitors.report", "."), autoescape=True)
    templates.filters["number"] = _number
    page = templates.get_template("page.html").render(
        definition=definition,
        reading=reading,
        time=stamp(reading.time),
        since=stamp(reading.since) if reading.since is not None else "the first request",
        until=stamp(reading.until),
        extra=[
            key for key in (reading.columns[0] if reading.columns else {}) if key not in ("name", "value")
        ],
        script=f"../../{_SCRIPT}",
        history=_div(_history(definition, readings)),
        plots=[_div(_histogram(plot)) for plot in plots],
    )
    write_private(path, page)
    for old in matching(folder, "*.html")[:-KEEP]:
        old.unlink(missing_ok=True)
    return path


def _number(value: Any) -> str:
    return shown(value) if isinstance(value, float) else str(value)


def _put_script(folder: Path) -> None:
    text = plotly.offline.get_plotlyjs()
    path = folder / _SCRIPT
    if size_of(path) != len(text.encode()):
        write_private(path, text)


def _div(figure: go.Figure) -> str:
    figure.update_layout(margin={"l": 50, "r": 20, "t": 40, "b": 40}, height=300, template="plotly_white")
    text: str = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
    return text


def _history(definition: Definition, readings: Sequence[Reading]) -> go.Figure:
    measured = [reading for reading in readings if reading.value is not None]
    times = [datetime.fromtimestamp(reading.time, UTC) for reading in measured]
    colors = [_OVER if reading.state == "firing" else _WINDOW for reading in measured]
    line = go.Scatter(
        x=times,
        y=[reading.value for reading in measured],
        mode="lines+markers",
        line={"color": _WINDOW},
        marker={"color": colors, "size": 8},
        name=definition.measure,
    )
    figure = go.Figure(line)
    figure.add_hline(y=definition.threshold, line_dash="dash", line_color=_OVER, annotation_text="threshold")
    figure.update_layout(title=f"{definition.measure} over time", yaxis_rangemode="tozero")
    return figure


def _histogram(plot: Plot) -> go.Figure:
    labels = [escape(label if len(label) <= _LABEL else f"{label[:_LABEL]}…") for label in plot.labels]
    figure = go.Figure(
        [
            go.Bar(x=labels, y=plot.baseline, name="baseline", marker_color=_BASELINE),
            go.Bar(x=labels, y=plot.window, name="window", marker_color=_WINDOW),
        ]
    )
    figure.update_layout(
        title=escape(plot.column), barmode="group", yaxis_tickformat=".0%", xaxis_type="category"
    )
    return figure
