"""What a workspace stands on: inputs as pulumi-azure-native sends them."""

from __future__ import annotations

from typing import Any

from .where import HERE, LOGS, RG, ROLE, STORAGE, SUBNET, TENANT

GROUND: dict[str, dict[str, Any]] = {
    "resources:ResourceGroup": {**RG, **HERE, "tags": {"team": "vision"}},
    "managedidentity:UserAssignedIdentity": {**RG, **HERE, "resourceName": "who"},
    "operationalinsights:Workspace": {**RG, **HERE, "workspaceName": "logs", "sku": {"name": "PerGB2018"}},
    "applicationinsights:Component": {
        **RG,
        **HERE,
        "resourceName": "insights",
        "kind": "web",
        "applicationType": "web",
        "workspaceResourceId": LOGS,
    },
    "storage:StorageAccount": {
        **RG,
        **HERE,
        "accountName": "stor1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "minimumTlsVersion": "TLS1_2",
        "enableHttpsTrafficOnly": True,
    },
    "storage:BlobContainer": {**RG, "accountName": "stor1", "containerName": "data"},
    "keyvault:Vault": {
        **RG,
        **HERE,
        "vaultName": "vault-1",
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        },
    },
    "keyvault:Secret": {
        **RG,
        "vaultName": "vault-1",
        "secretName": "token",
        "properties": {"value": "hidden"},
    },
    "containerregistry:Registry": {**RG, **HERE, "registryName": "registry1", "sku": {"name": "Basic"}},
    "authorization:RoleAssignment": {
        "scope": STORAGE,
        "roleAssignmentName": "11111111-1111-1111-1111-111111111111",
        "principalId": "22222222-2222-2222-2222-222222222222",
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{ROLE}/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    },
    "network:NetworkSecurityGroup": {**RG, **HERE, "networkSecurityGroupName": "nsg"},
    "network:VirtualNetwork": {
        **RG,
        **HERE,
        "virtualNetworkName": "net",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
    },
    "network:Subnet": {
        **RG,
        "virtualNetworkName": "net",
        "subnetName": "inner",
        "addressPrefix": "10.0.1.0/24",
    },
    "privatedns:PrivateZone": {**RG, "location": "global", "privateZoneName": "privatelink.api.azureml.ms"},
    "privatedns:VirtualNetworkLink": {
        **RG,
        "location": "global",
        "privateZoneName": "privatelink.api.azureml.ms",
        "virtualNetworkLinkName": "link",
        "registrationEnabled": False,
        "virtualNetwork": {"id": SUBNET.rpartition("/subnets/")[0]},
    },
}
