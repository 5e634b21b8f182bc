"""What a deployment and its endpoint ask of each other and of the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.rules.base import AML, LEARN, NAMES, QUOTAS, Problem, Site, View, condition, rule

_ENDPOINT = "machinelearningservices:OnlineEndpoint"
_ONLINE = "machinelearningservices:OnlineDeployment"
_BATCH_ENDPOINT = "machinelearningservices:BatchEndpoint"
_BATCH = "machinelearningservices:BatchDeployment"
_ROLLOUT = LEARN + "how-to-safely-rollout-online-endpoints"
Now = dict[str, Any] | None


def _bad(message: str, code: str = "BadRequest") -> CloudFault:
    return CloudFault(400, code, message)


def body_of(site: Site, id: Any) -> dict[str, Any]:
    """The properties of what an id names; {} when it names nothing here."""
    found = site.body(id) if isinstance(id, str) and id.startswith("/") else None
    properties = (found or {}).get("properties")
    return properties if isinstance(properties, dict) else {}


@condition("traffic-deployments", _ENDPOINT, source=_ROLLOUT + ": allocate traffic; clouds.md, gotchas")
def traffic(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """Traffic and mirrored traffic go to deployments that are there: never on the endpoint's first create."""
    there = site.children(id, "deployments") if now else {}
    for key in ("traffic", "mirrorTraffic"):
        for name in x.map(f"properties.{key}"):
            if name not in there:
                yield _bad(f"{key} names the deployment '{name}', which does not exist in this endpoint.")


