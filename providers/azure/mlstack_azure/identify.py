"""The ARM id of each type that the builders make, by the inputs that name it.

The paths are those of the REST reference (learn.microsoft.com/rest/api, and for each type "Import" in
Pulumi's registry), with the names of azure-native's inputs. Azure compares ids without regard to case.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Mapping
from typing import Any

_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_ML = f"{_GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{{workspaceName}}"
_AKS = f"{_GROUP}/providers/Microsoft.ContainerService/managedClusters/{{resourceName}}"
_NETWORK = f"{_GROUP}/providers/Microsoft.Network"
_INSIGHTS = f"{_GROUP}/providers/Microsoft.Insights"
_VAULT = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}"
_ZONE = f"{_NETWORK}/privateDnsZones/{{privateZoneName}}"
_ENDPOINT = f"{_NETWORK}/privateEndpoints/{{privateEndpointName}}"

#: Module and class of azure-native -> the path.
PATHS: Mapping[str, str] = {
    "applicationinsights:Component": f"{_INSIGHTS}/components/{{resourceName}}",
    "authorization:RoleAssignment": "/{scope}/providers/Microsoft.Authorization/roleAssignments/"
    "{roleAssignmentName}",
    "consumption:Budget": "/{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    "containerregistry:Registry": f"{_GROUP}/providers/Microsoft.ContainerRegistry/registries/"
    "{registryName}",
    "containerservice:AgentPool": f"{_AKS}/agentPools/{{agentPoolName}}",
    "containerservice:ManagedCluster": _AKS,
    "keyvault:Secret": f"{_VAULT}/secrets/{{secretName}}",
    "keyvault:Vault": _VAULT,
    "kubernetesconfiguration:Extension": f"{_GROUP}/providers/{{clusterRp}}/{{clusterResourceName}}/"
    "{clusterName}/providers/Microsoft.KubernetesConfiguration/extensions/{extensionName}",
    "machinelearningservices:BatchDeployment": f"{_ML}/batchEndpoints/{{endpointName}}/deployments/"
    "{deploymentName}",
    "machinelearningservices:BatchEndpoint": f"{_ML}/batchEndpoints/{{endpointName}}",
    "machinelearningservices:CodeContainer": f"{_ML}/codes/{{name}}",
    "machinelearningservices:CodeVersion": f"{_ML}/codes/{{name}}/versions/{{version}}",
    "machinelearningservices:ComponentVersion": f"{_ML}/components/{{name}}/versions/{{version}}",
    "machinelearningservices:Compute": f"{_ML}/computes/{{computeName}}",
    "machinelearningservices:DataVersion": f"{_ML}/data/{{name}}/versions/{{version}}",
    "machinelearningservices:EnvironmentContainer": f"{_ML}/environments/{{name}}",
    "machinelearningservices:EnvironmentVersion": f"{_ML}/environments/{{name}}/versions/{{version}}",
    "machinelearningservices:ModelVersion": f"{_ML}/models/{{name}}/versions/{{version}}",
    "machinelearningservices:OnlineDeployment": f"{_ML}/onlineEndpoints/{{endpointName}}/deployments/"
    "{deploymentName}",
    "machinelearningservices:OnlineEndpoint": f"{_ML}/onlineEndpoints/{{endpointName}}",
    "machinelearningservices:Schedule": f"{_ML}/schedules/{{name}}",
    "machinelearningservices:Workspace": _ML,
    "managedidentity:UserAssignedIdentity": f"{_GROUP}/providers/Microsoft.ManagedIdentity/"
    "userAssignedIdentities/{resourceName}",
    "monitor:ActionGroup": f"{_INSIGHTS}/actionGroups/{{actionGroupName}}",
    "monitor:AutoscaleSetting": f"{_INSIGHTS}/autoscaleSettings/{{autoscaleSettingName}}",
    "monitor:DiagnosticSetting": "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    "monitor:MetricAlert": f"{_INSIGHTS}/metricAlerts/{{ruleName}}",
    "monitor:ScheduledQueryRule": f"{_INSIGHTS}/scheduledQueryRules/{{ruleName}}",
    "network:PrivateDnsZoneGroup": f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
    "network:PrivateEndpoint": _ENDPOINT,
    "network:VirtualNetwork": f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}",
    "operationalinsights:Workspace": f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/"
    "{workspaceName}",
    "privatedns:PrivateZone": _ZONE,
    "privatedns:VirtualNetworkLink": f"{_ZONE}/virtualNetworkLinks/{{virtualNetworkLinkName}}",
    "resources:ResourceGroup": _GROUP,
    "storage:StorageAccount": f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}",
}

_VERSION = re.compile(r"/v\d{8}(preview)?(?=:)")
#: Where the subscription is said, in the order in which azure-native asks.
_SAID = ("azure-native:subscriptionId", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")


def arm_id(
    token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
) -> str | None:
    """See `Provider.identify`."""
    package, _, kind = token.partition(":")
    path = PATHS.get(_VERSION.sub("", kind)) if package == "azure-native" else None
    if path is None:
        return None
    parameters = re.findall(r"{(\w+)}", path)
    named = {name: str(inputs[name]).strip("/") for name in parameters if inputs.get(name)}
    if "subscriptionId" in parameters and "resourceGroupName" in named:
        named["subscriptionId"] = _subscription(named["resourceGroupName"], account, ids) or ""
    return path.format_map(named) if all(named.get(name) for name in parameters) else None


def _subscription(group: str, account: Mapping[str, str], ids: Collection[str]) -> str | None:
    """The subscription: as it is said, else that of the stack's other resources in the group, else the one
    that `az` is set to, as azure-native would ask it."""
    said = next((account[name] for name in _SAID if account.get(name)), None)
    if said:
        return said
    inside = re.compile(rf"/subscriptions/([^/]+)/resourceGroups/{re.escape(group)}(/|$)", re.IGNORECASE)
    found = next((match[1] for id in ids if (match := inside.match(id))), None)
    return found or _of_az()


def _of_az() -> str | None:
    az = shutil.which("az")
    if az is None:
        return None
    asked = [az, "account", "show", "--query", "id", "--output", "tsv"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() or None if done.returncode == 0 else None
