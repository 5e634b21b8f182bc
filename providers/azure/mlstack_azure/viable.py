"""``existing: auto``: what is there that would do, asked of Azure when the choice is made first."""

from __future__ import annotations

from typing import Any

from mlstack.errors import MlstackError, UsageError
from mlstack.provider import Build
from mlstack_azure import account
from mlstack_azure.arm import Arm
from mlstack_azure.arm.cloud import here
from mlstack_azure.arm.credential import credential
from mlstack_azure.place import Place

_OWNED = "mlstack-stack"


def workspace(build: Build) -> str | None:
    """ARM id of a workspace in the stack's region, and in its resource group where one is set, that is ready,
    open or shut as the spec wants it, and no stack's own; the first by name. None: there is none."""
    group = build.settings.group
    scope = f"/subscriptions/{_subscription(build)}" + (f"/resourceGroups/{group}" if group else "")
    region = account.region(build)
    fitting = [
        found["id"]
        for found in _list(build, f"{scope}/providers/Microsoft.MachineLearningServices/workspaces")
        if _is_ready(found)
        and _plain(found.get("location")) == _plain(region)
        and (build.spec.network is None or _access(found) == build.spec.network)
    ]
    return min(fitting, default=None)


def compute(build: Build, where: Place, instance: str) -> str | None:
    """Name of a pool of the workspace with these machines, as many of them and as cheap as asked, that no
    stack owns; None: there is none."""
    spec = build.spec
    if not (isinstance(where.resource_group, str) and isinstance(where.workspace, str)):
        raise UsageError(
            f"compute.{build.name}.existing is auto, and the workspace is known only while the program runs",
            code="deferred-path",
            remedy="give the workspace's name as plain text, or name the pool",
        )
    workspace_id = (
        f"/subscriptions/{_subscription(build)}/resourceGroups/{where.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{where.workspace}"
    )
    fitting = []
    for found in _list(build, f"{workspace_id}/computes"):
        properties = found.get("properties") or {}
        pool = properties.get("properties") or {}
        scale = pool.get("scaleSettings") or {}
        if (
            properties.get("computeType") == "AmlCompute"
            and _is_ready(found)
            and _plain(pool.get("vmSize")) == _plain(instance)
            and (pool.get("vmPriority") == "LowPriority") == spec.spot
            and scale.get("maxNodeCount", 0) >= spec.max
            and scale.get("minNodeCount", 0) >= spec.min
        ):
            fitting.append(str(found["name"]))
    return min(fitting, default=None)


def _subscription(build: Build) -> str:
    subscription = account.subscription(build)
    if isinstance(subscription, str):
        return subscription
    raise UsageError(
        f"{build.kind}.{build.name}.existing is auto, and it is not known in which subscription to look",
        code="missing-setting",
        remedy="write settings: {azure: {subscription: ID}}, or export AZURE_SUBSCRIPTION_ID",
    )


def _list(build: Build, id: str) -> list[dict[str, Any]]:
    cloud = here()
    who = None if cloud.emulated else credential(cloud, build.settings.tenant)
    try:
        with Arm(cloud, who) as arm:
            return list(arm.pages(id))
    except MlstackError as error:
        error.where = f"{build.kind}.{build.name}.existing"
        raise


def _is_ready(found: dict[str, Any]) -> bool:
    """Whether it is there for others: another stack takes what it owns away one day."""
    state = (found.get("properties") or {}).get("provisioningState", "Succeeded")
    return state == "Succeeded" and _OWNED not in (found.get("tags") or {})


def _access(found: dict[str, Any]) -> str:
    access = (found.get("properties") or {}).get("publicNetworkAccess", "Enabled")
    return "public" if access == "Enabled" else "private"


def _plain(text: Any) -> str:
    """Azure writes "West Europe" and westeurope, Standard_D2s_v3 and STANDARD_D2S_V3 for the same."""
    return str(text or "").replace(" ", "").lower()