@condition("traffic-ready", _ENDPOINT, source=_ROLLOUT + ": a deployment that failed takes no traffic")
def traffic_ready(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    there = site.children(id, "deployments") if now else {}
    for name, percent in x.map("properties.traffic").items():
        state = there.get(name, {}).get("properties", {}).get("provisioningState")
        if percent and state == "Failed":
            yield _bad(f"traffic names the deployment '{name}', whose provisioning state is Failed.")


@condition(
    "deployment-has-traffic",
    _ONLINE,
    verb="delete",
    source=_ROLLOUT + ": delete a deployment; " + AML + "operations/_online_deployment_operations.py",
)
def delete_live(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """A deployment that has live or mirrored traffic cannot be deleted."""
    endpoint, name = body_of(site, ids.parent(id)), ids.last(id)
    for key in ("traffic", "mirrorTraffic"):
        if (endpoint.get(key) or {}).get(name):
            yield _bad(f"Deployment '{name}' has {key} and cannot be deleted: set it to 0 first.")


@condition("deployments-per-endpoint", _ONLINE, source=QUOTAS + ": 20 deployments an endpoint")
def most_deployments(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    if now is None and len(site.children(str(ids.parent(id)), "deployments")) >= 20:
        yield _bad("An endpoint has 20 deployments at most.", "QuotaExceeded")


@condition(
    "model-environment",
    _ONLINE,
    source=LEARN
    + "how-to-deploy-mlflow-models-online-endpoints; "
    + LEARN
    + "concept-online-deployment-model-specification",
)
def model_environment(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """MLflow and Triton models serve by themselves; others need an environment, and code or a server."""
    model = body_of(site, x["properties.model"])
    if not model or model.get("modelType") in ("mlflow_model", "triton_model"):
        return
    if x.missing("properties.environmentId"):
        yield _bad(f"A model of the type {model.get('modelType', 'custom_model')} needs an environment.")
    elif x.missing("properties.codeConfiguration"):
        environment = body_of(site, x["properties.environmentId"])
        if environment and not environment.get("inferenceConfig"):
            yield _bad("A custom model needs a scoring script, or an environment with an inferenceConfig.")


@condition(
    "batch-model-environment",
    _BATCH,
    source=LEARN + "how-to-mlflow-batch; " + LEARN + "reference-yaml-deployment-batch",
)
def batch_model(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    model = body_of(site, x["properties.model.assetId"])
    if model and model.get("modelType") not in ("mlflow_model",):
        for key in ("environmentId", "codeConfiguration"):
            if x.missing(f"properties.{key}"):
                yield _bad(f"A model that is not MLflow needs {key} in a batch deployment.")


@condition(
    "batch-default", _BATCH_ENDPOINT, source=LEARN + "how-to-use-batch-model-deployments: default deployment"
)
def batch_default(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """The default deployment is there."""
    name = x["properties.defaults.deploymentName"]
    if isinstance(name, str) and name and name not in (site.children(id, "deployments") if now else {}):
        yield _bad(f"defaults.deploymentName: the deployment '{name}' does not exist in this endpoint.")


@condition("batch-compute", _BATCH, source=LEARN + "reference-yaml-deployment-batch: compute")
def batch_compute(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """Batch scoring runs on a cluster, never on an instance."""
    kind = body_of(site, x["properties.compute"]).get("computeType")
    if kind not in (None, "AmlCompute", "Kubernetes"):
        yield _bad(f"A batch deployment runs on a cluster, not on a {kind}.")


@condition(
    "deployment-kind",
    _ONLINE,
    source=LEARN + "how-to-attach-kubernetes-anywhere; "
    "learn.microsoft.com/rest/api/azureml/online-endpoints: compute",
)
def deployment_kind(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """Managed deployments belong to managed endpoints, Kubernetes ones to endpoints with a compute."""
    endpoint, kind = body_of(site, ids.parent(id)), x["properties.endpointComputeType"]
    if endpoint and kind == "Kubernetes" and not endpoint.get("compute"):
        yield _bad("A Kubernetes deployment needs an endpoint with a compute.")
    if endpoint and kind == "Managed" and endpoint.get("compute"):
        yield _bad("A managed deployment cannot be in an endpoint on Kubernetes.")


@condition(
    "serving-location",
    _ENDPOINT,
    _ONLINE,
    _BATCH_ENDPOINT,
    _BATCH,
    source=AML + "operations/_online_endpoint_operations.py: the workspace's location; " + NAMES,
)
def location(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """Endpoints and deployments are where their workspace is."""
    home = (site.body(str(ids.workspace_of(id))) or {}).get("location")
    mine = x["location"]
    if isinstance(home, str) and isinstance(mine, str) and _region(home) != _region(mine):
        yield _bad(f"The location '{mine}' differs from the workspace's, '{home}'.", "LocationMismatch")


def _region(text: str) -> str:
    return text.lower().replace(" ", "")


@rule(
    "autoscale-floor",
    "monitor:AutoscaleSetting",
    source=LEARN + "how-to-autoscale-endpoints; managed deployments do not scale to zero",
)
def autoscale_floor(x: View) -> Iterator[Problem]:
    """A managed deployment has an instance at least."""
    if "/onlineendpoints/" not in str(x["targetResourceUri"] or "").lower():
        return
    for at, profile in x.list("profiles"):
        if str(profile["capacity.minimum"]) == "0":
            yield f"profiles[{at}].capacity.minimum", "an online deployment has at least 1 instance"


@condition(
    "monitor-collector",
    "machinelearningservices:Schedule",
    source=LEARN
    + "how-to-monitor-model-performance: data collection; "
    + AML
    + "operations/_schedule_operations.py, _resolve_monitor_schedule_arm_id",
)
def monitor_collector(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """A monitor that reads what a deployment collects needs a deployment that collects."""
    base = "properties.action.monitorDefinition"
    target = x[f"{base}.monitoringTarget.deploymentId"]
    if not isinstance(target, str) or not target.startswith("/"):
        return
    match = re.search(r"/onlineEndpoints/([^/]+)/deployments/([^/]+)$", target, re.IGNORECASE)
    deployment = body_of(site, target)
    if match is None or not deployment:
        return
    collections = (deployment.get("dataCollector") or {}).get("collections") or {}
    enabled = {
        name for name, one in collections.items() if str(one.get("dataCollectionMode")).lower() == "enabled"
    }
    for name, one in x.map(f"{base}.signals").items():
        if not isinstance(one, dict) or one.get("signalType") == "Custom":
            continue
        if not enabled:
            yield _bad(f"The signal '{name}' watches a deployment whose data collector is not enabled.")
            continue
        data = one.get("productionData")
        for item in data if isinstance(data, list) else [data]:
            uri = str((item or {}).get("uri", "")) if isinstance(item, dict) else ""
            read = re.search(rf"{re.escape(match[1])}-{re.escape(match[2])}-([\w]+)", uri)
            if read and read[1] not in enabled:
                yield _bad(f"The signal '{name}' reads '{read[1]}', which the deployment does not collect.")
