"""For each rule an example that is refused and a near one that passes: the estate's inputs, changed.

A change is a map of paths to values; None takes a value out, REMOVE the whole branch.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from .estate import CRON, ESTATE
from .where import CLUSTER, CODE, ENVIRONMENT, IDENTITY, STORAGE

ML = "machinelearningservices:"
Change = dict[str, Any]


class Example(NamedTuple):
    """``both`` holds for the refused and for the passing example."""

    code: str
    kind: str
    refused: Change
    passes: Change
    both: Change = {}  # noqa: RUF012 - never changed


def inputs(kind: str, *changes: Change) -> dict[str, Any]:
    """The estate's inputs of a type with changes at paths."""
    made = copy.deepcopy(ESTATE[kind])
    for change in changes:
        for path, value in change.items():
            *above, last = path.split(".")
            at = made
            for key in above:
                at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})  # type: ignore[assignment]
            if isinstance(at, list):
                at[int(last)] = value
            elif value is None:
                at.pop(last, None)
            else:
                at[last] = value
    return made


def _swap(code: str, kind: str, path: str, bad: Any, good: Any, **both: Any) -> Example:
    return Example(code, kind, {path: bad}, {path: good}, both)


P = "properties."
_ALERT, _QUERY, _SCALE, _GROUP = (
    "monitor:MetricAlert",
    "monitor:ScheduledQueryRule",
    "monitor:AutoscaleSetting",
    "monitor:ActionGroup",
)
_DATA, _MODEL, _ENV, _CODE = (f"{ML}{one}Version" for one in ("Data", "Model", "Environment", "Code"))
_COMPUTE, _ONLINE, _ENDPOINT = f"{ML}Compute", f"{ML}OnlineDeployment", f"{ML}OnlineEndpoint"
_BATCH, _JOB, _SCHEDULE, _WORKSPACE = f"{ML}BatchDeployment", f"{ML}Job", f"{ML}Schedule", f"{ML}Workspace"
_STORAGE, _VAULT, _ACR = "storage:StorageAccount", "keyvault:Vault", "containerregistry:Registry"
_ROLE, _BUDGET = "authorization:RoleAssignment", "consumption:Budget"
_INNER = "properties.properties."
_PROFILE, _RULE = "profiles.0.", "profiles.0.rules.0."
_ROUTES = {f"{name}Route": {"path": "/x", "port": 80} for name in ("liveness", "readiness", "scoring")}
_KEY = "https://vault-1.vault.azure.net/keys/k/1"
_T = "properties.trigger."
_STEP = {"inputs": {"x": {"value": "${{parent.jobs.a.outputs.y}}"}}}

