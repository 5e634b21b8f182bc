"""What an ML workspace stands on: storage, vaults, registries, roles, networks, clusters, budgets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import NAMES, REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import moment

_STORAGE, _VAULT, _SECRET = "storage:StorageAccount", "keyvault:Vault", "keyvault:Secret"
_ACR, _ROLE, _BUDGET = "containerregistry:Registry", "authorization:RoleAssignment", "consumption:Budget"
_STORAGE_REST = REST + "storagerp/storage-accounts/create"
_VAULT_REST = REST + "keyvault/keyvault/vaults/create-or-update"
_BUDGET_REST = REST + "consumption/budgets/create-or-update"
_ROLE_REST = REST + "authorization/role-assignments/create"
_AKS = REST + "aks/managed-clusters/create-or-update"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

one_of(
    "storage-kind",
    _STORAGE,
    "kind",
    ("Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"),
    _STORAGE_REST,
)
one_of(
    "storage-sku",
    _STORAGE,
    "sku.name",
    (
        "Standard_LRS",
        "Standard_GRS",
        "Standard_RAGRS",
        "Standard_ZRS",
        "Premium_LRS",
        "Premium_ZRS",
        "Standard_GZRS",
        "Standard_RAGZRS",
        "StandardV2_LRS",
        "StandardV2_GRS",
        "StandardV2_ZRS",
        "StandardV2_GZRS",
        "PremiumV2_LRS",
        "PremiumV2_ZRS",
    ),
    _STORAGE_REST,
)
one_of("storage-tls", _STORAGE, "minimumTlsVersion", ("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"), _STORAGE_REST)
one_of("vault-sku", _VAULT, "properties.sku.name", ("standard", "premium"), _VAULT_REST)
between("vault-retention", _VAULT, "properties.softDeleteRetentionInDays", 7, 90, _VAULT_REST)
one_of(
    "registry-sku",
    _ACR,
    "sku.name",
    ("Basic", "Standard", "Premium"),
    REST + "containerregistry/registries/create",
)
one_of(
    "role-principal",
    _ROLE,
    "principalType",
    ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device"),
    _ROLE_REST,
)
one_of(
    "budget-grain",
    _BUDGET,
    "timeGrain",
    ("Monthly", "Quarterly", "Annually", "BillingMonth", "BillingQuarter", "BillingAnnual"),
    _BUDGET_REST,
)
one_of("budget-category", _BUDGET, "category", ("Cost",), _BUDGET_REST)
between(
    "logs-retention",
    "operationalinsights:Workspace",
    "retentionInDays",
    30,
    730,
    REST + "loganalytics/workspaces/create-or-update",
)
one_of(
    "insights-type",
    "applicationinsights:Component",
    "applicationType",
    ("web", "other"),
    REST + "application-insights/components/create-or-update",
)


@rule(
    "tags",
    "resources:ResourceGroup",
    _STORAGE,
    _VAULT,
    _ACR,
    "machinelearningservices:Workspace",
    "machinelearningservices:OnlineEndpoint",
    "machinelearningservices:Compute",
    source=NAMES.replace("resource-name-rules", "tag-resources")
    + ": limitations; storage accounts: 128 characters a name",
)
def tags(x: View) -> Iterator[Problem]:
    """At most 50, names to 512 characters without <>%&?/ and backslash, values to 256."""
    values = x.map("tags")
    if len(values) > 50:
        yield "tags", f"there are {len(values)}; a resource has 50 at most"
    for name, value in values.items():
        if len(name) > 512 or re.search(r"[<>%&\\?/]", name):
            yield f"tags.{name}", "names of tags have 512 characters at most and none of <>%&\\?/"
        if isinstance(value, str) and len(value) > 256:
            yield f"tags.{name}", f"the value has {len(value)} characters; 256 are allowed"


@rule("vault-properties", _VAULT, source=_VAULT_REST + ": VaultProperties")
def vault(x: View) -> Iterator[Problem]:
    """A vault has a sku of the family A, a tenant, and either role-based access or policies."""
    if x.missing("properties.sku"):
        yield "properties.sku", "a vault has a sku"
    elif isinstance(x["properties.sku.family"], str) and x["properties.sku.family"] != "A":
        yield "properties.sku.family", "the family is 'A'"
    tenant = x["properties.tenantId"]
    if x.missing("properties.tenantId") or (isinstance(tenant, str) and not _GUID.fullmatch(tenant)):
        yield "properties.tenantId", "the GUID of the directory"
    by_role = x.raw("properties.enableRbacAuthorization")
    if x.missing("properties.accessPolicies") and by_role in (None, False):
        yield "properties.accessPolicies", "needed, unless enableRbacAuthorization is true"


@rule("vault-purge", _VAULT, source=_VAULT_REST + ": enablePurgeProtection cannot be false")
def purge(x: View) -> Iterator[Problem]:
    if x["properties.enablePurgeProtection"] is False:
        yield "properties.enablePurgeProtection", "true or left out: it cannot be set to false"
    if x["properties.enableSoftDelete"] is False:
        yield "properties.enableSoftDelete", "vaults are always soft-deleted"


@rule(
    "secret-value",
    _SECRET,
    source=REST + "keyvault/keyvault/secrets/create-or-update; "
    "learn.microsoft.com/azure/key-vault/secrets/about-secrets: 25k bytes",
)
def secret(x: View) -> Iterator[Problem]:
    value = x["properties.value"]
    if x.raw("properties.value") is None:
        yield "properties.value", "a secret has a value"
    elif isinstance(value, str) and len(value.encode()) > 25600:
        yield "properties.value", f"it has {len(value.encode())} bytes; 25600 are allowed"


@rule("registry-premium", _ACR, source="learn.microsoft.com/azure/container-registry/container-registry-skus")
def premium(x: View) -> Iterator[Problem]:
    """Private links, keys of one's own and zones need the sku Premium."""
    if not isinstance(x["sku.name"], str) or x["sku.name"] == "Premium":
        return
    if x["publicNetworkAccess"] == "Disabled":
        yield "publicNetworkAccess", f"can be disabled with the sku Premium, not with {x['sku.name']}"
    if x["encryption.status"] == "enabled":
        yield "encryption.status", f"a key of one's own needs the sku Premium, not {x['sku.name']}"
    if x["zoneRedundancy"] == "Enabled":
        yield "zoneRedundancy", f"needs the sku Premium, not {x['sku.name']}"


