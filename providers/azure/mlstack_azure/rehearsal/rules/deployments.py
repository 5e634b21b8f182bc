"""Online deployments: machine, scale, requests, probes, data collection."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack.suggest import suggest
from mlstack_azure.rehearsal import sizes
from mlstack_azure.rehearsal.rules.base import AML, LEARN, QUOTAS, REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import period

_ONLINE = "machinelearningservices:OnlineDeployment"
_REST = REST + "azureml/online-deployments/create-or-update"
_YAML = LEARN + "reference-yaml-deployment-managed-online"
_COLLECT = LEARN + "how-to-collect-production-data"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")

one_of("deployment-compute-type", _ONLINE, "properties.endpointComputeType", ("Managed", "Kubernetes"), _REST)
one_of("deployment-egress", _ONLINE, "properties.egressPublicNetworkAccess", ("Enabled", "Disabled"), _REST)
between("deployment-instances", _ONLINE, "sku.capacity", 1, 50, QUOTAS + ": instances per deployment")


def managed(x: View) -> bool:
    return bool(x["properties.endpointComputeType"] == "Managed")


@rule("managed-instance-type", _ONLINE, source=sizes.MANAGED_SOURCE)
def instance_type(x: View) -> Iterator[Problem]:
    """A managed deployment runs on one of the listed sizes."""
    size = x["properties.instanceType"]
    if not managed(x):
        return
    if x.missing("properties.instanceType"):
        yield "properties.instanceType", "a managed deployment needs a VM size"
    elif isinstance(size, str) and not sizes.managed(size):
        near = suggest(size, sizes.MANAGED.values())
        hint = f"; did you mean {near!r}?" if near else ""
        yield "properties.instanceType", f"{size!r} is no VM size of managed online endpoints{hint}"


@rule(
    "deployment-sku",
    _ONLINE,
    source=AML + "entities/_deployment/online_deployment.py: Sku(name='Default', …)",
)
def sku(x: View) -> Iterator[Problem]:
    """How many instances there are is said by the sku, whose name is Default."""
    if managed(x) and x.missing("sku"):
        yield "sku", "a managed deployment says how many instances it has"
    elif not x.missing("sku"):
        if isinstance(x["sku.name"], str) and x["sku.name"].lower() != "default":
            yield "sku.name", f"{x['sku.name']!r} must be 'Default'"
        if x.missing("sku.capacity") and managed(x):
            yield "sku.capacity", "says how many instances there are"


@rule(
    "managed-scale",
    _ONLINE,
    source=AML + "entities/_deployment/online_deployment.py: DefaultScaleSettings only",
)
def scale(x: View) -> Iterator[Problem]:
    """A managed deployment scales by Azure Monitor; target utilization is for Kubernetes."""
    kind = x["properties.scaleSettings.scaleType"]
    if managed(x) and isinstance(kind, str) and kind != "Default":
        yield (
            "properties.scaleSettings.scaleType",
            "a managed deployment takes Default; use an autoscale setting",
        )
    low, high = x["properties.scaleSettings.minInstances"], x["properties.scaleSettings.maxInstances"]
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        yield "properties.scaleSettings.minInstances", f"{low:g} instances at least, but {high:g} at most"


@rule("request-timeout", _ONLINE, source=_YAML + ": request_timeout_ms is 180000 at most; " + QUOTAS)
def request_timeout(x: View) -> Iterator[Problem]:
    """ISO 8601, at most 180 s on managed endpoints and 300 s on Kubernetes."""
    for key in ("requestTimeout", "maxQueueWait"):
        path = f"properties.requestSettings.{key}"
        value = x[path]
        length = period(value) if isinstance(value, str) else None
        most = 180 if managed(x) else 300
        if isinstance(value, str) and length is None:
            yield path, f"{value!r} is no ISO 8601 duration such as PT60S"
        elif length is not None and (length > most or (length == 0 and key == "requestTimeout")):
            yield path, f"{length:g} s is not between 0 and {most} s"


between(
    "requests-per-instance",
    _ONLINE,
    "properties.requestSettings.maxConcurrentRequestsPerInstance",
    1,
    10000,
    _YAML + ": max_concurrent_requests_per_instance",
)


@rule("probe-numbers", _ONLINE, source=LEARN + "reference-yaml-deployment-managed-online: ProbeSettings")
def probes(x: View) -> Iterator[Problem]:
    """Periods are ISO 8601 durations of a second or more, thresholds at least 1."""
    for probe in _PROBES:
        for key in ("initialDelay", "period", "timeout"):
            path = f"properties.{probe}.{key}"
            value = x[path]
            length = period(value) if isinstance(value, str) else None
            if isinstance(value, str) and length is None:
                yield path, f"{value!r} is no ISO 8601 duration such as PT10S"
            elif length is not None and length < (0 if key == "initialDelay" else 1):
                yield path, f"{value!r} is shorter than a second"
        for key in ("failureThreshold", "successThreshold"):
            number = x[f"properties.{probe}.{key}"]
            if isinstance(number, (int, float)) and number < 1:
                yield f"properties.{probe}.{key}", f"{number:g} is less than 1"
    live = x["properties.livenessProbe.successThreshold"]
    if isinstance(live, (int, float)) and live > 1:
        yield "properties.livenessProbe.successThreshold", "must be 1: a live container is live at once"


@rule("code-both", _ONLINE, source=_REST + ": CodeConfiguration")
def code(x: View) -> Iterator[Problem]:
    """Code is a code asset and the script in it."""
    if x.missing("properties.codeConfiguration"):
        return
    if x.missing("properties.codeConfiguration.scoringScript"):
        yield "properties.codeConfiguration.scoringScript", "code needs the script that scores"
    value = x["properties.codeConfiguration.codeId"]
    if isinstance(value, str) and "/codes/" not in value:
        yield "properties.codeConfiguration.codeId", f"{value!r} is no id of a code asset"


@rule(
    "code-environment",
    _ONLINE,
    source=LEARN + "how-to-deploy-mlflow-models-online-endpoints: customize; " + _YAML,
)
def code_environment(x: View) -> Iterator[Problem]:
    """A script of one's own runs in an environment of one's own, for MLflow models too."""
    if not x.missing("properties.codeConfiguration") and x.missing("properties.environmentId"):
        yield "properties.environmentId", "a scoring script needs an environment"


@rule("collector", _ONLINE, source=_COLLECT + "; " + _REST + ": DataCollector")
def collector(x: View) -> Iterator[Problem]:
    base = "properties.dataCollector"
    if x.missing(base):
        return
    if x.missing(f"{base}.collections"):
        yield f"{base}.collections", "a data collector names what it collects"
    for name, one in x.map(f"{base}.collections").items():
        view = View(one if isinstance(one, dict) else {})
        rate, mode = view["samplingRate"], view["dataCollectionMode"]
        if isinstance(rate, (int, float)) and not 0 <= rate <= 1:
            yield f"{base}.collections.{name}.samplingRate", f"{rate:g} is not between 0 and 1"
        if isinstance(mode, str) and mode.lower() not in ("enabled", "disabled"):
            yield f"{base}.collections.{name}.dataCollectionMode", f"{mode!r} is not Enabled or Disabled"
    rolling = x[f"{base}.rollingRate"]
    if isinstance(rolling, str) and rolling.lower() not in ("year", "month", "day", "hour", "minute"):
        yield f"{base}.rollingRate", f"{rolling!r} is not one of Year, Month, Day, Hour, Minute"


@rule("model-needed", _ONLINE, source=_YAML + ": model is left out only with a container that has its own")
def model_needed(x: View) -> Iterator[Problem]:
    if managed(x) and x.missing("properties.model") and x.missing("properties.environmentId"):
        yield "properties.model", "a deployment needs a model, or an environment that brings one"


@rule(
    "kubernetes-resources", _ONLINE, source=LEARN + "reference-yaml-deployment-kubernetes-online: resources"
)
def kubernetes_resources(x: View) -> Iterator[Problem]:
    if not x.missing("properties.containerResourceRequirements") and managed(x):
        yield "properties.containerResourceRequirements", "is for Kubernetes deployments; use instanceType"
