"""Names: how long, of which characters. One rule a type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, NAMES, QUOTAS, REST, RULES, Problem, Rule, View

_ML = "machinelearningservices:"
_ENDPOINT = r"[a-zA-Z](?!.*--)[-a-zA-Z0-9]*[a-zA-Z0-9]"
_ENDPOINT_WORDS = "letters, digits and single hyphens, a letter first, no hyphen last"
_DOTTED = r"[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?"
_DOTTED_WORDS = (
    "letters, digits, dots, hyphens and underscores, a letter or digit first, no dot or hyphen last"
)
_ASSET = r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"
_ASSET_WORDS = "letters, digits, dots, hyphens and underscores, a letter or digit first"
_MONITOR = r"[^*#&+:<>?@%{}\\/|]+(?<![ .])"
_MONITOR_WORDS = r"none of *#&+:<>?@%{}\/|, no blank or dot last"
_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PATTERN = "azureml/{}/create-or-update: the pattern of the name"

#: token, property, shortest, longest, pattern, the pattern in words, source
_TABLE = (
    ("resources:ResourceGroup", "resourceGroupName", 1, 90, r"[\w().-]*[\w()-]", "letters, digits, "
     "underscores, hyphens, dots and parentheses, no dot last", NAMES),
    ("storage:StorageAccount", "accountName", 3, 24, r"[a-z0-9]+", "lowercase letters and digits", NAMES),
    ("storage:BlobContainer", "containerName", 3, 63, r"\$root|[a-z0-9](?!.*--)[a-z0-9-]*[a-z0-9]",
     "lowercase letters, digits and single hyphens, none of them first or last", NAMES),
    ("keyvault:Vault", "vaultName", 3, 24, r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]*[a-zA-Z0-9]", "letters, digits and "
     "single hyphens, a letter first, no hyphen last", NAMES),
    ("keyvault:Secret", "secretName", 1, 127, r"[a-zA-Z0-9-]+", "letters, digits and hyphens", NAMES),
    ("applicationinsights:Component", "resourceName", 1, 260, r"[^%&\\?/]*[^%&\\?/ .]", r"none of %&\?/, no "
     "blank or dot last", NAMES),
    ("operationalinsights:Workspace", "workspaceName", 4, 63, r"[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]",
     "letters, digits and hyphens, no hyphen first or last", NAMES),
    ("containerregistry:Registry", "registryName", 5, 50, r"[a-zA-Z0-9]+", "letters and digits", NAMES),
    ("managedidentity:UserAssignedIdentity", "resourceName", 3, 128, r"[a-zA-Z0-9][a-zA-Z0-9_-]*",
     "letters, digits, hyphens and underscores, a letter or digit first", NAMES),
    ("authorization:RoleAssignment", "roleAssignmentName", 36, 36, _GUID, "a GUID",
     f"{REST}authorization/role-assignments/create: the name must be a GUID"),
    ("network:VirtualNetwork", "virtualNetworkName", 2, 64, _DOTTED, _DOTTED_WORDS, NAMES),
    ("network:Subnet", "subnetName", 1, 80, _DOTTED, _DOTTED_WORDS, NAMES),
    ("network:NetworkSecurityGroup", "networkSecurityGroupName", 1, 80, _DOTTED, _DOTTED_WORDS, NAMES),
    ("network:PrivateEndpoint", "privateEndpointName", 2, 64, _DOTTED, _DOTTED_WORDS, NAMES),
    ("privatedns:PrivateZone", "privateZoneName", 1, 63, r"[\w-]+(\.[\w-]+){1,33}",
     "2 to 34 labels with dots between them", NAMES),
    ("privatedns:VirtualNetworkLink", "virtualNetworkLinkName", 1, 80, _DOTTED, _DOTTED_WORDS, NAMES),
    (f"{_ML}Workspace", "workspaceName", 3, 33, r"[a-zA-Z0-9][a-zA-Z0-9_-]*", "letters, digits, hyphens and "
     "underscores, a letter or digit first", REST + "azureml/online-endpoints/create-or-update: the pattern "
     "^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$ of workspaceName"),
    (f"{_ML}Registry", "registryName", 2, 33, r"[a-zA-Z0-9][a-zA-Z0-9_-]*", "letters, digits, hyphens and "
     "underscores, a letter or digit first", REST + _PATTERN.format("registries")),
    (f"{_ML}Compute", "computeName", 3, 24, r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]+", "letters, digits "
     "and hyphens, a letter first, not ending in a hyphen and digits", REST + _PATTERN.format("compute")),
    (f"{_ML}OnlineEndpoint", "endpointName", 3, 32, _ENDPOINT, _ENDPOINT_WORDS, QUOTAS),
    (f"{_ML}OnlineDeployment", "deploymentName", 3, 32, _ENDPOINT, _ENDPOINT_WORDS, QUOTAS),
    (f"{_ML}BatchEndpoint", "endpointName", 3, 32, _ENDPOINT, _ENDPOINT_WORDS,
     AML + "entities/_endpoint/_endpoint_helpers.py"),
    (f"{_ML}BatchDeployment", "deploymentName", 3, 32, _ENDPOINT, _ENDPOINT_WORDS,
     AML + "entities/_endpoint/_endpoint_helpers.py"),
    *((f"{_ML}{kind}Version", "name", 1, 255, _ASSET, _ASSET_WORDS,
       REST + _PATTERN.format(f"{kind.lower()}-versions"))
      for kind in ("Data", "Model", "Environment", "Code", "Component")),
    *((f"{_ML}{kind}Container", "name", 1, 255, _ASSET, _ASSET_WORDS,
       REST + _PATTERN.format(f"{kind.lower()}-containers"))
      for kind in ("Data", "Model", "Environment", "Code", "Component")),
    (f"{_ML}Datastore", "name", 1, 255, r"[a-z0-9_]+", "lowercase letters, digits and underscores",
     AML + "entities/_datastore; learn.microsoft.com/azure/machine-learning/reference-yaml-datastore-blob"),
    (f"{_ML}Schedule", "name", 1, 255, _ASSET, _ASSET_WORDS, REST + _PATTERN.format("schedules")),
    (f"{_ML}Job", "id", 1, 255, _ASSET, _ASSET_WORDS, REST + _PATTERN.format("jobs")),
    (f"{_ML}WorkspaceConnection", "connectionName", 3, 33, r"[a-zA-Z0-9][a-zA-Z0-9_-]*", "letters, digits, "
     "hyphens and underscores, a letter or digit first", REST + "azureml/workspace-connections/create: the "
     "pattern ^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$ of connectionName"),
    ("monitor:AutoscaleSetting", "autoscaleSettingName", 1, 260, r"[^<>%&\\?/]*[^<>%&\\?/ ]", r"none of "
     r"<>%&\?/, no blank last", NAMES),
    ("monitor:MetricAlert", "ruleName", 1, 260, _MONITOR, _MONITOR_WORDS, NAMES),
    ("monitor:ActionGroup", "actionGroupName", 1, 260, r"[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]", r"none of "
     r":<>+/&%\?|, no blank or dot last", NAMES),
    ("monitor:ScheduledQueryRule", "ruleName", 1, 260, r"[^*<>%{}&:\\?/#|]*[^*<>%{}&:\\?/#| .]", "none of "
     r"*<>%{}&:\?/#|, no blank or dot last", NAMES),
    ("consumption:Budget", "budgetName", 1, 63, r"[a-zA-Z0-9_-]+", "letters, digits, hyphens and underscores",
     "learn.microsoft.com/azure/cost-management-billing/costs/quick-create-budget-template: name"),
    ("containerservice:ManagedCluster", "resourceName", 1, 63, r"[a-zA-Z0-9]([\w-]*[a-zA-Z0-9])?", "letters, "
     "digits, hyphens and underscores, a letter or digit first and last", NAMES),
    ("containerservice:AgentPool", "agentPoolName", 1, 12, r"[a-z][a-z0-9]*", "lowercase letters and digits, "
     "a letter first", "learn.microsoft.com/azure/aks/create-node-pools: names of Linux node pools"),
    ("portal:Dashboard", "dashboardName", 3, 160, r"[a-zA-Z0-9-]+", "letters, digits and hyphens", NAMES),
)  # fmt: skip


def _enter(token: str, path: str, low: int, high: int, pattern: str, words: str, source: str) -> None:
    compiled = re.compile(pattern)

    def judge(x: View) -> Iterator[Problem]:
        name = x[path]
        if not isinstance(name, str):
            return
        if not low <= len(name) <= high:
            length = str(low) if low == high else f"{low} to {high}"
            yield path, f"{name!r} has {len(name)} characters; it must have {length}"
        if not compiled.fullmatch(name):
            yield path, f"{name!r} must be {words}" if words == "a GUID" else f"{name!r} must have {words}"

    code = "name-" + token.replace(":", "-").lower()
    RULES.append(Rule(code, frozenset({token}), source, judge))


for _row in _TABLE:
    _enter(*_row)