@rule("role-ids", _ROLE, source=_ROLE_REST + ": RoleAssignmentProperties")
def role(x: View) -> Iterator[Problem]:
    """The role is the id of a role definition, the principal an object id."""
    value = x["roleDefinitionId"]
    if isinstance(value, str) and not re.search(
        r"/providers/microsoft.authorization/roledefinitions/[0-9a-f-]{36}$", value, re.IGNORECASE
    ):
        yield "roleDefinitionId", f"{value!r} is no id of a role definition"
    principal = x["principalId"]
    if isinstance(principal, str) and not _GUID.fullmatch(principal):
        yield "principalId", f"{principal!r} is no object id"


@rule("budget-dates", _BUDGET, source=_BUDGET_REST + ": BudgetTimePeriod")
def budget_dates(x: View) -> Iterator[Problem]:
    """The start is the first of a month, from June 2017 on, and the end comes after it."""
    start = x["timePeriod.startDate"]
    begins = moment(start) if isinstance(start, str) else None
    if isinstance(start, str):
        if begins is None:
            yield "timePeriod.startDate", f"{start!r} is no date"
        elif begins.day != 1:
            yield "timePeriod.startDate", f"{start!r} is not the first of a month"
        elif (begins.year, begins.month) < (2017, 6):
            yield "timePeriod.startDate", f"{start!r} is before June 2017"
    elif x.missing("timePeriod.startDate"):
        yield "timePeriod.startDate", "a budget begins on the first of a month"
    end = x["timePeriod.endDate"]
    ends = moment(end) if isinstance(end, str) else None
    if isinstance(end, str) and ends is None:
        yield "timePeriod.endDate", f"{end!r} is no date"
    elif begins and ends and ends.replace(tzinfo=None) <= begins.replace(tzinfo=None):
        yield "timePeriod.endDate", "comes before the start"


