"""Autoscaling of endpoints' variants."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, Problem, Site, View, condition, invalid, rule

_API = DOCS + "autoscaling/application/APIReference/API_{}.html"
_DIMENSIONS = {
    "sagemaker:variant:DesiredInstanceCount": r"endpoint/([^/]+)/variant/([^/]+)",
    "sagemaker:variant:DesiredProvisionedConcurrency": r"endpoint/([^/]+)/variant/([^/]+)",
    "sagemaker:inference-component:DesiredCopyCount": r"inference-component/([^/]+)",
}


@rule(
    "scaling-bounds",
    "application-autoscaling",
    "RegisterScalableTarget",
    source=_API.format("RegisterScalableTarget"),
)
def bounds(x: View) -> Iterator[Problem]:
    yield from _ordered(x, "")


@rule(
    "action-bounds",
    "application-autoscaling",
    "PutScheduledAction",
    source=_API.format("ScalableTargetAction"),
)
def action(x: View) -> Iterator[Problem]:
    yield from _ordered(x, "ScalableTargetAction.")
    if x.given("ScalableTargetAction") and not x["ScalableTargetAction"].keys() & {
        "MinCapacity",
        "MaxCapacity",
    }:
        yield "ScalableTargetAction", "needs MinCapacity or MaxCapacity"


def _ordered(x: View, at: str) -> Iterator[Problem]:
    low, high = x[f"{at}MinCapacity"], x[f"{at}MaxCapacity"]
    for key, value in (("MinCapacity", low), ("MaxCapacity", high)):
        if isinstance(value, int) and value < 0:
            yield at + key, f"{value} is less than 0"
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield f"{at}MinCapacity", f"{low} is more than MaxCapacity, {high}"


@rule("scaling-target", "application-autoscaling",
      "RegisterScalableTarget", "PutScalingPolicy", "PutScheduledAction",
      source=_API.format("RegisterScalableTarget") + ": ResourceId")  # fmt: skip
def form(x: View) -> Iterator[Problem]:
    pattern = _DIMENSIONS.get(x.text("ScalableDimension"))
    if x["ServiceNamespace"] == "sagemaker" and x.given("ScalableDimension") and pattern is None:
        yield "ScalableDimension", f"{x['ScalableDimension']!r} is none of {', '.join(_DIMENSIONS)}"
    text = x.text("ResourceId")
    if pattern and text and not re.fullmatch(pattern, text):
        yield "ResourceId", f"{text!r} is not of the form {pattern.replace('([^/]+)', 'NAME')}"


@rule("scaling-policy", "application-autoscaling", "PutScalingPolicy", source=_API.format("PutScalingPolicy"))
def policy(x: View) -> Iterator[Problem]:
    tracking = "TargetTrackingScalingPolicyConfiguration"
    if x["PolicyType"] == "TargetTrackingScaling" and x.missing(tracking):
        yield tracking, "a policy of this type needs it"
    if x.given(tracking):
        both = [
            k
            for k in ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
            if x.given(f"{tracking}.{k}")
        ]
        if len(both) != 1 and all(not x.raw(f"{tracking}.{k}") or k in both for k in both):
            yield tracking, "needs one of PredefinedMetricSpecification and CustomizedMetricSpecification"


@condition("scaling-variant", "application-autoscaling", "RegisterScalableTarget",
           source=DOCS + "sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html")  # fmt: skip
def variant(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    match = re.fullmatch(r"endpoint/([^/]+)/variant/([^/]+)", x.text("ResourceId"))
    if match is None or x["ServiceNamespace"] != "sagemaker":
        return
    there = site.look("sagemaker", "describe_endpoint", {"EndpointName": match[1]}, region)
    found = [one for one in (there or {}).get("ProductionVariants") or [] if one["VariantName"] == match[2]]
    if not found:
        yield invalid(f"No production variant {match[2]} of endpoint {match[1]}: there is nothing to scale.")
    elif found[0].get("CurrentServerlessConfig") and "InstanceCount" in x.text("ScalableDimension"):
        yield invalid(f"Variant {match[2]} is serverless: it has no instances to scale.")


@condition("scaling-registered", "application-autoscaling", "PutScalingPolicy", "PutScheduledAction",
           source=_API.format("PutScalingPolicy") + ": ObjectNotFoundException")  # fmt: skip
def registered(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    asked = {"ServiceNamespace": x.text("ServiceNamespace"), "ResourceIds": [x.text("ResourceId")]}
    found = site.look("application-autoscaling", "describe_scalable_targets", asked, region) or {}
    if not any(
        one["ScalableDimension"] == x["ScalableDimension"] for one in found.get("ScalableTargets", [])
    ):
        yield CloudFault(
            400,
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {x['ServiceNamespace']}, resource ID: "
            f"{x['ResourceId']}, scalable dimension: {x['ScalableDimension']}",
        )
