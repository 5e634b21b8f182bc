"""Ids of the estate, and the inputs that say where something is."""

from typing import Any

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/work"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stor1"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/vault-1"
INSIGHTS = f"{GROUP}/providers/Microsoft.Insights/components/insights"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/who"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints/digits"
DEPLOYMENT = f"{ENDPOINT}/deployments/blue"
MODEL = f"{WORKSPACE}/models/digits/versions/abc"
ENVIRONMENT = f"{WORKSPACE}/environments/sk/versions/abc"
CODE = f"{WORKSPACE}/codes/score/versions/1"
COMPUTE = f"{WORKSPACE}/computes/train"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/inner"
ROLE = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
TENANT = "00000000-0000-0000-0000-00000000000a"
ACTIONS = f"{GROUP}/providers/Microsoft.Insights/actionGroups/oncall"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms"

RG: dict[str, Any] = {"resourceGroupName": "rg"}
WS: dict[str, Any] = {**RG, "workspaceName": "work"}
HERE: dict[str, Any] = {"location": "westeurope"}