EXAMPLES = [
    _swap("alert-frequency", _ALERT, "evaluationFrequency", "PT2M", "PT1M"),
    _swap("alert-window", _ALERT, "windowSize", "PT10M", "PT30M"),
    _swap("alert-severity", _ALERT, "severity", 5.0, 4.0),
    _swap("query-severity", _QUERY, "severity", 5.0, 0.0),
    _swap("alert-window-frequency", _ALERT, "windowSize", "PT1M", "PT5M"),
    _swap("alert-location", _ALERT, "location", "westeurope", "global"),
    _swap("alert-scopes", _ALERT, "scopes", ["digits"], [STORAGE]),
    _swap("alert-criteria", _ALERT, "criteria.allOf.0.timeAggregation", "Median", "Maximum"),
    _swap("autoscale-profiles", _SCALE, "profiles", [], ESTATE[_SCALE]["profiles"]),
    _swap("autoscale-capacity", _SCALE, _PROFILE + "capacity.default", "6", "5"),
    _swap("autoscale-rules", _SCALE, _RULE + "metricTrigger.timeWindow", "PT4M", "PT10M"),
    _swap("autoscale-floor", _SCALE, _PROFILE + "capacity.minimum", "0", "1"),
    _swap("action-group-short", _GROUP, "groupShortName", "thirteenchars", "twelve-chars"),
    _swap("action-group-receivers", _GROUP, "emailReceivers.0.emailAddress", "nobody", "a@example.com"),
    _swap("query-times", _QUERY, "windowSize", "15m", "PT15M"),
    _swap("diagnostic-target", "monitor:DiagnosticSetting", "workspaceId", None, STORAGE),
    _swap("data-type", _DATA, P + "dataType", "file", "uri_file"),
    _swap("data-container-type", f"{ML}DataContainer", P + "dataType", "folder", "uri_folder"),
    _swap("model-type", _MODEL, P + "modelType", "sklearn", "custom_model"),
    _swap("environment-os", _ENV, P + "osType", "macOS", "Linux"),
    _swap("asset-version", _DATA, "version", "a/b", "a.b-1"),
    _swap("data-uri", _DATA, P + "dataUri", "./digits.csv", "https://example.com/digits.csv"),
    _swap("model-uri", _MODEL, P + "modelUri", "model/", "azureml://datastores/workspaceblobstore/paths/m/"),
    _swap("code-uri", _CODE, P + "codeUri", "/src", "https://stor1.blob.core.windows.net/data/src"),
    _swap("folder-uri", _DATA, P + "dataUri", "https://x.io/t/MLTable", "https://x.io/t/",
          **{P + "dataType": "mltable"}),
    _swap("environment-source", _ENV, P + "build", {"contextUri": "https://x.io/c"}, None),
    _swap("environment-image", _ENV, P + "image", "My Image", "my/image:1"),
    _swap("inference-routes", _ENV, P + "inferenceConfig", {"scoringRoute": {"path": "x"}}, _ROUTES),
    _swap("datastore-type", f"{ML}Datastore", P + "datastoreType", "S3", "AzureBlob"),
    _swap("datastore-needs", f"{ML}Datastore", P + "containerName", None, "data"),
    _swap("component-spec", f"{ML}ComponentVersion", P + "componentSpec.type", "shell", "command"),
    _swap("batch-auth", f"{ML}BatchEndpoint", P + "authMode", "Key", "AADToken"),
    _swap("batch-logging", _BATCH, P + "loggingLevel", "Trace", "Debug"),
    _swap("batch-output", _BATCH, P + "outputAction", "Append", "AppendRow"),
    _swap("batch-mini-batch", _BATCH, P + "miniBatchSize", 0.0, 1.0),
    _swap("batch-concurrency", _BATCH, P + "maxConcurrencyPerInstance", 0.0, 2.0),
    _swap("batch-errors", _BATCH, P + "errorThreshold", -2.0, -1.0),
    _swap("batch-instances", _BATCH, P + "resources", {"instanceCount": 0.0}, {"instanceCount": 1.0}),
    _swap("batch-retry", _BATCH, P + "retrySettings", {"timeout": "30s"}, {"timeout": "PT30S"}),
    _swap("batch-work", _BATCH, P + "compute", None, ESTATE[_BATCH]["properties"]["compute"]),
    _swap("batch-model-reference", _BATCH, P + "model.referenceType", "Name", "Id"),
    _swap("batch-code-environment", _BATCH, P + "environmentId", None, ENVIRONMENT,
          **{P + "codeConfiguration": {"codeId": CODE, "scoringScript": "score.py"}}),
    _swap("compute-type", _COMPUTE, P + "computeType", "Cluster", "AmlCompute"),
    _swap("compute-priority", _COMPUTE, _INNER + "vmPriority", "Spot", "LowPriority"),
    _swap("compute-os", _COMPUTE, _INNER + "osType", "linux2", "Linux"),
    _swap("compute-max-nodes", _COMPUTE, _INNER + "scaleSettings.maxNodeCount", 70000.0, 100.0),
    _swap("compute-properties", _COMPUTE, _INNER + "vmSize", None, "Standard_D2s_v3"),
    _swap("compute-vm-size", _COMPUTE, _INNER + "vmSize", "ml.m5.large", "Standard_NC4as_T4_v3"),
    _swap("compute-nodes", _COMPUTE, _INNER + "scaleSettings.minNodeCount", 5.0, 4.0),
    _swap("compute-idle", _COMPUTE, _INNER + "scaleSettings.nodeIdleTimeBeforeScaleDown", "600", "PT600S"),
    _swap("instance-idle-range", _COMPUTE, _INNER + "idleTimeBeforeShutdown", "PT5M", "PT30M",
          **{P + "computeType": "ComputeInstance", _INNER + "scaleSettings": None,
             _INNER + "vmPriority": None}),
    _swap("compute-attached", _COMPUTE, P + "resourceId", None, CLUSTER,
          **{P + "computeType": "Kubernetes", P + "properties": {"namespace": "ml"}}),
    _swap("compute-ssh", _COMPUTE, _INNER + "userAccountCredentials", {"adminUserName": "me"},
          {"adminUserName": "me", "adminUserSshPublicKey": "ssh-rsa x"}),
    _swap("compute-private-nodes", _COMPUTE, _INNER + "remoteLoginPortPublicAccess", "Enabled", "Disabled",
          **{_INNER + "enableNodePublicIp": False}),
    _swap("deployment-compute-type", _ONLINE, P + "endpointComputeType", "Serverless", "Managed"),
    _swap("deployment-egress", _ONLINE, P + "egressPublicNetworkAccess", "Off", "Disabled"),
    _swap("deployment-instances", _ONLINE, "sku.capacity", 51.0, 50.0),
    _swap("managed-instance-type", _ONLINE, P + "instanceType", "Standard_D2s_v3", "Standard_D2as_v4"),
    _swap("deployment-sku", _ONLINE, "sku.name", "Standard", "Default"),
    _swap("managed-scale", _ONLINE, P + "scaleSettings", {"scaleType": "TargetUtilization"},
          {"scaleType": "Default"}),
    _swap("request-timeout", _ONLINE, P + "requestSettings.requestTimeout", "PT181S", "PT3M"),
    _swap("requests-per-instance", _ONLINE, P + "requestSettings.maxConcurrentRequestsPerInstance", 0.0, 1.0),
    _swap("probe-numbers", _ONLINE, P + "readinessProbe", {"failureThreshold": 0.0, "period": "PT10S"},
          {"failureThreshold": 1.0, "period": "PT10S"}),
    _swap("code-both", _ONLINE, P + "codeConfiguration", {"codeId": CODE},
          {"codeId": CODE, "scoringScript": "score.py"}, **{P + "environmentId": ENVIRONMENT}),
    _swap("code-environment", _ONLINE, P + "environmentId", None, ENVIRONMENT,
          **{P + "codeConfiguration": {"codeId": CODE, "scoringScript": "score.py"}}),
    _swap("collector", _ONLINE, P + "dataCollector.collections.model_inputs.samplingRate", 1.5, 0.5),
    _swap("model-needed", _ONLINE, P + "environmentId", None, ENVIRONMENT, **{P + "model": None}),
    _swap("kubernetes-resources", _ONLINE, P + "containerResourceRequirements",
          {"containerResourceLimits": {"cpu": "1"}}, None),
    _swap("storage-kind", _STORAGE, "kind", "StorageV3", "StorageV2"),
    _swap("storage-sku", _STORAGE, "sku.name", "Standard", "Standard_ZRS"),
    _swap("storage-tls", _STORAGE, "minimumTlsVersion", "1.2", "TLS1_2"),
    _swap("vault-sku", _VAULT, P + "sku.name", "basic", "premium"),
    _swap("vault-retention", _VAULT, P + "softDeleteRetentionInDays", 6.0, 7.0),
    _swap("vault-properties", _VAULT, P + "enableRbacAuthorization", False, True),
    _swap("vault-purge", _VAULT, P + "enablePurgeProtection", False, True),
    _swap("secret-value", "keyvault:Secret", P + "value", "x" * 25601, "x" * 25600),
    _swap("registry-sku", _ACR, "sku.name", "Free", "Standard"),
    _swap("registry-premium", _ACR, "sku.name", "Basic", "Premium", publicNetworkAccess="Disabled"),
    _swap("role-principal", _ROLE, "principalType", "Identity", "ServicePrincipal"),
    _swap("role-ids", _ROLE, "roleDefinitionId", "Reader", ESTATE[_ROLE]["roleDefinitionId"]),
    _swap("budget-grain", _BUDGET, "timeGrain", "Weekly", "Quarterly"),
    _swap("budget-category", _BUDGET, "category", "Usage", "Cost"),
    _swap("budget-dates", _BUDGET, "timePeriod.startDate", "2026-11-02T00:00:00Z", "2026-12-01T00:00:00Z"),
    _swap("budget-amount", _BUDGET, "notifications.at80.threshold", 1001.0, 1000.0),
    _swap("logs-retention", "operationalinsights:Workspace", "retentionInDays", 29.0, 30.0),
    _swap("insights-type", "applicationinsights:Component", "applicationType", "api", "other"),
    _swap("tags", _WORKSPACE, "tags", {"a/b": "c"}, {"a-b": "c"}),
    _swap("network-prefix", "network:Subnet", "addressPrefix", "10.0.1.1/24", "10.0.1.0/24"),
    _swap("private-link-group", "network:PrivateEndpoint", "privateLinkServiceConnections.0.groupIds",
          ["workspace"], ["amlworkspace"]),
    _swap("aks-pools", "containerservice:ManagedCluster", "agentPoolProfiles.0.mode", "User", "System"),
    _swap("aks-workload-identity", "containerservice:ManagedCluster",
          "securityProfile.workloadIdentity.enabled", True, False),
    _swap("aks-local-accounts", "containerservice:ManagedCluster", "disableLocalAccounts", True, False),
    _swap("agent-pool", "containerservice:AgentPool", "minCount", 3.0, 2.0),
    _swap("ml-extension", "kubernetesconfiguration:Extension", "configurationSettings",
          {"enableTraining": "False"}, {"enableTraining": "True"}),
    _swap("identity-type", _WORKSPACE, "identity.type", "System", "SystemAssigned"),
    _swap("identity-ids", _ENDPOINT, "identity.userAssignedIdentities", None, [IDENTITY],
          **{"identity.type": "UserAssigned"}),
    _swap("identity-id-form", _ENDPOINT, "identity.userAssignedIdentities", ["who"], [IDENTITY],
          **{"identity.type": "UserAssigned"}),
    _swap("endpoint-one-identity", _ENDPOINT, "identity.type", "SystemAssigned, UserAssigned", "UserAssigned",
          **{"identity.userAssignedIdentities": [IDENTITY]}),
    _swap("workspace-primary-identity", _WORKSPACE, "primaryUserAssignedIdentity", None, IDENTITY,
          identity={"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]}),
    _swap("job-type", _JOB, P + "jobType", "Script", "Command"),
    _swap("job-nodes", _JOB, P + "resources.instanceCount", 0.0, 2.0),
    _swap("job-body", _JOB, P + "command", "python a.py ${{inputs.other}}", "python a.py ${{inputs.data}}"),
    _swap("pipeline-steps", _JOB, P + "jobs", {"b": _STEP}, {"a": {}, "b": _STEP},
          properties={"jobType": "Pipeline"}),
    _swap("trigger-type", _SCHEDULE, _T + "triggerType", "Timer", "Cron"),
    _swap("trigger-frequency", _SCHEDULE, P + "trigger",
          {"triggerType": "Recurrence", "frequency": "Second", "interval": 1.0},
          {"triggerType": "Recurrence", "frequency": "Minute", "interval": 1.0}),
    _swap("action-type", _SCHEDULE, P + "action.actionType", "RunJob", "CreateJob"),
    _swap("schedule-parts", _SCHEDULE, P + "trigger", None, CRON),
    _swap("cron-syntax", _SCHEDULE, _T + "expression", "0 24 * * *", "0 23 * * *"),
    _swap("cron-days", _SCHEDULE, _T + "expression", "0 3 1 * *", "0 3 * * MON"),
    _swap("trigger-times", _SCHEDULE, _T + "endTime", "2026-01-01T00:00:00", "2027-01-01T00:00:00",
          **{_T + "startTime": "2026-06-01T00:00:00"}),
    _swap("recurrence", _SCHEDULE, P + "trigger",
          {"triggerType": "Recurrence", "frequency": "Day", "interval": 1.0,
           "schedule": {"hours": [24.0], "minutes": [0.0]}},
          {"triggerType": "Recurrence", "frequency": "Day", "interval": 1.0,
           "schedule": {"hours": [23.0], "minutes": [0.0]}}),
    _swap("schedule-job", _SCHEDULE, P + "action.jobDefinition.environmentId", None, ENVIRONMENT),
    _swap("schedule-endpoint", _SCHEDULE, P + "action", {"actionType": "InvokeBatchEndpoint"},
          {"actionType": "InvokeBatchEndpoint", "endpointInvocationDefinition": {"a": 1}}),
    _swap("endpoint-auth", _ENDPOINT, P + "authMode", "Token", "AMLToken"),
    _swap("endpoint-public", _ENDPOINT, P + "publicNetworkAccess", "No", "Disabled"),
    _swap("endpoint-auth-needed", _ENDPOINT, P + "authMode", None, "AADToken"),
    _swap("traffic-percent", _ENDPOINT, P + "traffic", {"blue": 150.0, "green": -50.0}, {"blue": 100.0}),
    _swap("traffic-sum", _ENDPOINT, P + "traffic", {"blue": 90.0, "a": 5.0}, {"blue": 90.0, "a": 10.0}),
    _swap("mirror-one", _ENDPOINT, P + "mirrorTraffic", {"a": 10.0, "b": 10.0}, {"a": 10.0, "b": 0.0}),
    _swap("mirror-most", _ENDPOINT, P + "mirrorTraffic", {"a": 51.0}, {"a": 50.0}),
    _swap("mirror-not-live", _ENDPOINT, P + "mirrorTraffic", {"blue": 10.0}, {"green": 10.0},
          **{P + "traffic": {"blue": 100.0, "green": 0.0}}),
    _swap("kubernetes-endpoint", _ENDPOINT, P + "authMode", "AADToken", "Key", **{P + "compute": CLUSTER}),
    _swap("endpoint-keys", _ENDPOINT, P + "authMode", "AMLToken", "Key",
          **{P + "keys": {"primaryKey": "a", "secondaryKey": "b"}}),
    _swap("workspace-kind", _WORKSPACE, "kind", "Classic", "Default"),
    _swap("workspace-public-access", _WORKSPACE, "publicNetworkAccess", "Off", "Disabled"),
    _swap("workspace-isolation", _WORKSPACE, "managedNetwork", {"isolationMode": "AllowAll"},
          {"isolationMode": "AllowInternetOutbound"}),
    _swap("workspace-datastore-auth", _WORKSPACE, "systemDatastoresAuthMode", "Key", "Identity"),
    _swap("workspace-parts", _WORKSPACE, "keyVault", STORAGE, ESTATE[_WORKSPACE]["keyVault"]),
    _swap("workspace-encryption", _WORKSPACE, "encryption", {"status": "Enabled", "keyVaultProperties": {}},
          {"status": "Enabled", "keyVaultProperties": {
              "keyIdentifier": _KEY, "keyVaultArmId": ESTATE[_WORKSPACE]["keyVault"]}}),
    _swap("outbound-rule-type", f"{ML}ManagedNetworkSettingsRule", P + "destination", "https://a.io", "a.io"),
    _swap("connection-auth", f"{ML}WorkspaceConnection", P + "authType", "Password", "PAT"),
    _swap("connection-target", f"{ML}WorkspaceConnection", P + "target", None, "https://example.com"),
    _swap("registry-regions", f"{ML}Registry", "regionDetails", [{"location": "eastus"}],
          [{"location": "eastus"}, {"location": "westeurope"}]),
]  # fmt: skip
