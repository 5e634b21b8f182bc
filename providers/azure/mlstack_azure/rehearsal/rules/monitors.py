"""Model monitors: schedules whose action makes a monitor."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, one_of, rule
from mlstack_azure.rehearsal.rules.schedules import SCHEDULE
from mlstack_azure.rehearsal.rules.times import period

_REST = REST + "azureml/schedules/create-or-update"
_YAML = LEARN + "reference-yaml-monitor"
_DEFINITION = "properties.action.monitorDefinition"
_SIGNALS = ("DataDrift", "PredictionDrift", "DataQuality", "FeatureAttributionDrift", "Custom")
_NUMERICAL = (
    "JensenShannonDistance",
    "PopulationStabilityIndex",
    "NormalizedWassersteinDistance",
    "TwoSampleKolmogorovSmirnovTest",
)
_CATEGORICAL = ("JensenShannonDistance", "PopulationStabilityIndex", "PearsonsChiSquaredTest")
_QUALITY = ("NullValueRate", "DataTypeErrorRate", "OutOfBoundsRate")
_SPARK = ("standard_e4s_v3", "standard_e8s_v3", "standard_e16s_v3", "standard_e32s_v3", "standard_e64s_v3")
_METRICS = {
    ("DataDrift", "Numerical"): _NUMERICAL,
    ("DataDrift", "Categorical"): _CATEGORICAL,
    ("PredictionDrift", "Numerical"): _NUMERICAL,
    ("PredictionDrift", "Categorical"): _CATEGORICAL,
    ("DataQuality", "Numerical"): _QUALITY,
    ("DataQuality", "Categorical"): _QUALITY,
}

one_of(
    "monitor-task",
    SCHEDULE,
    f"{_DEFINITION}.monitoringTarget.taskType",
    ("Classification", "Regression"),
    _REST,
)
one_of(
    "monitor-spark-size",
    SCHEDULE,
    f"{_DEFINITION}.computeConfiguration.instanceType",
    _SPARK,
    _YAML + ": compute.instance_type; " + AML + "constants/_monitoring.py",
)
one_of(
    "monitor-spark-runtime",
    SCHEDULE,
    f"{_DEFINITION}.computeConfiguration.runtimeVersion",
    ("3.3", "3.4"),
    _YAML + ": compute.runtime_version",
)


def _monitors(x: View) -> bool:
    return bool(x["properties.action.actionType"] == "CreateMonitor")


@rule("monitor-definition", SCHEDULE, source=_REST + ": MonitorDefinition")
def definition(x: View) -> Iterator[Problem]:
    """A monitor has a compute and signals."""
    if not _monitors(x):
        return
    for key in ("computeConfiguration", "signals"):
        if x.missing(f"{_DEFINITION}.{key}") or x.raw(f"{_DEFINITION}.{key}") == {}:
            yield f"{_DEFINITION}.{key}", "a monitor needs it"


@rule("monitor-signal", SCHEDULE, source=_REST + ": MonitoringSignalBase")
def signals(x: View) -> Iterator[Problem]:
    """Each signal is of a known type and has what that type needs."""
    if not _monitors(x):
        return
    for name, one in x.map(f"{_DEFINITION}.signals").items():
        base = f"{_DEFINITION}.signals.{name}"
        view = View(one if isinstance(one, dict) else {})
        kind = view["signalType"]
        if view.missing("signalType") or (isinstance(kind, str) and kind not in _SIGNALS):
            yield f"{base}.signalType", f"{kind!r} is not one of {', '.join(_SIGNALS)}"
            continue
        needed = ["metricThresholds"]
        if kind == "Custom":
            needed += ["componentId"]
        elif kind == "FeatureAttributionDrift":
            needed = ["metricThreshold", "featureImportanceSettings", "productionData", "referenceData"]
        elif kind is not None:
            needed += ["productionData", "referenceData"]
        for key in needed:
            if view.missing(key) or view.raw(key) == []:
                yield f"{base}.{key}", f"a signal of the type {kind} needs it"


@rule(
    "monitor-metric",
    SCHEDULE,
    source=_REST + ": NumericalDriftMetric, CategoricalDriftMetric, …QualityMetric",
)
def metrics(x: View) -> Iterator[Problem]:
    """A metric belongs to its signal and to the type of the features."""
    if not _monitors(x):
        return
    for name, one in x.map(f"{_DEFINITION}.signals").items():
        view = View(one if isinstance(one, dict) else {})
        for at, threshold in view.list("metricThresholds"):
            allowed = _METRICS.get((str(view["signalType"]), str(threshold["dataType"])))
            metric = threshold["metric"]
            path = f"{_DEFINITION}.signals.{name}.metricThresholds[{at}]"
            if allowed is None and view["signalType"] in ("DataDrift", "PredictionDrift", "DataQuality"):
                if not isinstance(threshold["dataType"], str):
                    yield f"{path}.dataType", "says whether it is for Numerical or Categorical features"
                else:
                    yield f"{path}.dataType", f"{threshold['dataType']!r} is not Numerical or Categorical"
            elif allowed and isinstance(metric, str) and metric.lower() not in map(str.lower, allowed):
                yield f"{path}.metric", f"{metric!r} is not one of {', '.join(allowed)}"


@rule("monitor-data", SCHEDULE, source=_REST + ": MonitoringInputDataBase; " + _YAML)
def data(x: View) -> Iterator[Problem]:
    """The data of a signal has a type, a place, and for rolling windows their lengths."""
    if not _monitors(x):
        return
    for name, one in x.map(f"{_DEFINITION}.signals").items():
        view = View(one if isinstance(one, dict) else {})
        production = view["productionData"]
        several = production if isinstance(production, (list, tuple)) else [production]
        places = [("referenceData", view["referenceData"])]
        places += [(f"productionData[{at}]", one) for at, one in enumerate(several)]
        for where, value in places:
            if not isinstance(value, dict):
                continue
            base, item = f"{_DEFINITION}.signals.{name}.{where}", View(value)
            for key in ("jobInputType", "uri", "inputDataType"):
                if item.missing(key):
                    yield f"{base}.{key}", "data of a signal needs it"
            if item["inputDataType"] == "Rolling":
                for key in ("windowSize", "windowOffset"):
                    if item.missing(key):
                        yield f"{base}.{key}", "a rolling window needs it"
                    elif isinstance(item[key], str) and period(item[key]) is None:
                        yield f"{base}.{key}", f"{item[key]!r} is no ISO 8601 duration such as P7D"


@rule("monitor-emails", SCHEDULE, source=_REST + ": MonitorEmailNotificationSettings; " + _YAML)
def emails(x: View) -> Iterator[Problem]:
    path = f"{_DEFINITION}.alertNotificationSettings.emailNotificationSettings.emails"
    for one in x[path] if isinstance(x[path], (list, tuple)) else ():
        if isinstance(one, str) and "@" not in one:
            yield path, f"{one!r} is no address"
