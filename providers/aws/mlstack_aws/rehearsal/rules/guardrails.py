"""How an endpoint goes over to another configuration: steps, waits, what turns it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, SAGEMAKER, Problem, Site, View, condition, invalid, rule

_GUIDE = DOCS + "sagemaker/latest/dg/deployment-guardrails{}.html"
_ROUTING = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
_ROLLING = "DeploymentConfig.RollingUpdatePolicy"
_CALLS = ("CreateEndpoint", "UpdateEndpoint")


@rule("guardrail-one", "sagemaker", *_CALLS, source=SAGEMAKER.format("DeploymentConfig"))
def one_policy(x: View) -> Iterator[Problem]:
    if x.given("DeploymentConfig.BlueGreenUpdatePolicy") and x.given(_ROLLING):
        yield _ROLLING, "only one update policy is used: blue/green or rolling"


@rule("guardrail-steps", "sagemaker", *_CALLS, source=SAGEMAKER.format("TrafficRoutingConfig"))
def steps(x: View) -> Iterator[Problem]:
    kind = x.text(f"{_ROUTING}.Type")
    for wanted, key in (("CANARY", "CanarySize"), ("LINEAR", "LinearStepSize")):
        path = f"{_ROUTING}.{key}"
        if kind == wanted and x.missing(path):
            yield path, f"traffic of type {kind} needs it"
        if kind and kind != wanted and x.given(path):
            yield path, f"is for traffic of type {wanted} alone"
    yield from _share(x, f"{_ROUTING}.CanarySize", 1, 50)
    yield from _share(x, f"{_ROUTING}.LinearStepSize", 10, 50)
    yield from _share(x, f"{_ROLLING}.MaximumBatchSize", 5, 50)
    yield from _share(x, f"{_ROLLING}.RollbackMaximumBatchSize", 5, 100)


def _share(x: View, path: str, low: int, high: int) -> Iterator[Problem]:
    """A share of a variant's instances. Counts are judged where the variants are known."""
    value = x[f"{path}.Value"]
    if x[f"{path}.Type"] == "CAPACITY_PERCENT" and isinstance(value, int) and not low <= value <= high:
        yield f"{path}.Value", f"{value} is not between {low} and {high} % of the variant's instances"


@rule("guardrail-time", "sagemaker", *_CALLS,
      source=SAGEMAKER.format("BlueGreenUpdatePolicy") + ": MaximumExecutionTimeoutInSeconds")  # fmt: skip
def time(x: View) -> Iterator[Problem]:
    at = "DeploymentConfig.BlueGreenUpdatePolicy"
    longest, last = x[f"{at}.MaximumExecutionTimeoutInSeconds"], x[f"{at}.TerminationWaitInSeconds"] or 0
    wait = x[f"{_ROUTING}.WaitIntervalInSeconds"]
    if not all(isinstance(one, int) for one in (longest, last, wait)):
        return
    waits = wait * _pauses(x) + last
    if longest <= waits:
        said = f"{longest} is not more than the {waits} seconds that its waits take together"
        yield f"{at}.MaximumExecutionTimeoutInSeconds", said


def _pauses(x: View) -> int:
    """Waits between the steps of the traffic, and after the last of them: the baking period of each."""
    if x[f"{_ROUTING}.Type"] == "CANARY":
        return 2
    value = x[f"{_ROUTING}.LinearStepSize.Value"]
    share = x[f"{_ROUTING}.LinearStepSize.Type"] == "CAPACITY_PERCENT" and isinstance(value, int) and value
    return -(-100 // value) if x[f"{_ROUTING}.Type"] == "LINEAR" and share else 1


@condition("guardrail-alarms", "sagemaker", *_CALLS, source=_GUIDE.format("-configuration"))
def alarms(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for one in x.list("DeploymentConfig.AutoRollbackConfiguration.Alarms"):
        name = one.text("AlarmName")
        told = site.look("cloudwatch", "describe_alarms", {"AlarmNames": [name]}, region) if name else {}
        if name and not (told or {}).get("MetricAlarms") and not (told or {}).get("CompositeAlarms"):
            yield invalid(f"Alarm {name} of AutoRollbackConfiguration does not exist.")


@condition("guardrail-variants", "sagemaker", "UpdateEndpoint", source=_GUIDE.format("-exclusions"))
def variants(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    """Judged by the config that is to be, and the one that is."""
    if not x.given("DeploymentConfig"):
        return
    there = site.look("sagemaker", "describe_endpoint", {"EndpointName": x.text("EndpointName")}, region)
    after = _of(site, x.text("EndpointConfigName"), region)
    before = _of(site, (there or {}).get("EndpointConfigName", ""), region)
    shared = after.keys() & before.keys()
    if after and before and not shared:
        yield invalid(
            "A deployment with guardrails needs a new configuration with the variants' names of the old."
        )
    if x.given(_ROLLING):
        if len(after) > 1:
            yield invalid("A rolling deployment is for endpoints of one variant.")
        if any(one.get("ServerlessConfig") for one in after.values()):
            yield invalid("A rolling deployment is not for serverless endpoints.")
    for path, most in ((f"{_ROUTING}.CanarySize", 0.5), (f"{_ROUTING}.LinearStepSize", 0.5),
                       (f"{_ROLLING}.MaximumBatchSize", 0.5)):  # fmt: skip
        size = x[f"{path}.Value"]
        if x[f"{path}.Type"] != "INSTANCE_COUNT" or not isinstance(size, int):
            continue
        for name, one in after.items():
            count = one.get("InitialInstanceCount")
            # a single instance is switched as one step, whatever the size
            if isinstance(count, int) and count > 1 and size > count * most:
                yield invalid(f"{path}: {size} is more than {most:.0%} of the {count} instances of {name}.")


def _of(site: Site, config: str, region: str) -> dict[str, Any]:
    asked = {"EndpointConfigName": config}
    told = site.look("sagemaker", "describe_endpoint_config", asked, region) if config else None
    return {one["VariantName"]: one for one in (told or {}).get("ProductionVariants") or []}
