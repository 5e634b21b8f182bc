"""What the platform adds to a resource: ids, addresses, states, defaults, as the REST reference shows them.

Everything is made from the id alone, so that a second look gives the same answer.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.ids import Type

TENANT = "00000000-0000-0000-0000-00000000000a"
CLIENT = "00000000-0000-0000-0000-00000000000c"
WHEN = "2026-01-01T00:00:00Z"
Body = dict[str, Any]


def guid(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts).lower()))


def secret(*parts: str) -> str:
    """A key, the same for the same parts."""
    return hashlib.sha256("/".join(parts).lower().encode()).hexdigest()


def host(id: str, region: str) -> str:
    """The host name of an online or batch endpoint."""
    return f"{ids.last(id)}.{region.lower().replace(' ', '')}.inference.ml.azure.com"


def _props(**properties: Any) -> Body:
    return {"properties": properties}


def _workspace(id: str, body: Body) -> Body:
    region = str(body.get("location", "")).lower().replace(" ", "")
    number = guid(id, "workspace")
    return {
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        **_props(
            provisioningState="Succeeded",
            workspaceId=number,
            tenantId=TENANT,
            discoveryUrl=f"https://{region}.api.azureml.ms/discovery",
            mlFlowTrackingUri=f"azureml://{region}.api.azureml.ms/mlflow/v1.0{id}",
            publicNetworkAccess="Enabled",
            privateLinkCount=0,
            storageHnsEnabled=False,
            v1LegacyMode=False,
            hbiWorkspace=False,
            notebookInfo={
                "resourceId": secret(id)[:32],
                "fqdn": f"ml-{ids.last(id)}-{region}.notebooks.azure.net",
            },
        ),
    }


def _online(id: str, body: Body) -> Body:
    name = host(id, str(body.get("location", "")))
    return _props(
        provisioningState="Succeeded",
        scoringUri=f"https://{name}/score",
        swaggerUri=f"https://{name}/swagger.json",
        publicNetworkAccess="Enabled",
        traffic={},
        mirrorTraffic={},
        properties={},
    )


def _batch(id: str, body: Body) -> Body:
    name = host(id, str(body.get("location", "")))
    return _props(
        provisioningState="Succeeded", scoringUri=f"https://{name}/jobs", swaggerUri=None, properties={}
    )


def _deployment(id: str, body: Body) -> Body:
    return _props(
        provisioningState="Succeeded",
        appInsightsEnabled=False,
        egressPublicNetworkAccess="Enabled",
        scaleSettings={"scaleType": "Default"},
        requestSettings={
            "maxConcurrentRequestsPerInstance": 1,
            "maxQueueWait": "PT0S",
            "requestTimeout": "PT5S",
        },
    )


def _batch_deployment(id: str, body: Body) -> Body:
    return _props(
        provisioningState="Succeeded",
        errorThreshold=-1,
        loggingLevel="Info",
        maxConcurrencyPerInstance=1,
        miniBatchSize=10,
        outputAction="AppendRow",
        outputFileName="predictions.csv",
        retrySettings={"maxRetries": 3, "timeout": "PT30S"},
    )


def _compute(id: str, body: Body) -> Body:
    kind = (body.get("properties") or {}).get("computeType")
    inner: Body = {}
    if kind == "AmlCompute":
        inner = {"allocationState": "Steady", "currentNodeCount": 0, "targetNodeCount": 0, "osType": "Linux",
                 "vmPriority": "Dedicated", "errors": None}  # fmt: skip
    elif kind == "ComputeInstance":
        inner = {"state": "Running", "applications": []}
    return _props(
        provisioningState="Succeeded",
        createdOn=WHEN,
        modifiedOn=WHEN,
        isAttachedCompute=kind in ("Kubernetes", "AKS"),
        disableLocalAuth=False,
        **({"properties": inner} if inner else {}),
    )


def _container(id: str, body: Body) -> Body:
    return _props(isArchived=False, provisioningState="Succeeded", latestVersion=None, nextVersion="1")


def _version(id: str, body: Body) -> Body:
    empty: Body = {"properties": {}, "tags": {}}
    return _props(isAnonymous=False, isArchived=False, provisioningState="Succeeded", **empty)


def _model(id: str, body: Body) -> Body:
    made = _version(id, body)
    made["properties"] |= {"flavors": {}, "modelType": "custom_model"}
    return made


def _environment(id: str, body: Body) -> Body:
    return _props(
        isAnonymous=False,
        isArchived=False,
        provisioningState="Succeeded",
        environmentType="UserCreated",
        osType="Linux",
        autoRebuild="Disabled",
    )


def _storage(id: str, body: Body) -> Body:
    name, region = ids.last(id), str(body.get("location", ""))
    kinds = ("blob", "dfs", "file", "queue", "table")
    return _props(
        provisioningState="Succeeded",
        primaryEndpoints={kind: f"https://{name}.{kind}.core.windows.net/" for kind in kinds},
        primaryLocation=region,
        statusOfPrimary="available",
        creationTime=WHEN,
        supportsHttpsTrafficOnly=True,
        isHnsEnabled=False,
    )


def _cluster(id: str, body: Body) -> Body:
    inner, region = body.get("properties") or {}, str(body.get("location", ""))
    prefix = inner.get("dnsPrefix") or ids.last(id)
    group = ids.last(str(ids.group_of(id)))
    return _props(
        provisioningState="Succeeded",
        powerState={"code": "Running"},
        kubernetesVersion="1.33",
        currentKubernetesVersion="1.33.2",
        fqdn=f"{prefix}-{secret(id)[:8]}.hcp.{region}.azmk8s.io",
        nodeResourceGroup=f"MC_{group}_{ids.last(id)}_{region}",
        identityProfile={
            "kubeletidentity": {
                "clientId": guid(id, "kubelet", "client"),
                "objectId": guid(id, "kubelet"),
                "resourceId": f"{ids.group_of(id)}/providers/Microsoft.ManagedIdentity/"
                f"userAssignedIdentities/{ids.last(id)}-agentpool",
            }
        },
        oidcIssuerProfile=_issuer(id, inner, region),
        maxAgentPools=100,
        enableRBAC=True,
    )


def _issuer(id: str, inner: Body, region: str) -> Body:
    """Whose tokens of service accounts are believed (azure/aks/use-oidc-issuer: the form of the address)."""
    if not (inner.get("oidcIssuerProfile") or {}).get("enabled"):
        return {"enabled": False}
    return {"issuerURL": f"https://{region}.oic.prod-aks.azure.com/{TENANT}/{guid(id, 'issuer')}/"}


def _job(id: str, body: Body) -> Body:
    return _props(
        status="NotStarted",
        isArchived=False,
        services={
            "Studio": {
                "jobServiceType": "Studio",
                "endpoint": f"https://ml.azure.com/runs/{ids.last(id)}?wsid={ids.workspace_of(id)}",
                "port": None,
            }
        },
    )


_ML = "machinelearningservices:"
_DONE: Callable[[str, Body], Body] = lambda _id, _body: _props(provisioningState="Succeeded")  # noqa: E731
_NOTHING: Callable[[str, Body], Body] = lambda _id, _body: {}  # noqa: E731

_TABLE: Mapping[str, Callable[[str, Body], Body]] = {
    "storage:StorageAccount": _storage,
    "storage:BlobContainer": lambda id, body: _props(
        publicAccess="None", leaseStatus="Unlocked", leaseState="Available", hasImmutabilityPolicy=False,
        hasLegalHold=False, lastModifiedTime=WHEN, defaultEncryptionScope="$account-encryption-key",
        denyEncryptionScopeOverride=False) | {"etag": f'"{secret(id)[:16]}"'},
    "keyvault:Vault": lambda id, body: _props(
        provisioningState="Succeeded", vaultUri=f"https://{ids.last(id)}.vault.azure.net/",
        enableSoftDelete=True, softDeleteRetentionInDays=90),
    "keyvault:Secret": lambda id, body: _props(
        secretUri=f"https://{id.split('/')[-3]}.vault.azure.net/secrets/{ids.last(id)}",
        secretUriWithVersion=f"https://{id.split('/')[-3]}.vault.azure.net/secrets/{ids.last(id)}/{secret(id)[:32]}",
        attributes={"enabled": True, "created": 1767225600, "updated": 1767225600}),
    "applicationinsights:Component": lambda id, body: _props(
        provisioningState="Succeeded", AppId=guid(id, "app"), ApplicationId=ids.last(id), TenantId=TENANT,
        InstrumentationKey=guid(id, "key"), CreationDate=WHEN,
        ConnectionString=f"InstrumentationKey={guid(id, 'key')};IngestionEndpoint=https://"
        f"{body.get('location')}.in.applicationinsights.azure.com/"),
    "operationalinsights:Workspace": lambda id, body: _props(
        provisioningState="Succeeded", customerId=guid(id, "customer"), createdDate=WHEN, modifiedDate=WHEN,
        retentionInDays=30, sku={"name": "PerGB2018"}),
    "containerregistry:Registry": lambda id, body: _props(
        provisioningState="Succeeded", loginServer=f"{ids.last(id).lower()}.azurecr.io", creationDate=WHEN),
    "managedidentity:UserAssignedIdentity": lambda id, body: _props(
        principalId=guid(id, "principal"), clientId=guid(id, "client"), tenantId=TENANT),
    "authorization:RoleAssignment": lambda id, body: _props(
        scope=id.lower().rpartition("/providers/")[0], createdOn=WHEN, updatedOn=WHEN, createdBy=CLIENT,
        updatedBy=CLIENT),
    "network:VirtualNetwork": lambda id, body: _props(provisioningState="Succeeded", resourceGuid=guid(id)),
    "network:Subnet": _DONE,
    "network:NetworkSecurityGroup": lambda id, body: _props(
        provisioningState="Succeeded", resourceGuid=guid(id), defaultSecurityRules=[]),
    "network:PrivateEndpoint": lambda id, body: _props(
        provisioningState="Succeeded", customDnsConfigs=[],
        networkInterfaces=[{"id": f"{ids.group_of(id)}/providers/Microsoft.Network/networkInterfaces/"
                                  f"{ids.last(id)}.nic.{guid(id)}"}]),
    "network:PrivateDnsZoneGroup": _DONE,
    "privatedns:PrivateZone": lambda id, body: _props(
        provisioningState="Succeeded", numberOfRecordSets=1, maxNumberOfRecordSets=25000,
        maxNumberOfVirtualNetworkLinks=1000, numberOfVirtualNetworkLinks=0),
    "privatedns:VirtualNetworkLink": lambda id, body: _props(
        provisioningState="Succeeded", virtualNetworkLinkState="Completed"),
    _ML + "Workspace": _workspace,
    _ML + "Registry": lambda id, body: _props(
        discoveryUrl=f"https://{body.get('location')}.api.azureml.ms/registrymanagement/v1.0/registries/"
        f"{ids.last(id)}/discovery",
        mlFlowRegistryUri=f"azureml://{body.get('location')}.api.azureml.ms/mlflow/v1.0{id}",
        publicNetworkAccess="Enabled",
        managedResourceGroup={"resourceId": f"/subscriptions/{id.split('/')[2]}/resourceGroups/azureml-rg-"
                                            f"{ids.last(id)}_{guid(id)}"}),
    _ML + "Compute": _compute,
    **{_ML + f"{kind}Container": _container
       for kind in ("Data", "Model", "Environment", "Code", "Component")},
    **{_ML + f"{kind}Version": _version for kind in ("Data", "Code", "Component")},
    _ML + "ModelVersion": _model,
    _ML + "EnvironmentVersion": _environment,
    _ML + "Datastore": lambda id, body: _props(
        isDefault=False, protocol="https", endpoint="core.windows.net"),
    _ML + "OnlineEndpoint": _online,
    _ML + "OnlineDeployment": _deployment,
    _ML + "BatchEndpoint": _batch,
    _ML + "BatchDeployment": _batch_deployment,
    _ML + "Schedule": lambda id, body: _props(provisioningState="Succeeded", isEnabled=True),
    _ML + "Job": _job,
    _ML + "WorkspaceConnection": lambda id, body: _props(group="Azure", isSharedToAll=False),
    _ML + "ManagedNetworkSettingsRule": lambda id, body: _props(status="Inactive", category="UserDefined"),
    _ML + "PrivateEndpointConnection": _DONE,
    "monitor:AutoscaleSetting": lambda id, body: _props(
        name=ids.last(id), targetResourceLocation=body.get("location")),
    "monitor:MetricAlert": lambda id, body: _props(autoMitigate=True, lastUpdatedTime=WHEN),
    "monitor:ActionGroup": _NOTHING,
    "monitor:ScheduledQueryRule": lambda id, body: _props(
        createdWithApiVersion="2023-12-01", isLegacyLogAnalyticsRule=False, autoMitigate=True,
        isWorkspaceAlertsStorageConfigured=False),
    "monitor:DiagnosticSetting": _NOTHING,
    "consumption:Budget": lambda id, body: _props(currentSpend={"amount": 0, "unit": "USD"}),
    "containerservice:ManagedCluster": _cluster,
    "containerservice:AgentPool": lambda id, body: _props(
        provisioningState="Succeeded", powerState={"code": "Running"}, currentOrchestratorVersion="1.33.2",
        nodeImageVersion="AKSUbuntu-2204gen2containerd-202511.01.0", osType="Linux",
        type="VirtualMachineScaleSets"),
    "kubernetesconfiguration:Extension": lambda id, body: _props(
        provisioningState="Succeeded", isSystemExtension=False, currentVersion="1.1.80",
        releaseTrain="Stable"),
    "portal:Dashboard": _NOTHING,
    "resources:ResourceGroup": _DONE,
}  # fmt: skip


def additions(type: Type, id: str, body: Body) -> Body:
    """What the platform adds to a body that was put under an id."""
    added = _TABLE[type.kind](id, body)
    identity = body.get("identity")
    kind = str(identity.get("type", "")) if isinstance(identity, dict) else ""
    if "SystemAssigned" in kind:
        added["identity"] = {"principalId": guid(id, "principal"), "tenantId": TENANT}
    if "UserAssigned" in kind and isinstance(identity, dict):
        names = identity.get("userAssignedIdentities") or {}
        added.setdefault("identity", {})["userAssignedIdentities"] = {
            one: {"principalId": guid(one, "principal"), "clientId": guid(one, "client")} for one in names
        }
    return added


def completed(body: Any, added: Any) -> Any:
    """A body with what is added where it says nothing. Read-only values are the platform's own word."""
    if not (isinstance(body, dict) and isinstance(added, dict)):
        return added if body is None else body
    return body | {key: completed(body.get(key), one) for key, one in added.items()}


