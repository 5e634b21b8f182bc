"""Which changes of an input make a new resource.

Paths of names and scopes do for every type. Beyond those, azure-native replaces where the REST specification
says that a property can be set at creation alone (x-ms-mutability: create, read); the same shows in
azure-ai-ml's own models as visibility ["read", "create"]
(azure/ai/ml/_restclient/arm_ml_service/models/_models.py). What the platform refuses to change without saying
so there is in `rules.lasting`: an update in place fails, as it would.
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
}
_JOB = (
    "componentId", "computeId", "displayName", "experimentName", "identity", "jobType", "codeId", "command",
    "distribution", "environmentId", "environmentVariables", "inputs", "outputs", "queueSettings",
    "resources",    "limits", "jobs", "settings", "sourceJobId",
)  # fmt: skip

_PATHS: Mapping[str, tuple[str, ...]] = {
    # clouds.md: storage_account R, key_vault R
    _ML + "Workspace": ("storageAccount", "keyVault", "hbiWorkspace"),
    _ML + "Compute": ("properties.computeLocation", "properties.disableLocalAuth"),
    _ML + "Job": tuple(f"properties.{key}" for key in _JOB),
    _ML + "DataContainer": ("properties.dataType",),
    _ML + "DataVersion": ("properties.dataUri", "properties.dataType"),
    _ML + "CodeVersion": ("properties.isAnonymous",),
    _ML + "ComponentVersion": ("properties.componentSpec",),
    _ML + "EnvironmentVersion": tuple(
        f"properties.{key}"
        for key in ("autoRebuild", "build", "condaFile", "image", "inferenceConfig", "osType")
    ),
    _ML + "OnlineDeployment": ("properties.instanceType",),
    _ML + "Schedule": ("properties.displayName",),
    _ML + "Datastore": tuple(
        f"properties.{key}"
        for key in (
            "accountName",
            "containerName",
            "endpoint",
            "protocol",
            "filesystem",
            "fileShareName",
            "serviceDataAccessAuthIdentity",
        )
    ),
    "storage:StorageAccount": ("isHnsEnabled", "enableNfsV3"),
    "authorization:RoleAssignment": ("principalId", "principalType", "roleDefinitionId"),
}


def change(kind: str) -> Change:
    """How a type takes changes. The name is taken until the old one is gone."""
    type: Type = TYPES[kind]
    own = frozenset(name for name in type.parameters if not name.startswith("="))
    located = frozenset({"location"}) if kind in _LOCATED else frozenset()
    return Change(own | located | frozenset(_PATHS.get(kind, ())), delete_before_replace=True, names=own)
