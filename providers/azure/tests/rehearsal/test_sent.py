"""What the engine sends is what the program registered: the documents of the emulated cloud after a real
`up`, beside the bodies of the registrations that the oracle judges.

The oracle compares registrations with azure-ai-ml, without an engine. Here the same specs go through the
engine, its serialisation and the provider's door.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.rehearsal import ids
from ruamel.yaml import YAML

from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.rehearsal import World
from mlstack.spec import Stack
from mlstack.testing import Registered, record
from mlstack.testing.record import PROJECT, UID
from providers.azure.tests.oracle import bodies, ours
from providers.azure.tests.oracle.cases import FILES, SUBSCRIPTION
from tests.oracle.compare import EMPTY, leaves

MLSTACK = Path(sys.executable).with_name("mlstack")
SOUND = Path(__file__).parent / "mistakes" / "sound.yaml"
SETTINGS = {"azure": {"subscription": SUBSCRIPTION, "resource_group": "ml-prod"}}
#: A stack with a workspace of its own, and what the other one does not have.
OWN = """
version: 1
cloud: azure
region: westeurope
tags: {team: vision}
environments: {sk: {python: "3.11", packages: [scikit-learn]}}
compute: {pool: {size: cpu-m, min: 0, max: 3, idle: 10m, spot: true}}
models: {net: {path: ./mlflow, flavor: mlflow}}
endpoints:
  scores:
    deployments:
      blue: {model: net, size: cpu-s, traffic: 90, env: {A: b}, replicas: {min: 1, max: 4, target: {cpu: 60}}}
      green: {model: net, instance: Standard_DS3_v2, traffic: 10, probes: {live: {initial_delay: 10s}}}
"""

pytestmark = pytest.mark.engine


class Answers(ours.Azure):
    """Every id is the one that Azure gives: documents refer to each other by them."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        id, outputs = super().created(type, name, inputs)
        if type.startswith("azure-native:"):
            id = ids.arm_id(ids.type_of(type), dict(inputs), SUBSCRIPTION)
        return id, outputs


@pytest.mark.drawn
@pytest.mark.parametrize("text", [SOUND.read_text(), OWN], ids=["workspace-that-exists", "own-workspace"])
def test_the_engine_sends_what_the_program_registered(text: str, tmp_path: Path) -> None:
    root = shutil.copytree(FILES, tmp_path / "stack")
    spec = {**YAML(typ="safe").load(text), "name": PROJECT, "settings": SETTINGS}
    with (root / "mlstack.yaml").open("w") as file:
        YAML().dump(spec, file)
    own = root / ".mlstack" / "rehearsal" / "dev-azure"
    own.mkdir(parents=True)
    (own / "Pulumi.dev-azure.yaml").write_text(f"config:\n  mlstack:uid: {UID}\n")
    ran = subprocess.run(
        [MLSTACK, "up", "--rehearse", "--yes", "--json"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    assert json.loads(ran.stdout)["summary"]["create"] > 10

    stack = Stack.load(root / "mlstack.yaml")
    recording = record(provider("azure"), lambda: deploy(stack), root, Answers())
    (world,) = own.glob("world.sqlite")
    found = [line for each in recording.children() for line in differing(World(world), each)]
    compared = [each for each in recording.children() if each.type.startswith(bodies.ML)]
    assert len(compared) >= 6
    assert not found, "\n".join(found)


def differing(world: World, registered: Registered) -> Iterator[str]:
    """Where the document of a resource of Azure ML is not what was registered for it."""
    if not registered.type.startswith(bodies.ML):
        return
    id = bodies.arm_id(registered.type, registered.inputs, SUBSCRIPTION)
    document = world.get(id)
    if document is None:
        yield f"{registered.type} {registered.name}: there is no {id}"
        return
    held = leaves(document)
    for path, value in leaves(bodies.body(registered.type, registered.inputs)).items():
        if value == EMPTY and any(each.startswith(path) for each in held):
            continue  # the platform writes into it: an identity's ids
        if held.get(path) != value and _content(held.get(path)) != _content(value):
            yield f"{registered.type} {registered.name} {path}: {value!r}, and there {held.get(path)!r}"


def _content(uri: Any) -> Any:
    """What an address of uploaded content names, whatever the storage account: whose, which, and its hash."""
    account, found, content = str(uri).partition("/mlstack/")
    return content.replace("/", ".") if found else (uri, account)