_ENDPOINT = frozenset({"scoringUri", "swaggerUri"})
_COUNTED = frozenset({"latestVersion", "nextVersion"})
_OWN: Mapping[str, frozenset[str]] = {
    _ML + "OnlineEndpoint": _ENDPOINT,
    _ML + "BatchEndpoint": _ENDPOINT,
    _ML + "Workspace": frozenset({"workspaceId"}),
    _ML + "Compute": frozenset({"createdOn", "modifiedOn"}),
    _ML + "Job": frozenset({"status", "services"}),
    **{_ML + f"{kind}Container": _COUNTED for kind in ("Data", "Model", "Environment", "Code", "Component")},
    "managedidentity:UserAssignedIdentity": frozenset({"principalId", "clientId", "tenantId"}),
}


def read_only(kind: str) -> frozenset[str]:
    """Properties that the platform alone sets; what a caller puts there is passed over."""
    return _OWN.get(kind, frozenset()) | {"provisioningState"}


#: Outputs that no update changes.
STABLE = frozenset(
    {"name", "type", "azureApiVersion", "principalId", "clientId", "tenantId", "workspaceId", "customerId",
     "loginServer", "primaryEndpoints", "primaryLocation", "creationTime", "createdDate", "creationDate",
     "instrumentationKey", "appId", "discoveryUrl", "mlFlowTrackingUri", "resourceGuid", "fqdn",
     "nodeResourceGroup"}
)  # fmt: skip
