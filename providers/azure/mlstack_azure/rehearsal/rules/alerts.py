"""Azure Monitor: autoscale, metric alerts, action groups, queries, diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import period

_SCALE, _ALERT, _GROUP = "monitor:AutoscaleSetting", "monitor:MetricAlert", "monitor:ActionGroup"
_QUERY, _DIAGNOSTIC = "monitor:ScheduledQueryRule", "monitor:DiagnosticSetting"
_AUTOSCALE = REST + "monitor/autoscale-settings/create-or-update"
_METRIC = REST + "monitor/metric-alerts/create-or-update"
_FREQUENCIES = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H")
_WINDOWS = (*_FREQUENCIES, "PT6H", "PT12H", "P1D")

one_of("alert-frequency", _ALERT, "evaluationFrequency", _FREQUENCIES, _METRIC)
one_of("alert-window", _ALERT, "windowSize", _WINDOWS, _METRIC)
between("alert-severity", _ALERT, "severity", 0, 4, _METRIC)
between("query-severity", _QUERY, "severity", 0, 4, REST + "monitor/scheduled-query-rules/create-or-update")


@rule("autoscale-profiles", _SCALE, source=_AUTOSCALE + ": 1 to 20 profiles")
def profiles(x: View) -> Iterator[Problem]:
    value = x["profiles"]
    if isinstance(value, (list, tuple)) and not 1 <= len(value) <= 20:
        yield "profiles", f"there are {len(value)}; a setting has 1 to 20 profiles"


@rule("autoscale-capacity", _SCALE, source=_AUTOSCALE + ": ScaleCapacity")
def capacity(x: View) -> Iterator[Problem]:
    """Texts that are numbers: minimum <= default <= maximum."""
    for at, profile in x.list("profiles"):
        base, numbers = f"profiles[{at}].capacity", {}
        for key in ("minimum", "maximum", "default"):
            value = profile[f"capacity.{key}"]
            if profile.missing(f"capacity.{key}"):
                yield f"{base}.{key}", "a profile says how many there may be"
            elif value is not None and not re.fullmatch(r"\d+", str(value)):
                yield f"{base}.{key}", f"{value!r} is no whole number"
            elif value is not None:
                numbers[key] = int(value)
        if len(numbers) == 3 and not numbers["minimum"] <= numbers["default"] <= numbers["maximum"]:
            yield base, "the default must lie between the minimum and the maximum"


@rule("autoscale-rules", _SCALE, source=_AUTOSCALE + ": MetricTrigger, ScaleAction; 10 rules a profile")
def scale_rules(x: View) -> Iterator[Problem]:
    for at, profile in x.list("profiles"):
        rules = profile.list("rules")
        if len(rules) > 10:
            yield f"profiles[{at}].rules", f"there are {len(rules)}; a profile has 10 at most"
        for index, one in rules:
            base = f"profiles[{at}].rules[{index}]"
            window = one["metricTrigger.timeWindow"]
            length = period(window) if isinstance(window, str) else None
            if isinstance(window, str) and (length is None or not 300 <= length <= 43200):
                yield f"{base}.metricTrigger.timeWindow", f"{window!r} is not between 5 minutes and 12 hours"
            grain = one["metricTrigger.timeGrain"]
            length = period(grain) if isinstance(grain, str) else None
            if isinstance(grain, str) and (length is None or not 60 <= length <= 43200):
                yield f"{base}.metricTrigger.timeGrain", f"{grain!r} is not between 1 minute and 12 hours"
            cool = one["scaleAction.cooldown"]
            length = period(cool) if isinstance(cool, str) else None
            if isinstance(cool, str) and (length is None or not 60 <= length <= 604800):
                yield f"{base}.scaleAction.cooldown", f"{cool!r} is not between 1 minute and 1 week"
            if one.missing("metricTrigger.metricResourceUri"):
                yield f"{base}.metricTrigger.metricResourceUri", "names the resource whose metric is read"


@rule("alert-window-frequency", _ALERT, source=_METRIC + ": the window is not shorter than the frequency")
def window(x: View) -> Iterator[Problem]:
    every, size = x["evaluationFrequency"], x["windowSize"]
    lengths = [period(one) if isinstance(one, str) else None for one in (every, size)]
    if lengths[0] and lengths[1] and lengths[1] < lengths[0]:
        yield "windowSize", f"{size} is shorter than the evaluation frequency {every}"


@rule(
    "alert-location",
    _ALERT,
    _GROUP,
    source=_METRIC + "; learn.microsoft.com/azure/azure-monitor/alerts/"
    "resource-manager-alerts-metric: location is global",
)
def location(x: View) -> Iterator[Problem]:
    """Metric alerts are global; action groups are global or in a region, as text without blanks."""
    value = x["location"]
    if isinstance(value, str) and value.lower() not in (
        "global",
        "swedencentral",
        "germanywestcentral",
        "northcentralus",
        "southcentralus",
    ):
        yield "location", f"{value!r}: alerts and action groups are 'global'"


@rule("alert-scopes", _ALERT, source=_METRIC + ": scopes")
def scopes(x: View) -> Iterator[Problem]:
    value = x["scopes"]
    if isinstance(value, (list, tuple)) and not value:
        yield "scopes", "an alert watches at least one resource"
    for one in value if isinstance(value, (list, tuple)) else ():
        if isinstance(one, str) and not one.lower().startswith("/subscriptions/"):
            yield "scopes", f"{one!r} is no ARM id"


@rule("alert-criteria", _ALERT, source=_METRIC + ": MetricCriteria")
def criteria(x: View) -> Iterator[Problem]:
    """Each criterion has a name, a metric, an aggregation and, when static, a threshold."""
    for at, one in x.list("criteria.allOf"):
        base = f"criteria.allOf[{at}]"
        for key in ("name", "metricName", "timeAggregation"):
            if one.missing(key):
                yield f"{base}.{key}", "a criterion needs it"
        aggregation = one["timeAggregation"]
        allowed = ("Average", "Count", "Minimum", "Maximum", "Total")
        if isinstance(aggregation, str) and aggregation not in allowed:
            yield f"{base}.timeAggregation", f"{aggregation!r} is not one of {', '.join(allowed)}"
        if one["criterionType"] == "StaticThresholdCriterion" and one.missing("threshold"):
            yield f"{base}.threshold", "a static criterion has a threshold"


@rule("action-group-short", _GROUP, source=REST + "monitor/action-groups/create-or-update: groupShortName")
def short(x: View) -> Iterator[Problem]:
    value = x["groupShortName"]
    if isinstance(value, str) and not 1 <= len(value) <= 12:
        yield "groupShortName", f"{value!r} has {len(value)} characters; it must have 1 to 12"


@rule("action-group-receivers", _GROUP, source=REST + "monitor/action-groups/create-or-update: receivers")
def receivers(x: View) -> Iterator[Problem]:
    """Names of receivers are unique in a group; addresses are addresses."""
    seen: set[str] = set()
    for key in (
        "emailReceivers",
        "webhookReceivers",
        "smsReceivers",
        "armRoleReceivers",
        "azureFunctionReceivers",
        "logicAppReceivers",
        "eventHubReceivers",
        "voiceReceivers",
    ):
        for at, one in x.list(key):
            name = one["name"]
            if isinstance(name, str) and name in seen:
                yield f"{key}[{at}].name", f"{name!r} is there twice"
            if isinstance(name, str):
                seen.add(name)
            if one.missing("name"):
                yield f"{key}[{at}].name", "a receiver has a name"
            address = one["emailAddress"]
            if (
                key == "emailReceivers"
                and isinstance(address, str)
                and not re.fullmatch(r"[^@\s]+@[^@\s]+", address)
            ):
                yield f"{key}[{at}].emailAddress", f"{address!r} is no address"
            uri = one["serviceUri"]
            if key == "webhookReceivers" and isinstance(uri, str) and not re.match(r"https?://", uri):
                yield f"{key}[{at}].serviceUri", f"{uri!r} is no address of a web hook"


@rule("query-times", _QUERY, source=REST + "monitor/scheduled-query-rules/create-or-update")
def query_times(x: View) -> Iterator[Problem]:
    for key in ("evaluationFrequency", "windowSize", "muteActionsDuration", "overrideQueryTimeRange"):
        value = x[key]
        if isinstance(value, str) and not period(value):
            yield key, f"{value!r} is no ISO 8601 duration such as PT15M"
    for at, one in x.list("criteria.allOf"):
        if one.missing("query") and one["criterionType"] in (None, "StaticThresholdCriterion"):
            yield f"criteria.allOf[{at}].query", "a criterion needs a query"


@rule("diagnostic-target", _DIAGNOSTIC, source=REST + "monitor/diagnostic-settings/create-or-update")
def diagnostic(x: View) -> Iterator[Problem]:
    """Somewhere to send to, and something to send."""
    targets = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    if all(x.missing(key) for key in targets):
        yield "workspaceId", f"a diagnostic setting has one of {', '.join(targets)}"
    if not x["logs"] and not x["metrics"] and x.all_known("logs") and x.all_known("metrics"):
        yield "logs", "a diagnostic setting sends logs or metrics"
    for at, one in x.list("logs"):
        if one.missing("category") == one.missing("categoryGroup"):
            yield f"logs[{at}].category", "a category or a group of categories, one of the two"
