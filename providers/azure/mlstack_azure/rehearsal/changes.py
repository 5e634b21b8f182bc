"""Which changes of an input make a new resource.

Those are azure-native's, not the platform's (github.com/pulumi/pulumi-azure-native, provider/pkg):

- provider/diff.go: paths of names and scopes do for every type;
- gen/properties.go, `forceNew`: so does a property at the top of the body that the REST specification says
  can be set at creation alone (x-ms-mutability: create, read). One further down, as all in `properties` of
  Azure ML, does not, whatever the specification says of it;
- gen/replacement.go, `forceNewMap`: and those that were listed by hand.

What the platform refuses to change beyond that is in `rules.lasting`: an update in place fails, as it would.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlstack.rehearsal import Change
from mlstack_azure.rehearsal.ids import TYPES, Type

_ML = "machinelearningservices:"
_LOCATED = frozenset(
    _ML + name
    for name in ("OnlineEndpoint", "OnlineDeployment", "BatchEndpoint", "BatchDeployment", "Registry")
) | {
    "resources:ResourceGroup",
    "storage:StorageAccount",
    "operationalinsights:Workspace",
    "applicationinsights:Component",
    "containerregistry:Registry",
    "managedidentity:UserAssignedIdentity",
    "monitor:AutoscaleSetting",
    "monitor:MetricAlert",
    "monitor:ActionGroup",
    "monitor:ScheduledQueryRule",
    "containerservice:ManagedCluster",
    "network:VirtualNetwork",
}
_PATHS: Mapping[str, tuple[str, ...]] = {
    # clouds.md: storage_account R, key_vault R
    _ML + "Workspace": ("storageAccount", "keyVault", "hbiWorkspace"),
    "storage:StorageAccount": ("isHnsEnabled",),
    "authorization:RoleAssignment": ("principalId",),
    "containerservice:ManagedCluster": (
        "diskEncryptionSetID", "dnsPrefix", "fqdnSubdomain", "linuxProfile", "nodeResourceGroup",
        "windowsProfile",
    ),
    "containerservice:AgentPool": ("gpuInstanceProfile", "vmSize"),
    "network:PrivateEndpoint": ("subnet",),
}  # fmt: skip


def change(kind: str) -> Change:
    """How a type takes changes. The name is taken until the old one is gone."""
    type: Type = TYPES[kind]
    own = frozenset(name for name in type.parameters if not name.startswith("="))
    located = frozenset({"location"}) if kind in _LOCATED else frozenset()
    return Change(own | located | frozenset(_PATHS.get(kind, ())), delete_before_replace=True, names=own)