@rule("budget-amount", _BUDGET, source=_BUDGET_REST + ": amount, notifications")
def budget_amount(x: View) -> Iterator[Problem]:
    """Money, and at most five notifications with thresholds from 0 to 1000 percent."""
    amount = x["amount"]
    if isinstance(amount, (int, float)) and amount <= 0:
        yield "amount", f"{amount:g} is no amount"
    notes = x.map("notifications")
    if len(notes) > 5:
        yield "notifications", f"there are {len(notes)}; a budget has 5 at most"
    for name, one in notes.items():
        view = View(one if isinstance(one, dict) else {})
        limit = view["threshold"]
        if isinstance(limit, (int, float)) and not 0 < limit <= 1000:
            yield f"notifications.{name}.threshold", f"{limit:g} is not between 0 and 1000"
        if not any(view.raw(key) for key in ("contactEmails", "contactGroups", "contactRoles")):
            yield f"notifications.{name}.contactEmails", "a notification goes to somebody"


def _networks(x: View, *paths: str) -> list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network | None]]:
    found: list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network | None]] = []
    for path in paths:
        value = x[path]
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, str):
                try:
                    found.append((path, ipaddress.ip_network(one)))
                except ValueError:
                    found.append((path, None))
    return found


@rule(
    "network-prefix",
    "network:VirtualNetwork",
    "network:Subnet",
    source=REST + "virtualnetwork/virtual-networks/create-or-update: addressPrefixes",
)
def prefixes(x: View) -> Iterator[Problem]:
    """Address ranges are ranges, and subnets lie within the network's."""
    spaces = _networks(x, "addressSpace.addressPrefixes")
    for path, network in [*spaces, *_networks(x, "addressPrefix", "addressPrefixes")]:
        if network is None:
            yield path, "is no address range such as 10.0.0.0/16"
    for at, subnet in x.list("subnets"):
        for _, inner in _networks(subnet, "addressPrefix", "addressPrefixes"):
            outer = [
                one
                for _, one in spaces
                if one is not None and inner is not None and one.version == inner.version
            ]
            if inner is None:
                yield f"subnets[{at}].addressPrefix", "is no address range such as 10.0.0.0/24"
            elif outer and not any(inner.subnet_of(one) for one in outer):  # type: ignore[arg-type]
                yield f"subnets[{at}].addressPrefix", f"{inner} is not within the network's address space"


_LINKS = {
    "microsoft.machinelearningservices/workspaces": ("amlworkspace",),
    "microsoft.storage/storageaccounts": ("blob", "file", "queue", "table", "dfs", "web"),
    "microsoft.keyvault/vaults": ("vault",),
    "microsoft.containerregistry/registries": ("registry",),
}


@rule(
    "private-link-group",
    "network:PrivateEndpoint",
    source="learn.microsoft.com/azure/private-link/"
    "private-endpoint-overview: private-link resource, subresources",
)
def private_link(x: View) -> Iterator[Problem]:
    """A private endpoint lies in a subnet and names a subresource that its target has."""
    if x.missing("subnet"):
        yield "subnet", "a private endpoint lies in a subnet"
    for key in ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"):
        for at, link in x.list(key):
            target, groups = link["privateLinkServiceId"], link["groupIds"]
            if not isinstance(target, str):
                continue
            kind = "/".join(target.lower().partition("/providers/")[2].split("/")[:2])
            allowed = _LINKS.get(kind)
            for one in groups if allowed and isinstance(groups, (list, tuple)) else ():
                if isinstance(one, str) and one not in (allowed or ()):
                    yield f"{key}[{at}].groupIds", f"{one!r} is not one of {', '.join(allowed or ())}"


