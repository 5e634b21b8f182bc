"""What the Azure target needs: credentials, a subscription with its providers, rights, quota, packages."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlstack.errors import MlstackError
from mlstack_azure.arm import ML_API, Arm, present
from mlstack_azure.arm.failures import HttpFailure

Check = tuple[str, bool, str]

_RESOURCES_API = "2022-09-01"
_PERMISSIONS_API = "2022-04-01"
_NEEDED = (
    "Microsoft.MachineLearningServices",
    "Microsoft.Storage",
    "Microsoft.KeyVault",
    "Microsoft.ContainerRegistry",
    "Microsoft.Insights",
    "Microsoft.OperationalInsights",
    "Microsoft.ManagedIdentity",
)
#: Right that is needed -> the least role that has it.
_RIGHTS = {
    "Microsoft.MachineLearningServices/workspaces/write": "Contributor",
    "Microsoft.MachineLearningServices/workspaces/jobs/write": "AzureML Data Scientist",
    "Microsoft.Storage/storageAccounts/write": "Contributor",
    "Microsoft.Authorization/roleAssignments/write": "Role Based Access Control Administrator",
}
_PACKAGES = ("pulumi-azure-native", "azure-identity", "azure-mgmt-core", "azure-storage-blob")
#: A family of machines this full is worth saying so.
_FULL = 0.9


def checks(settings: Any) -> Iterator[Check]:
    """One line after another; what cannot be looked at without the one before is left out."""
    yield _packages()
    with present(tenant=settings.tenant) as arm:
        if arm.cloud.emulated:
            yield "azure credentials", True, "a rehearsal needs none"
        else:
            found = _credentials(arm)
            yield found
            if not found[1]:
                return
        subscription = settings.subscription or _from_environment() or _only_one(arm)
        if subscription is None:
            yield (
                "azure subscription",
                False,
                "none is named; set settings.azure.subscription or AZURE_SUBSCRIPTION_ID (`az account list`)",
            )
            return
        try:
            yield from _of_subscription(arm, subscription, settings.resource_group)
        except MlstackError as error:
            yield "azure subscription", False, f"{error.message.splitlines()[0]}; {error.remedy}"


def _packages() -> Check:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return "azure packages", False, f"{name} is missing; pip install 'mlstack[azure]'"
    return "azure packages", True, ", ".join(found)


def _credentials(arm: Arm) -> Check:
    try:
        arm.token(arm.cloud.scope)
    except MlstackError as error:
        return "azure credentials", False, f"{error.message.splitlines()[0]}; {error.remedy}"
    return "azure credentials", True, f"accepted at {arm.cloud.login}"


def _from_environment() -> str | None:
    return os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")


def _only_one(arm: Arm) -> str | None:
    """The subscription of somebody who has just one."""
    try:
        found = [str(each["subscriptionId"]) for each in arm.pages("/subscriptions", _RESOURCES_API)]
    except MlstackError:
        return None
    return found[0] if len(found) == 1 else None


def _of_subscription(arm: Arm, subscription: str, group: str | None) -> Iterator[Check]:
    scope = f"/subscriptions/{subscription}"
    document = arm.get(scope, _RESOURCES_API)
    state = str(document.get("state") or "Enabled")
    shown = f"{document.get('displayName') or subscription} ({subscription})"
    yield "azure subscription", state == "Enabled", shown if state == "Enabled" else f"{shown} is {state}"
    yield _providers(arm, scope)
    location = None
    if group is not None:
        scope = f"{scope}/resourceGroups/{group}"
        found = arm.find(scope, _RESOURCES_API)
        if found is None:
            yield (
                "azure resource group",
                False,
                f"there is no {group}; `az group create -n {group} -l REGION`, or leave the setting out",
            )
            return
        location = found.get("location")
        yield "azure resource group", True, f"{group} in {location}"
    yield _rights(arm, scope)
    if location:
        yield _quota(arm, subscription, str(location))


def _providers(arm: Arm, scope: str) -> Check:
    missing = []
    for name in _NEEDED:
        found = arm.find(f"{scope}/providers/{name}", _RESOURCES_API)
        if found is None or found.get("registrationState") not in ("Registered", "Registering"):
            missing.append(name)
    if missing:
        return (
            "azure resource providers",
            False,
            "; ".join(f"az provider register --namespace {name}" for name in missing),
        )
    return "azure resource providers", True, "registered"


def _rights(arm: Arm, scope: str) -> Check:
    """What we may do, by the platform's own list of our permissions at the scope."""
    try:
        held = list(arm.pages(f"{scope}/providers/Microsoft.Authorization/permissions", _PERMISSIONS_API))
    except HttpFailure as failure:
        return "azure rights", False, f"cannot be looked at: {failure.message.splitlines()[0]}"
    missing = {role for right, role in _RIGHTS.items() if not any(_allows(each, right) for each in held)}
    if missing:
        roles = ", ".join(f'"{role}"' for role in sorted(missing))
        return "azure rights", False, f"ask for {roles} at {scope}"
    return "azure rights", True, "enough to make all that the target makes"


def _allows(permission: dict[str, Any], right: str) -> bool:
    def any_of(patterns: list[str] | None) -> bool:
        return any(fnmatch.fnmatchcase(right.lower(), pattern.lower()) for pattern in patterns or ())

    return any_of(permission.get("actions")) and not any_of(permission.get("notActions"))


def _quota(arm: Arm, subscription: str, location: str) -> Check:
    """Families of machines that are used up, or nearly so."""
    listed = arm.pages(
        f"/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{location}/usages",
        ML_API,
    )
    full = []
    usable = 0
    for usage in listed:
        limit, used = float(usage.get("limit") or 0), float(usage.get("currentValue") or 0)
        name = str((usage.get("name") or {}).get("localizedValue") or usage.get("type"))
        usable += limit > used
        if limit and used / limit >= _FULL:
            full.append(f"{name} {used:.0f} of {limit:.0f}")
    if not usable:
        return (
            "azure quota",
            False,
            f"no machine is left in {location}; ask for some at https://ml.azure.com (Quota), or take "
            "another region",
        )
    return "azure quota", True, f"nearly used up: {', '.join(full)}" if full else f"room in {location}"
