"""What mlstack sends for a spec: its program run against a recorder that answers as Azure would."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack.errors import Problem
from mlstack.program import Warned, deploy
from mlstack.registry import provider
from mlstack.support import gaps
from mlstack.testing import Answers, Recording, Registered, record
from mlstack.testing.cases import stack_in_program, stack_of
from mlstack.tokens import kind_of, token
from mlstack.variables import variables
from tests.oracle.compare import leaves

from . import bodies
from .cases import FILES, GROUP, SUBSCRIPTION, WORKSPACE, Pair

VARIABLES = {"ORACLE_TOKEN": "the-secret-of-the-oracle", "ARM_SUBSCRIPTION_ID": SUBSCRIPTION}

#: Kind of azure-ai-ml's documents -> the type of ours.
TYPES: Mapping[str, str] = {
    "workspace": f"{bodies.ML}Workspace",
    "registry": f"{bodies.ML}Registry",
    "connection": f"{bodies.ML}WorkspaceConnection",
    "compute": f"{bodies.ML}Compute",
    "environment": f"{bodies.ML}EnvironmentVersion",
    "data": f"{bodies.ML}DataVersion",
    "datastore": f"{bodies.ML}Datastore",
    "model": f"{bodies.ML}ModelVersion",
    "online_endpoint": f"{bodies.ML}OnlineEndpoint",
    "online_deployment": f"{bodies.ML}OnlineDeployment",
    "batch_endpoint": f"{bodies.ML}BatchEndpoint",
    "batch_deployment": f"{bodies.ML}BatchDeployment",
    "pipeline_deployment": f"{bodies.ML}BatchDeployment",
    "job": "mlstack:azure:Job",
    "traffic": "mlstack:azure:Traffic",
    "component": f"{bodies.ML}ComponentVersion",
    "schedule": f"{bodies.ML}Schedule",
}


#: Types around a workspace -> Azure's word for them, which azure-ai-ml looks for in an id.
AROUND: Mapping[str, str] = {
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts",
    "keyvault:Vault": "Microsoft.KeyVault/vaults",
    "applicationinsights:Component": "Microsoft.Insights/components",
    "containerregistry:Registry": "Microsoft.ContainerRegistry/registries",
    "managedidentity:UserAssignedIdentity": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "containerservice:ManagedCluster": "Microsoft.ContainerService/managedClusters",
}


@dataclass(frozen=True)
class Sent:
    """All that one stack sends. ``outputs`` are the components' ("models.net.id")."""

    recording: Recording
    outputs: Mapping[str, Any]

    @property
    def warnings(self) -> list[Warned]:
        return self.recording.warnings

    def resource(self, pair: Pair) -> Registered:
        """The resource of ours that a pair means."""
        kind, name, *rest = pair.of.split(".")
        owner = self.recording.component(token(kind), name)
        found = [each for each in self.recording.below(owner) if each.type == TYPES[pair.kind]]
        if not rest and len(found) > 1:
            found = [each for each in found if each.name == owner.name]
        if rest:
            found = [each for each in found if each.name.endswith(f"-{rest[0]}")]
        if len(found) != 1:
            sent = sorted((each.type, each.name) for each in self.recording.below(owner))
            raise LookupError(f"{pair.of} has {len(found)} resources of type {TYPES[pair.kind]}: {sent}")
        return found[0]


def body(resource: Registered) -> dict[str, Any]:
    """What of a resource's inputs goes to Azure as the body."""
    if resource.type.startswith(bodies.ML):
        return bodies.body(resource.type, resource.inputs)
    if resource.type == TYPES["traffic"]:
        return {"traffic": resource.inputs.get("traffic"), "mirrorTraffic": resource.inputs.get("mirror")}
    return {"properties": resource.inputs.get("properties")}


class Refused(Exception):  # noqa: N818 - reads as what happened
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{each.path}: {each.message}" for each in problems))
        self.problems = problems


def sent(spec: Mapping[str, Any], root: Path) -> Sent:
    """What the stack of the spec sends, in a folder that gets the cases' files."""
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    azure = provider("azure")
    data = dict(spec)
    with variables(VARIABLES):
        problems = gaps(azure, stack_of(data, root))
        if problems:
            raise Refused(problems)
        recording = record(azure, lambda: deploy(stack_in_program(data, root)), root, Azure())
    outputs = {
        f"{kind_of(each.type)}.{each.name}.{key}": value
        for each in recording.components()
        for key, value in leaves(each.outputs or {}).items()
    }
    return Sent(recording, outputs)


class Azure(Answers):
    """Ids as Azure's; beside them what later resources are made of."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        if type.startswith(bodies.ML):
            id = bodies.arm_id(type, inputs, SUBSCRIPTION)
            return id, {"name": id.rpartition("/")[2]}
        if type.startswith("azure-native:"):
            word = AROUND.get(type.removeprefix("azure-native:"), "Microsoft.Other/others")
            group = inputs.get("resourceGroupName", "GROUP")
            path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{word}/{name}"
            vault = f"https://{inputs.get('vaultName', name)}.vault.azure.net/secrets/{name}"
            held = {"secretUri": vault, "secretUriWithVersion": f"{vault}/0123456789abcdef"}
            secret = {"properties": held} if type.endswith(":keyvault:Secret") else {}
            return path, {"name": name, **secret}
        return self._of_a_gap(type, name, inputs)

    def _of_a_gap(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        if type == "mlstack:azure:Upload":
            prefix = f"mlstack/{inputs['stack_uid']}/{inputs['home']}/{inputs['digest']}"
            container = "https://mlprod.blob.core.windows.net/azureml-blobstore"
            return f"{container}/{prefix}", {"url": f"{container}/{prefix}"}
        if type == "mlstack:azure:Job":
            place = f"azureml://datastores/workspaceblobstore/paths/runs/{name}"
            made = {
                key: {"uri": f"{place}/{key}/", "version": "1"}
                for key in inputs["properties"].get("outputs", {})
            }
            return name, {
                "run": name,
                "job_id": f"{WORKSPACE}/jobs/{name}",
                "status": "Completed",
                "outputs": made,
            }
        return "", {}

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """What exists already: a workspace with all around it, and clusters."""
        cls = function.rpartition(":")[2].removeprefix("get")
        if function.startswith(bodies.ML) and cls in bodies.PATHS:
            around = {
                key: f"{GROUP}/{word}/{arguments.get('workspaceName')}"
                for key, word in (
                    ("storageAccount", "Microsoft.Storage/storageAccounts"),
                    ("keyVault", "Microsoft.KeyVault/vaults"),
                    ("applicationInsights", "Microsoft.Insights/components"),
                )
            }
            id = bodies.arm_id(f"{bodies.ML}{cls}", arguments, SUBSCRIPTION)
            return {"id": id, "name": id.rpartition("/")[2], "location": "westeurope", **around}
        if cls == "ClientConfig":
            return {"subscriptionId": SUBSCRIPTION, "tenantId": SUBSCRIPTION, "objectId": SUBSCRIPTION}
        return {}