@rule("aks-pools", "containerservice:ManagedCluster", source=_AKS + ": ManagedClusterAgentPoolProfile")
def pools(x: View) -> Iterator[Problem]:
    """A cluster has a pool for its system, and each pool a name of its own that a node can bear."""
    names: set[str] = set()
    found = x.list("agentPoolProfiles")
    if x.missing("dnsPrefix") and x.missing("fqdnSubdomain"):
        yield "dnsPrefix", "a cluster needs one"
    if found and not any(one["mode"] in (None, "System") for _, one in found):
        yield "agentPoolProfiles", "one pool must have the mode System"
    for at, one in found:
        name = one["name"]
        if isinstance(name, str) and not re.fullmatch(r"[a-z][a-z0-9]{0,11}", name):
            yield f"agentPoolProfiles[{at}].name", f"{name!r} must have 1 to 12 lowercase letters and digits"
        if isinstance(name, str) and name in names:
            yield f"agentPoolProfiles[{at}].name", f"{name!r} is there twice"
        names.add(str(name))
        yield from ((f"agentPoolProfiles[{at}].{path}", message) for path, message in pool_problems(one))


@rule(
    "aks-workload-identity",
    "containerservice:ManagedCluster",
    source="learn.microsoft.com/azure/aks/workload-identity-deploy-cluster; azurerm, "
    "kubernetes_cluster_resource.go: workload_identity_enabled wants oidc_issuer_enabled",
)
def workload_identity(x: View) -> Iterator[Problem]:
    """Pods show tokens of the cluster's issuer: without one there is nothing to believe."""
    path = "securityProfile.workloadIdentity.enabled"
    if x[path] is True and x["oidcIssuerProfile.enabled"] is not True and x.all_known("oidcIssuerProfile"):
        yield path, "workload identity needs oidcIssuerProfile.enabled to be true"


@rule("aks-local-accounts", "containerservice:ManagedCluster", source=_AKS + ": disableLocalAccounts")
def local_accounts(x: View) -> Iterator[Problem]:
    """Without local accounts only Entra ID is left to sign in by."""
    if x["disableLocalAccounts"] is True and x.missing("aadProfile"):
        yield "disableLocalAccounts", "only a cluster with aadProfile can be without local accounts"


def pool_problems(x: View) -> Iterator[Problem]:
    low, high, count = x["minCount"], x["maxCount"], x["count"]
    if x["enableAutoScaling"] is True:
        for key in ("minCount", "maxCount"):
            if x.missing(key):
                yield key, "a pool that scales by itself says how few and how many"
    elif (low is not None or high is not None) and x.all_known("enableAutoScaling"):
        yield "enableAutoScaling", "minCount and maxCount need it to be true"
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        yield "minCount", f"{low:g} nodes at least, but {high:g} at most"
    if x["mode"] == "System" and isinstance(count, (int, float)) and count < 1:
        yield "count", "a system pool has at least one node"
    if x["scaleSetPriority"] == "Spot" and x["mode"] == "System":
        yield "scaleSetPriority", "a system pool cannot be of spot nodes"


@rule("agent-pool", "containerservice:AgentPool", source=REST + "aks/agent-pools/create-or-update")
def agent_pool(x: View) -> Iterator[Problem]:
    if x.missing("vmSize"):
        yield "vmSize", "a pool needs a VM size"
    yield from pool_problems(x)


@rule(
    "ml-extension",
    "kubernetesconfiguration:Extension",
    source="learn.microsoft.com/azure/machine-learning/"
    "how-to-deploy-kubernetes-extension: configuration settings",
)
def extension(x: View) -> Iterator[Problem]:
    """The ML extension trains or serves, and serving needs a router and TLS or leave to go without."""
    if str(x["extensionType"]).lower() != "microsoft.azureml.kubernetes":
        return
    settings = x.map("configurationSettings")
    if not x.all_known("configurationSettings"):
        return
    on = {key: str(value).lower() == "true" for key, value in settings.items()}
    if not (on.get("enableTraining") or on.get("enableInference")):
        yield "configurationSettings", "enableTraining or enableInference must be True"
    if on.get("enableInference"):
        if settings.get("inferenceRouterServiceType") not in ("LoadBalancer", "NodePort", "ClusterIP"):
            yield "configurationSettings.inferenceRouterServiceType", "LoadBalancer, NodePort or ClusterIP"
        if (
            not on.get("allowInsecureConnections")
            and not settings.get("sslSecret")
            and x.missing("configurationProtectedSettings")
        ):
            yield (
                "configurationSettings.allowInsecureConnections",
                "True, or a TLS certificate (sslSecret, sslCertPemFile)",
            )
