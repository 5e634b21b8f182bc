"""Endpoints and their traffic; what holds models, or is deployed, does not go."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlstack_gcp.rehearsal.refusals import Refused, invalid
from mlstack_gcp.rehearsal.rules.base import PROTO, TERRAFORM, Problem, Site, View, condition, matches, rule

ENDPOINT = "vertex/aiEndpoint:AiEndpoint"
_ENDPOINT = PROTO + "endpoint.py"
_SPLIT = _ENDPOINT + ": Endpoint.traffic_split: the values must add up to 100, or the map be empty"

matches(
    "endpoint-name",
    ENDPOINT,
    "name",
    r"[1-9][0-9]{0,9}",
    "a number of at most 10 digits, without a leading zero",
    TERRAFORM
    + "vertexai/resource_vertex_ai_endpoint.go: name: 'The resource name of the Endpoint. The name must "
    "be numeric with no leading zeros and can be at most 10 digits.'",
)


def split_problems(split: Mapping[str, Any], ids: Iterable[str] | None = None) -> Iterator[str]:
    """What is wrong with a traffic split: all of it goes to models that are there."""
    if not split:
        return
    for id, value in split.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
            yield f"Traffic split of {id} is {value!r}, which is no percentage from 0 to 100."
            return
    if sum(split.values()) != 100:
        yield f"Traffic split must sum to 100, but sums to {sum(split.values()):g}."
    for id in sorted(set(split) - set(ids) if ids is not None else ()):
        yield f"Traffic split names DeployedModel {id}, which is not deployed to the endpoint."


@rule("traffic-sum", ENDPOINT, source=_SPLIT)
def traffic_sum(x: View) -> Iterator[Problem]:
    """Pulumi has it as a text of JSON, the service as a map."""
    given = x["trafficSplit"]
    try:
        split = json.loads(given) if isinstance(given, str) else given
    except ValueError as problem:
        yield "trafficSplit", f"is no JSON: {problem}"
        return
    if isinstance(split, Mapping) and x.all_known("trafficSplit"):
        for told in split_problems(split):
            yield "trafficSplit", told


@rule(
    "endpoint-network-or-dedicated",
    ENDPOINT,
    source=_ENDPOINT
    + ": Endpoint.network, private_service_connect_config: only one of the fields can be set",
)
def one_way_in(x: View) -> Iterator[Problem]:
    if x.given("network") and x["privateServiceConnectConfig"]:
        yield "privateServiceConnectConfig", "only one of network and privateServiceConnectConfig can be set"
    if x.given("network") and x["dedicatedEndpointEnabled"]:
        yield "dedicatedEndpointEnabled", "an endpoint in a peered network has no dedicated address"


@rule(
    "endpoint-network-number",
    ENDPOINT,
    source=_ENDPOINT
    + ": Endpoint.network: 'projects/{project}/global/networks/{network}, where {project} is a "
    "project number, as in 12345'",
)
def network_number(x: View) -> Iterator[Problem]:
    network = x.text("network")
    steps = (network or "").split("/")
    whole = len(steps) == 5 and steps[0] == "projects" and steps[2:4] == ["global", "networks"]
    if network and not (whole and steps[1].isdigit()):
        yield "network", f"{network!r} is not projects/NUMBER/global/networks/NAME, with the project's number"


@rule(
    "endpoint-log-sampling",
    ENDPOINT,
    source=_ENDPOINT + ": PredictRequestResponseLoggingConfig.sampling_rate: 'a fraction in range(0,1]'",
)
def log_sampling(x: View) -> Iterator[Problem]:
    path = "predictRequestResponseLoggingConfig.samplingRate"
    value = x.number(path)
    if value is not None and not 0 < value <= 1:
        yield path, f"{value:g} is not more than 0 and at most 1"


@condition("traffic-deployed", ENDPOINT, source=_SPLIT, verb="update")
def traffic_deployed(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    ids = [one["id"] for one in document.get("deployedModels", [])]
    for problem in split_problems(document.get("trafficSplit") or {}, ids):
        yield invalid(problem)


@condition("traffic-before-models", ENDPOINT, source=_SPLIT, verb="create")
def traffic_before_models(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    if document.get("trafficSplit"):
        yield invalid("Traffic split names DeployedModels, and the endpoint has none yet.")


@condition(
    "endpoint-empty",
    ENDPOINT,
    source="cloud.google.com/vertex-ai/docs/predictions/undeploy-model: undeploy models before the "
    "endpoint is deleted",
    verb="delete",
)
def endpoint_empty(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    if deployed := document.get("deployedModels"):
        ids = ", ".join(one["id"] for one in deployed)
        yield Refused(
            "FAILED_PRECONDITION",
            f"Endpoint {name} has deployed or being-deployed DeployedModel(s): {ids}. Undeploy them first.",
        )


@condition(
    "model-not-deployed",
    "aiplatform:Model",
    source=PROTO
    + "model_service.py: DeleteModelRequest, and ModelService.DeleteModel: 'a Model cannot be deleted "
    "if any Endpoint resource has a DeployedModel based on the Model'",
    verb="delete",
)
def model_not_deployed(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    for id, endpoint in site.of(ENDPOINT):
        for one in endpoint.get("deployedModels", []):
            if site.canonical(one["model"]).partition("@")[0] == name:
                yield Refused(
                    "FAILED_PRECONDITION",
                    f"The Model {name} is deployed at Endpoint {id}; undeploy it first.",
                )
                return


@condition(
    "pool-not-used",
    "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
    source="cloud.google.com/vertex-ai/docs/predictions/model-co-hosting: undeploy all models of a pool "
    "before it is deleted",
    verb="delete",
)
def pool_not_used(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    for _, endpoint in site.of(ENDPOINT):
        for one in endpoint.get("deployedModels", []):
            if site.canonical(one.get("sharedResources", "")) == name:
                yield Refused("FAILED_PRECONDITION", f"DeploymentResourcePool {name} has deployed models.")
                return
