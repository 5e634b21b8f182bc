"""A model monitor, and examples for its rules."""

from __future__ import annotations

import copy
from typing import Any

from .estate import CRON, ESTATE
from .examples import Example
from .where import DEPLOYMENT, WORKSPACE

_KIND = "machinelearningservices:Schedule"
_DATA = {"jobInputType": "uri_folder", "uri": f"{WORKSPACE}/data/digits/versions/abc"}
_SIGNAL: dict[str, Any] = {
    "signalType": "DataDrift",
    "productionData": {**_DATA, "inputDataType": "Rolling", "windowSize": "P1D", "windowOffset": "P0D"},
    "referenceData": {**_DATA, "inputDataType": "Fixed"},
    "metricThresholds": [
        {"dataType": "Numerical", "metric": "PopulationStabilityIndex", "threshold": {"value": 0.2}}
    ],
}
MONITOR: dict[str, Any] = {
    **ESTATE[_KIND],
    "name": "drift",
    "properties": {
        "trigger": CRON,
        "action": {
            "actionType": "CreateMonitor",
            "monitorDefinition": {
                "computeConfiguration": {
                    "computeType": "ServerlessSpark",
                    "instanceType": "standard_e4s_v3",
                    "runtimeVersion": "3.4",
                    "computeIdentity": {"computeIdentityType": "AmlToken"},
                },
                "monitoringTarget": {"taskType": "Classification", "deploymentId": DEPLOYMENT},
                "signals": {"drift": _SIGNAL},
                "alertNotificationSettings": {"emailNotificationSettings": {"emails": ["ml@example.com"]}},
            },
        },
    },
}
_BASE = "properties.action.monitorDefinition."
_AT = _BASE + "signals.drift."


def _whole(path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(MONITOR)
    *above, last = path.split(".")
    at: Any = made
    for key in above:
        at = at[int(key)] if isinstance(at, list) else at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return made


def _example(code: str, path: str, bad: Any, good: Any) -> Example:
    return Example(code, _KIND, {"properties": _whole(path, bad)["properties"]},
                   {"properties": _whole(path, good)["properties"]})  # fmt: skip


MONITORS = [
    _example("monitor-task", _BASE + "monitoringTarget.taskType", "Clustering", "Regression"),
    _example(
        "monitor-spark-size",
        _BASE + "computeConfiguration.instanceType",
        "Standard_DS3_v2",
        "standard_e8s_v3",
    ),
    _example("monitor-spark-runtime", _BASE + "computeConfiguration.runtimeVersion", "2.4", "3.3"),
    _example("monitor-definition", _BASE + "signals", None, {"drift": _SIGNAL}),
    _example("monitor-signal", _AT + "referenceData", None, _SIGNAL["referenceData"]),
    _example(
        "monitor-metric", _AT + "metricThresholds.0.metric", "PearsonsChiSquaredTest", "JensenShannonDistance"
    ),
    _example("monitor-data", _AT + "productionData.windowSize", None, "P7D"),
    _example(
        "monitor-emails", _BASE + "alertNotificationSettings.emailNotificationSettings.emails", ["x"], ["a@b"]
    ),
]
