"""What the aliases cost that the Azure SDK generates: the preview of 1,000 resources on an emulated cloud.

python bench/aliases.py [--pairs N]: prints one object. Each figure comes from runs in turn, and a ratio is
that of a pair.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import plain
from emulated import emulated
from measure import Figure, cost, load, pairs, with_memory

from mlstack.engine.aliases import VARIABLE

MLSTACK = plain.MLSTACK

#: 1,000 resources: a group, a workspace, and half of the rest each.
THOUSAND = """\
import pulumi_azure_native.machinelearningservices as ml
import pulumi_azure_native.resources as resources

group = resources.ResourceGroup("group", resource_group_name="thousand", location="westeurope")
around = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/around/providers"
workspace = ml.Workspace(
    "workspace",
    workspace_name="thousand",
    resource_group_name=group.name,
    location="westeurope",
    identity={"type": "SystemAssigned"},
    storage_account=f"{around}/Microsoft.Storage/storageAccounts/thousand",
    key_vault=f"{around}/Microsoft.KeyVault/vaults/thousand",
    application_insights=f"{around}/Microsoft.Insights/components/thousand",
)
place = {"resource_group_name": group.name, "workspace_name": workspace.name, "location": "westeurope"}
for number in range(499):
    endpoint = ml.OnlineEndpoint(
        f"endpoint-{number}",
        endpoint_name=f"endpoint-{number}",
        properties={"auth_mode": "Key"},
        **place,
    )
    ml.OnlineDeployment(
        f"deployment-{number}",
        deployment_name="main",
        endpoint_name=endpoint.name,
        properties=ml.ManagedOnlineDeploymentArgs(
            endpoint_compute_type="Managed", instance_type="Standard_DS3_v2", model="azureml:digits:1"
        ),
        sku={"name": "Default", "tier": "Standard", "capacity": 1},
        **place,
    )
"""


def aliases(folder: Path, count: int) -> Figure:
    """The preview of 1,000 resources, with all the aliases that the SDK generates, and without."""
    (folder / "Pulumi.yaml").write_text(json.dumps({"name": "thousand", "runtime": "python"}))
    (folder / "__main__.py").write_text(THOUSAND)
    command = [MLSTACK, "preview", "--json", "--cloud", "azure"]
    with emulated("azure", folder) as environment:
        lean = {key: value for key, value in environment.items() if key != VARIABLE}
        made = pairs(
            lambda: cost(command, folder, lean),
            lambda: cost(command, folder, {**lean, VARIABLE: "1"}),
            count,
        )
    return with_memory(("stripped", "as shipped"), made)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    count = parser.parse_args(arguments).pairs
    figure: Figure = {
        "bench": "aliases",
        "versions": {name: version(name) for name in ("pulumi", "pulumi-azure-native")},
        "pairs": count,
        "load_before": load(),
    }
    with tempfile.TemporaryDirectory() as scratch:
        thousand = Path(scratch) / "thousand"
        (thousand / "state").mkdir(parents=True)
        figure["1,000 resources, preview"] = aliases(thousand, count)
    figure["load_after"] = load()
    print(json.dumps(figure, indent=1))


if __name__ == "__main__":
    main()
