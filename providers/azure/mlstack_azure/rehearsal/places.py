"""What a subscription says of itself: locations, groups, quotas, sizes of machines."""

from __future__ import annotations

import re
from typing import Any

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal import ids, outputs, sizes
from mlstack_azure.rehearsal.cloud import Cloud

_LOCATION = re.compile(r"/subscriptions/([^/]+)/providers/([^/]+)/locations/([^/]+)/(\w+)/?", re.IGNORECASE)
_TAG = re.compile(r"tagName eq '([^']*)' and tagValue eq '([^']*)'")
LIMIT = 100
_NAMES = """
westeurope northeurope eastus eastus2 westus2 westus3 centralus southcentralus uksouth francecentral
germanywestcentral swedencentral switzerlandnorth japaneast australiaeast southeastasia canadacentral
brazilsouth koreacentral centralindia
"""
REGIONS = tuple(_NAMES.split())


def serve(cloud: Cloud, request: Request) -> Answer | None:
    """None: it is no question of this sort."""
    path = request.path.rstrip("/")
    if request.method == "POST" and path.lower().endswith("/register"):
        return Answer.json(200, {"namespace": path.split("/")[-2], "registrationState": "Registered"})
    if request.method not in ("GET", "HEAD"):
        return None
    if path.lower() == "/subscriptions":
        return Answer.json(200, {"value": [_subscription(cloud)]})
    if path.lower() == "/tenants":
        return Answer.json(200, {"value": [{"id": f"/tenants/{outputs.TENANT}", "tenantId": outputs.TENANT}]})
    if match := re.fullmatch(r"/subscriptions/([^/]+)", path, re.IGNORECASE):
        return Answer.json(200, _subscription(cloud) | {"subscriptionId": match[1]})
    if re.fullmatch(r"/subscriptions/[^/]+/locations", path, re.IGNORECASE):
        return Answer.json(200, {"value": [{"name": name, "displayName": name} for name in REGIONS]})
    if match := re.fullmatch(
        r"(/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?)/resources", path, re.IGNORECASE
    ):
        return Answer.json(200, {"value": _resources(cloud, match[1], request.query.get("$filter", ""))})
    if re.fullmatch(r"/subscriptions/[^/]+/providers/[^/]+", path, re.IGNORECASE):
        return Answer.json(200, {"namespace": ids.last(path), "registrationState": "Registered"})
    match = _LOCATION.fullmatch(path)
    if match and match[4].lower() in ("usages", "quotas"):
        return Answer.json(200, {"value": _quotas(cloud, match[3], match[4].lower())})
    if match and match[4].lower() == "vmsizes":
        key = "aml" if ids.ML.lower() == match[2].lower() else "value"
        return Answer.json(200, {key: _sizes(), "value": _sizes()})
    return None


def _subscription(cloud: Cloud) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{cloud.subscription}",
        "subscriptionId": cloud.subscription,
        "tenantId": outputs.TENANT,
        "displayName": "Rehearsal",
        "state": "Enabled",
    }


def _resources(cloud: Cloud, scope: str, asked: str) -> list[dict[str, Any]]:
    """Top-level resources with their tags, narrowed to a tag where that is asked."""
    found = []
    tag = _TAG.search(asked)
    for id, kind, body in cloud.world.under(scope + "/"):
        if kind not in ids.TYPES or "/providers/" not in id:
            continue
        tags = body.get("tags") or {}
        if tag is None or tags.get(tag[1]) == tag[2]:
            found.append({key: body.get(key) for key in ("id", "name", "type", "location", "tags")})
    return found


def _family(size: str) -> str:
    """The quota family of a size, near enough: its letters and version."""
    return (
        "standard" + re.sub(r"\d+", "", size.removeprefix("Standard_").partition("_")[0]).upper() + "Family"
    )


def _quotas(cloud: Cloud, location: str, which: str) -> list[dict[str, Any]]:
    """Cores in use by family, and how many there may be."""
    used: dict[str, int] = {_family(name): 0 for name in sizes.MANAGED.values()}
    for body in cloud.of("machinelearningservices:OnlineDeployment"):
        size = body["properties"].get("instanceType")
        if isinstance(size, str):
            count = (body.get("sku") or {}).get("capacity") or 1
            used[_family(size)] = used.get(_family(size), 0) + sizes.cores(size) * int(count)
    made = []
    for family, cores in sorted(used.items()):
        base = f"/subscriptions/{cloud.subscription}/providers/{ids.ML}/locations/{location}"
        one = {
            "id": f"{base}/{which}/{family}",
            "type": f"{ids.ML}/{which}/dedicatedCores",
            "name": {"value": family, "localizedValue": family},
            "limit": LIMIT,
            "unit": "Count",
        }
        made.append(one | ({"currentValue": cores} if which == "usages" else {}))
    return made


def _sizes() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "family": _family(name),
            "vCPUs": sizes.cores(name),
            "gpus": 1 if name.startswith(("Standard_NC", "Standard_ND", "Standard_NV")) else 0,
            "lowPriorityCapable": True,
            "premiumIO": True,
            "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
        }
        for name in sizes.MANAGED.values()
    ]
