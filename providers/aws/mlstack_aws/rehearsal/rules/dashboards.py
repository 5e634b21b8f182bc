"""Dashboards of CloudWatch: a JSON object of widgets, each with what its type needs.

What is refused is worded as `PutDashboard` does: paths of the body, "/widgets/0/properties/metrics/1".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_aws.rehearsal.rules.base import DOCS, Problem, View, rule

_BODY = DOCS + "AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"
#: What the properties of a widget need, by its type; metrics are looked at by themselves.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "metric": ("region",),
    "text": ("markdown",),
    "log": ("query", "region"),
    "alarm": ("alarms",),
    "explorer": ("metrics",),
    "custom": ("endpoint",),
}
_GRID = {"x": (0, 23), "y": (0, None), "width": (1, 24), "height": (1, 1000)}
_VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")


@rule("dashboard-body", "cloudwatch", "PutDashboard", source=_BODY)
def body(x: View) -> Iterator[Problem]:
    text = x.text("DashboardBody")
    if not text:
        return
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if not isinstance(whole, dict):
        yield "DashboardBody", "the field DashboardBody must be a valid JSON object"
        return
    widgets = whole.get("widgets")
    if not isinstance(widgets, list) or len(widgets) > 500:
        yield "DashboardBody", "/widgets: should be an array of at most 500 widgets"
        return
    for at, one in enumerate(widgets):
        for path, said in _widget(one) if isinstance(one, dict) else [("", "should be an object")]:
            yield "DashboardBody", f"/widgets/{at}{path}: {said}"


def _widget(one: Mapping[str, Any]) -> Iterator[Problem]:
    kind = str(one.get("type"))
    if kind not in _NEEDS:
        yield "/type", f"{kind!r} is none of {', '.join(_NEEDS)}"
        return
    if ("x" in one) != ("y" in one):
        yield "", "should have x and y, or neither"
    for key, (low, high) in _GRID.items():
        value = one.get(key)
        if value is not None and not (
            isinstance(value, int) and value >= low and (high is None or value <= high)
        ):
            bounds = f"at least {low}" if high is None else f"between {low} and {high}"
            yield f"/{key}", f"{value!r} should be {bounds}"
    inner = one.get("properties")
    if not isinstance(inner, dict):
        yield "", "should have required property 'properties'"
        return
    for key in _NEEDS[str(kind)]:
        if inner.get(key) in (None, "", []):
            yield "/properties", f"should have required property {key!r}"
    if kind == "metric":
        yield from _metric(inner)


def _metric(inner: Mapping[str, Any]) -> Iterator[Problem]:
    metrics, alarms = inner.get("metrics"), (inner.get("annotations") or {}).get("alarms")
    if (metrics is None) == (not alarms):
        yield "/properties", "should have either metrics, or an alarm among its annotations"
    if metrics is not None and not isinstance(metrics, list):
        yield "/properties/metrics", "should be an array of arrays"
        return
    for at, row in enumerate(metrics or ()):
        said = _row(row)
        if said:
            yield f"/properties/metrics/{at}", said
    view, period = inner.get("view", "timeSeries"), inner.get("period", 300)
    if view not in _VIEWS:
        yield "/properties/view", f"{view!r} is none of {', '.join(_VIEWS)}"
    if view == "gauge" and {"min", "max"} - set((inner.get("yAxis") or {}).get("left") or {}):
        yield "/properties/yAxis", "a gauge needs min and max on its left side"
    if not isinstance(period, int) or period < 1 or (period >= 60 and period % 60):
        yield "/properties/period", f"{period!r} is no multiple of 60"


def _row(row: Any) -> str | None:
    """What is wrong with one metric: [namespace, name, dimension, value, …, {how it is drawn}]."""
    if not isinstance(row, list) or not row:
        return "should be an array of strings, with an optional object as its last element"
    *words, last = row
    if not isinstance(last, dict):
        words = row
    if any(not isinstance(one, str) for one in words):
        return "Invalid metric field type, only 'String' type is allowed"
    if not words:
        return None if "expression" in last else "an object alone should have an expression"
    if words[0] != "..." and len(words) % 2:  # "..." stands for all that the row before begins with
        return "should be namespace, name, and pairs of dimension and value"
    return None
