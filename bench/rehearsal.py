"""The engine with the Azure SDK on an emulated cloud: what generated aliases cost, and what mlstack adds.

python bench/rehearsal.py [--pairs N]: prints one object. Ours and the ejected program meet the same emulated
cloud, served by this process for both; each figure comes from runs in turn, and a ratio is that of a pair.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import plain
from measure import Cost, Figure, beside, cost, load, pairs

from mlstack.engine.aliases import VARIABLE
from mlstack.engine.install import Engine, ensure_engine
from mlstack.registry import provider
from mlstack.rehearsal.serve import emulation, serving

MLSTACK = plain.MLSTACK
STACK = "dev-azure"
ENDPOINTS = 50
GOAL = 1.10

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
    with azure(folder) as environment:
        lean = {key: value for key, value in environment.items() if key != VARIABLE}
        made = pairs(
            lambda: cost(command, folder, lean),
            lambda: cost(command, folder, {**lean, VARIABLE: "1"}),
            count,
        )
    names = ("stripped", "as shipped")
    figure = beside(names, made)
    for i, name in enumerate(names):
        figure[name] = {"seconds": figure[name]}
        for process in ("program", "pulumi"):
            peak = statistics.median(pair[i].peak[process] for pair in made)
            figure[name][f"{process} peak MiB"] = round(peak)
    return figure


def stack_of_endpoints(folder: Path, engine: Engine, count: int) -> Figure:
    """`up` from nothing, and `preview` and `up` without a change, beside the ejected program's."""
    live = _project(folder / "live")
    with azure(live) as environment:
        cost([MLSTACK, "up", "--yes", "--json"], live, environment)
        own = plain.write(live, live / "state", folder / "plain", environment)
        unchanged = _unchanged(live, folder / "plain", engine, environment, own, count)
    first = pairs(lambda: _first(folder), lambda: _first(folder, engine, own), count)
    return {
        "endpoints": ENDPOINTS,
        **unchanged,
        "up from nothing": beside(("mlstack up", "pulumi up --skip-preview"), first, GOAL),
    }


def _unchanged(
    live: Path, ejected: Path, engine: Engine, ours: Mapping[str, str], theirs: Mapping[str, str], count: int
) -> Figure:
    figure = {}
    options = ["--stack", STACK, "--non-interactive", "--expect-no-changes"]
    for verb, yes in (("preview", []), ("up", ["--yes"])):
        made = pairs(
            lambda verb=verb, yes=yes: cost([MLSTACK, verb, "--json", *yes], live, ours),
            lambda verb=verb, yes=yes: cost([engine.path, verb, *options, *yes], ejected, theirs),
            count,
        )
        figure[f"{verb} without a change"] = beside((f"mlstack {verb}", f"pulumi {verb}"), made, GOAL)
    return figure


def _first(folder: Path, engine: Engine | None = None, plains: Mapping[str, str] | None = None) -> Cost:
    """The whole stack made on an empty cloud: by mlstack, or with an engine by the ejected program.

    `mlstack up` plans first only where there is something already, so the plain program leaves it out.
    """
    with tempfile.TemporaryDirectory() as scratch:
        live = _project(Path(scratch) / "live")
        with azure(live) as environment:
            if engine is None or plains is None:
                return cost([MLSTACK, "up", "--yes", "--json"], live, environment)
            ejected = Path(scratch) / "plain"
            shutil.copytree(folder / "plain", ejected, ignore=shutil.ignore_patterns("state", ".mlstack"))
            (ejected / "state").mkdir()
            own = {**plains, **environment, "PULUMI_BACKEND_URL": (ejected / "state").as_uri()}
            new = [engine.path, "stack", "init", STACK, "--no-select", "--non-interactive"]
            subprocess.run(new, cwd=ejected, env=own, check=True, capture_output=True)
            up = [engine.path, "up", "--stack", STACK, "--non-interactive", "--yes", "--skip-preview"]
            return cost(up, ejected, own)


def _project(folder: Path) -> Path:
    """A spec of so many endpoints, each with a deployment of one model."""
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "model.json").write_text("{}")
    deployment = {"model": "digits", "environment": "sk", "traffic": 100}
    spec = {
        "version": 1,
        "name": "endpoints",
        "cloud": "azure",
        "region": "westeurope",
        "environments": {"sk": {"packages": ["scikit-learn==1.7.2"]}},
        "models": {"digits": {"path": "./model", "flavor": "sklearn"}},
        "endpoints": {f"e{n:02}": {"deployments": {"main": deployment}} for n in range(ENDPOINTS)},
    }
    (folder / "mlstack.yaml").write_text(json.dumps(spec))
    (folder / "state").mkdir()
    return folder


@contextmanager
def azure(root: Path) -> Iterator[dict[str, str]]:
    """An emulated cloud of its own for the project in ``root``; the environment in which commands use it."""
    target = provider("azure")
    with tempfile.TemporaryDirectory() as scratch:
        emulated = emulation(target, target.Settings(), "westeurope", Path(scratch))
        with serving(emulated, root) as variables:
            yield {**os.environ, **variables, "PULUMI_BACKEND_URL": (root / "state").as_uri()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    count = parser.parse_args(arguments).pairs
    engine = ensure_engine(lambda line: print(line, file=sys.stderr))
    figure: Figure = {
        "bench": "rehearsal",
        "versions": {name: version(name) for name in ("pulumi", "pulumi-azure-native")},
        "pairs": count,
        "load_before": load(),
    }
    with tempfile.TemporaryDirectory() as scratch:
        thousand = Path(scratch) / "thousand"
        (thousand / "state").mkdir(parents=True)
        figure["1,000 resources, preview"] = aliases(thousand, count)
        if plain.host():
            figure["stack of endpoints"] = stack_of_endpoints(Path(scratch), engine, count)
        else:
            reason = "a plain Python program needs pulumi-language-python on PATH"
            figure["stack of endpoints"] = {"skipped": reason}
    figure["load_after"] = load()
    print(json.dumps(figure, indent=1))


if __name__ == "__main__":
    main()
