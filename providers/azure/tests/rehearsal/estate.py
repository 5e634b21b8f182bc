"""A small estate of every type: inputs as pulumi-azure-native sends them, each as the platform takes them."""

from __future__ import annotations

from typing import Any

from .where import (
    ACTIONS,
    CODE,
    COMPUTE,
    DEPLOYMENT,
    ENDPOINT,
    ENVIRONMENT,
    GROUP,
    INSIGHTS,
    LOGS,
    MODEL,
    ROLE,
    STORAGE,
    SUBNET,
    TENANT,
    VAULT,
    WORKSPACE,
    ZONE,
)

_RG: dict[str, Any] = {"resourceGroupName": "rg"}
_WS: dict[str, Any] = {**_RG, "workspaceName": "work"}
_HERE: dict[str, Any] = {"location": "westeurope"}
_STORE = "azureml://datastores/workspaceblobstore/paths"
COMMAND: dict[str, Any] = {
    "jobType": "Command",
    "command": "python train.py --data ${{inputs.data}} --out ${{outputs.model}}",
    "environmentId": ENVIRONMENT,
    "codeId": CODE,
    "computeId": COMPUTE,
    "inputs": {"data": {"jobInputType": "uri_file", "uri": f"{WORKSPACE}/data/digits/versions/abc"}},
    "outputs": {"model": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"}},
    "limits": {"jobLimitsType": "Command", "timeout": "PT2H"},
    "resources": {"instanceCount": 1.0},
}
CRON: dict[str, Any] = {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC"}

#: Short token -> inputs. In an order in which each finds what it needs.
ESTATE: dict[str, dict[str, Any]] = {
    "resources:ResourceGroup": {**_RG, **_HERE, "tags": {"team": "vision"}},
    "managedidentity:UserAssignedIdentity": {**_RG, **_HERE, "resourceName": "who"},
    "operationalinsights:Workspace": {**_RG, **_HERE, "workspaceName": "logs", "sku": {"name": "PerGB2018"}},
    "applicationinsights:Component": {
        **_RG,
        **_HERE,
        "resourceName": "insights",
        "kind": "web",
        "applicationType": "web",
        "workspaceResourceId": LOGS,
    },
    "storage:StorageAccount": {
        **_RG,
        **_HERE,
        "accountName": "stor1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "minimumTlsVersion": "TLS1_2",
        "enableHttpsTrafficOnly": True,
    },
    "storage:BlobContainer": {**_RG, "accountName": "stor1", "containerName": "data"},
    "keyvault:Vault": {
        **_RG,
        **_HERE,
        "vaultName": "vault-1",
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        },
    },
    "keyvault:Secret": {
        **_RG,
        "vaultName": "vault-1",
        "secretName": "token",
        "properties": {"value": "hidden"},
    },
    "containerregistry:Registry": {**_RG, **_HERE, "registryName": "registry1", "sku": {"name": "Basic"}},
    "authorization:RoleAssignment": {
        "scope": STORAGE,
        "roleAssignmentName": "11111111-1111-1111-1111-111111111111",
        "principalId": "22222222-2222-2222-2222-222222222222",
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{ROLE}/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    },
    "network:NetworkSecurityGroup": {**_RG, **_HERE, "networkSecurityGroupName": "nsg"},
    "network:VirtualNetwork": {
        **_RG,
        **_HERE,
        "virtualNetworkName": "net",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
    },
    "network:Subnet": {
        **_RG,
        "virtualNetworkName": "net",
        "subnetName": "inner",
        "addressPrefix": "10.0.1.0/24",
    },
    "privatedns:PrivateZone": {**_RG, "location": "global", "privateZoneName": "privatelink.api.azureml.ms"},
    "privatedns:VirtualNetworkLink": {
        **_RG,
        "location": "global",
        "privateZoneName": "privatelink.api.azureml.ms",
        "virtualNetworkLinkName": "link",
        "registrationEnabled": False,
        "virtualNetwork": {"id": SUBNET.rpartition("/subnets/")[0]},
    },
    "machinelearningservices:Workspace": {
        **_WS,
        **_HERE,
        "identity": {"type": "SystemAssigned"},
        "storageAccount": STORAGE,
        "keyVault": VAULT,
        "applicationInsights": INSIGHTS,
        "friendlyName": "Digits",
        "tags": {"team": "vision"},
    },
    "machinelearningservices:Registry": {
        **_RG,
        **_HERE,
        "registryName": "shared",
        "identity": {"type": "SystemAssigned"},
        "regionDetails": [{"location": "westeurope"}],
    },
    "network:PrivateEndpoint": {
        **_RG,
        **_HERE,
        "privateEndpointName": "pe",
        "subnet": {"id": SUBNET},
        "privateLinkServiceConnections": [
            {"name": "ml", "privateLinkServiceId": WORKSPACE, "groupIds": ["amlworkspace"]}
        ],
    },
    "network:PrivateDnsZoneGroup": {
        **_RG,
        "privateEndpointName": "pe",
        "privateDnsZoneGroupName": "default",
        "privateDnsZoneConfigs": [
            {
                "name": "ml",
                "privateDnsZoneId": ZONE,
            }
        ],
    },
    "machinelearningservices:PrivateEndpointConnection": {
        **_WS,
        "privateEndpointConnectionName": "own",
        "privateLinkServiceConnectionState": {"status": "Approved", "description": "yes"},
    },
    "machinelearningservices:ManagedNetworkSettingsRule": {
        **_WS,
        "ruleName": "pypi",
        "properties": {"type": "FQDN", "destination": "pypi.org"},
    },
    "machinelearningservices:WorkspaceConnection": {
        **_WS,
        "connectionName": "feed",
        "properties": {
            "authType": "PAT",
            "category": "PythonFeed",
            "target": "https://example.com",
            "credentials": {"pat": "hidden"},
        },
    },
    "machinelearningservices:Compute": {
        **_WS,
        **_HERE,
        "computeName": "train",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "Standard_D4s_v3",
                "vmPriority": "LowPriority",
                "scaleSettings": {
                    "minNodeCount": 0.0,
                    "maxNodeCount": 4.0,
                    "nodeIdleTimeBeforeScaleDown": "PT10M",
                },
            },
        },
    },
    "machinelearningservices:Datastore": {
        **_WS,
        "name": "extra",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "stor1",
            "containerName": "data",
            "credentials": {"credentialsType": "None"},
        },
    },
    "machinelearningservices:EnvironmentContainer": {
        **_WS,
        "name": "sk",
        "properties": {"description": "sk"},
    },
    "machinelearningservices:EnvironmentVersion": {
        **_WS,
        "name": "sk",
        "version": "abc",
        "properties": {
            "image": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
            "condaFile": "dependencies: [python=3.11]",
        },
    },
    "machinelearningservices:DataContainer": {
        **_WS,
        "name": "digits",
        "properties": {"dataType": "uri_file", "description": "digits"},
    },
    "machinelearningservices:DataVersion": {
        **_WS,
        "name": "digits",
        "version": "abc",
        "properties": {"dataType": "uri_file", "dataUri": f"{_STORE}/digits.csv"},
    },
    "machinelearningservices:ModelContainer": {**_WS, "name": "digits", "properties": {"description": "m"}},
    "machinelearningservices:ModelVersion": {
        **_WS,
        "name": "digits",
        "version": "abc",
        "properties": {"modelType": "mlflow_model", "modelUri": f"{_STORE}/model/"},
    },
    "machinelearningservices:CodeContainer": {**_WS, "name": "score", "properties": {"description": "c"}},
    "machinelearningservices:CodeVersion": {
        **_WS,
        "name": "score",
        "version": "1",
        "properties": {"codeUri": "https://stor1.blob.core.windows.net/data/code"},
    },
    "machinelearningservices:ComponentContainer": {**_WS, "name": "step", "properties": {"description": "s"}},
    "machinelearningservices:ComponentVersion": {
        **_WS,
        "name": "step",
        "version": "1",
        "properties": {"componentSpec": {"type": "command", "command": "echo hi", "name": "step"}},
    },
    "machinelearningservices:OnlineEndpoint": {
        **_WS,
        **_HERE,
        "endpointName": "digits",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key"},
    },
    "machinelearningservices:OnlineDeployment": {
        **_WS,
        **_HERE,
        "endpointName": "digits",
        "deploymentName": "blue",
        "sku": {"name": "Default", "capacity": 1.0},
        "properties": {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS3_v2",
            "model": MODEL,
            "requestSettings": {"requestTimeout": "PT60S"},
            "dataCollector": {
                "collections": {"model_inputs": {"dataCollectionMode": "Enabled", "samplingRate": 1.0}}
            },
        },
    },
    "machinelearningservices:BatchEndpoint": {
        **_WS,
        **_HERE,
        "endpointName": "nightly",
        "properties": {"authMode": "AADToken"},
    },
    "machinelearningservices:BatchDeployment": {
        **_WS,
        **_HERE,
        "endpointName": "nightly",
        "deploymentName": "main",
        "properties": {
            "model": {"referenceType": "Id", "assetId": MODEL},
            "compute": COMPUTE,
            "miniBatchSize": 100.0,
            "errorThreshold": 10.0,
        },
    },
    "machinelearningservices:Job": {**_WS, "id": "train-1", "properties": COMMAND},
    "machinelearningservices:Schedule": {
        **_WS,
        "name": "every-night",
        "properties": {
            "displayName": "every night",
            "trigger": CRON,
            "action": {"actionType": "CreateJob", "jobDefinition": COMMAND},
        },
    },
    "monitor:AutoscaleSetting": {
        **_RG,
        **_HERE,
        "autoscaleSettingName": "scale",
        "enabled": True,
        "targetResourceUri": DEPLOYMENT,
        "profiles": [
            {
                "name": "default",
                "capacity": {"minimum": "1", "maximum": "5", "default": "1"},
                "rules": [
                    {
                        "metricTrigger": {
                            "metricName": "CpuUtilizationPercentage",
                            "metricResourceUri": DEPLOYMENT,
                            "timeGrain": "PT1M",
                            "statistic": "Average",
                            "timeWindow": "PT5M",
                            "timeAggregation": "Average",
                            "operator": "GreaterThan",
                            "threshold": 70.0,
                        },
                        "scaleAction": {
                            "direction": "Increase",
                            "type": "ChangeCount",
                            "value": "1",
                            "cooldown": "PT5M",
                        },
                    }
                ],
            }
        ],
    },
    "monitor:ActionGroup": {
        **_RG,
        "location": "global",
        "actionGroupName": "oncall",
        "groupShortName": "oncall",
        "enabled": True,
        "emailReceivers": [{"name": "ml", "emailAddress": "ml@example.com", "useCommonAlertSchema": True}],
    },
    "monitor:MetricAlert": {
        **_RG,
        "location": "global",
        "ruleName": "slow",
        "enabled": True,
        "severity": 2.0,
        "scopes": [ENDPOINT],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "actions": [{"actionGroupId": ACTIONS}],
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "p95",
                    "operator": "GreaterThan",
                    "metricName": "RequestLatency_P95",
                    "timeAggregation": "Average",
                    "threshold": 200.0,
                }
            ],
        },
    },
    "monitor:ScheduledQueryRule": {
        **_RG,
        **_HERE,
        "ruleName": "errors",
        "enabled": True,
        "severity": 2.0,
        "scopes": [LOGS],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "actions": {"actionGroups": [ACTIONS]},
        "criteria": {
            "allOf": [
                {
                    "query": "AppExceptions",
                    "timeAggregation": "Count",
                    "operator": "GreaterThan",
                    "threshold": 0.0,
                }
            ]
        },
    },
    "monitor:DiagnosticSetting": {
        "resourceUri": WORKSPACE,
        "name": "to-logs",
        "workspaceId": LOGS,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    },
    "consumption:Budget": {
        "scope": GROUP.strip("/"),
        "budgetName": "month",
        "amount": 500.0,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2026-11-01T00:00:00Z"},
        "notifications": {
            "at80": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": 80.0,
                "contactEmails": ["ml@example.com"],
            }
        },
    },
    "containerservice:ManagedCluster": {
        **_RG,
        **_HERE,
        "resourceName": "aks",
        "dnsPrefix": "aks",
        "identity": {"type": "SystemAssigned"},
        "agentPoolProfiles": [
            {"name": "system", "mode": "System", "count": 1.0, "vmSize": "Standard_D4s_v3"}
        ],
    },
    "containerservice:AgentPool": {
        **_RG,
        "resourceName": "aks",
        "agentPoolName": "gpu",
        "vmSize": "Standard_NC4as_T4_v3",
        "mode": "User",
        "enableAutoScaling": True,
        "minCount": 0.0,
        "maxCount": 2.0,
        "count": 0.0,
    },
    "kubernetesconfiguration:Extension": {
        **_RG,
        "clusterRp": "Microsoft.ContainerService",
        "clusterResourceName": "managedClusters",
        "clusterName": "aks",
        "extensionName": "ml",
        "extensionType": "Microsoft.AzureML.Kubernetes",
        "configurationSettings": {"enableTraining": "True"},
    },
    "portal:Dashboard": {**_RG, **_HERE, "dashboardName": "board-1", "properties": {"lenses": []}},
}
