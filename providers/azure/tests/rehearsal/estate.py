"""A small estate of every type: inputs as pulumi-azure-native sends them, each as the platform takes them."""

from __future__ import annotations

from typing import Any

from .around import AROUND
from .ground import GROUND
from .where import CODE, COMPUTE, ENVIRONMENT, HERE, INSIGHTS, MODEL, RG, STORAGE, VAULT, WORKSPACE, WS

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

_WORKSPACE: dict[str, dict[str, Any]] = {
    "machinelearningservices:Workspace": {
        **WS,
        **HERE,
        "identity": {"type": "SystemAssigned"},
        "storageAccount": STORAGE,
        "keyVault": VAULT,
        "applicationInsights": INSIGHTS,
        "friendlyName": "Digits",
        "tags": {"team": "vision"},
    },
    "machinelearningservices:Registry": {
        **RG,
        **HERE,
        "registryName": "shared",
        "identity": {"type": "SystemAssigned"},
        "regionDetails": [{"location": "westeurope"}],
    },
    "machinelearningservices:ManagedNetworkSettingsRule": {
        **WS,
        "ruleName": "pypi",
        "properties": {"type": "FQDN", "destination": "pypi.org"},
    },
    "machinelearningservices:WorkspaceConnection": {
        **WS,
        "connectionName": "feed",
        "properties": {
            "authType": "PAT",
            "category": "PythonFeed",
            "target": "https://example.com",
            "credentials": {"pat": "hidden"},
        },
    },
    "machinelearningservices:Compute": {
        **WS,
        **HERE,
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
        **WS,
        "name": "extra",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "stor1",
            "containerName": "data",
            "credentials": {"credentialsType": "None"},
        },
    },
    "machinelearningservices:EnvironmentContainer": {
        **WS,
        "name": "sk",
        "properties": {"description": "sk"},
    },
    "machinelearningservices:EnvironmentVersion": {
        **WS,
        "name": "sk",
        "version": "abc",
        "properties": {
            "image": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
            "condaFile": "dependencies: [python=3.11]",
        },
    },
    "machinelearningservices:DataContainer": {
        **WS,
        "name": "digits",
        "properties": {"dataType": "uri_file", "description": "digits"},
    },
    "machinelearningservices:DataVersion": {
        **WS,
        "name": "digits",
        "version": "abc",
        "properties": {"dataType": "uri_file", "dataUri": f"{_STORE}/digits.csv"},
    },
    "machinelearningservices:ModelContainer": {**WS, "name": "digits", "properties": {"description": "m"}},
    "machinelearningservices:ModelVersion": {
        **WS,
        "name": "digits",
        "version": "abc",
        "properties": {"modelType": "mlflow_model", "modelUri": f"{_STORE}/model/"},
    },
    "machinelearningservices:CodeContainer": {**WS, "name": "score", "properties": {"description": "c"}},
    "machinelearningservices:CodeVersion": {
        **WS,
        "name": "score",
        "version": "1",
        "properties": {"codeUri": "https://stor1.blob.core.windows.net/data/code"},
    },
    "machinelearningservices:ComponentContainer": {**WS, "name": "step", "properties": {"description": "s"}},
    "machinelearningservices:ComponentVersion": {
        **WS,
        "name": "step",
        "version": "1",
        "properties": {"componentSpec": {"type": "command", "command": "echo hi", "name": "step"}},
    },
    "machinelearningservices:OnlineEndpoint": {
        **WS,
        **HERE,
        "endpointName": "digits",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key"},
    },
    "machinelearningservices:OnlineDeployment": {
        **WS,
        **HERE,
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
        **WS,
        **HERE,
        "endpointName": "nightly",
        "properties": {"authMode": "AADToken"},
    },
    "machinelearningservices:BatchDeployment": {
        **WS,
        **HERE,
        "endpointName": "nightly",
        "deploymentName": "main",
        "properties": {
            "model": {"referenceType": "Id", "assetId": MODEL},
            "compute": COMPUTE,
            "miniBatchSize": 100.0,
            "errorThreshold": 10.0,
        },
    },
    "machinelearningservices:Job": {**WS, "id": "train-1", "properties": COMMAND},
    "machinelearningservices:Schedule": {
        **WS,
        "name": "every-night",
        "properties": {
            "displayName": "every night",
            "trigger": CRON,
            "action": {"actionType": "CreateJob", "jobDefinition": COMMAND},
        },
    },
}

#: Short token -> inputs. In an order in which each finds what it needs.
ESTATE: dict[str, dict[str, Any]] = {**GROUND, **_WORKSPACE, **AROUND}
