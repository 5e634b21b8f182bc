"""The id of what the builders make, known from the inputs alone: recovery looks there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import azure.ai.ml._restclient as their_client
import mlstack_azure
import pytest
from mlstack_azure import Azure
from mlstack_azure.identify import PATHS
from mlstack_azure.rehearsal import ids

from mlstack.program import deploy
from mlstack.provider import STACK_TAG
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.sdktypes import args_class, resource_class, wire_shape
from mlstack.spec import Stack
from mlstack.testing import Recording, record
from mlstack.testing.record import UID

EXAMPLES = Path(__file__).parents[3] / "examples"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/w"

#: What cannot carry a tag on Azure, and what makes it the stack's own all the same.
UNTAGGED = {
    "authorization:RoleAssignment": "its name is a UUID of the stack's",
    "consumption:Budget": "its name has the stack's hash",
    "kubernetesconfiguration:Extension": "on a cluster of the stack's",
    "monitor:DiagnosticSetting": "its name has the stack's hash",
    "network:PrivateDnsZoneGroup": "of an endpoint of the stack's",
}
#: What is the hash of something that runs before it.
LATE = {f"machinelearningservices:{name}" for name in ("ModelVersion", "ComponentVersion")}


def made() -> Iterator[str]:
    """Module and class of each resource that a builder makes, read from the builders' own text."""
    for file in Path(mlstack_azure.__file__).parent.rglob("*.py"):
        tree = ast.parse(file.read_text())
        modules = {
            alias.asname or alias.name: alias.name.rpartition(".")[2]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
            if called and node.func.attr == "make" and isinstance(node.args[0], ast.Attribute):  # type: ignore
                first = node.args[0]  # type: ignore[attr-defined]
                module = import_module(f"pulumi_azure_native.{modules[first.value.id]}")
                yield getattr(module, first.attr).pulumi_type.partition(":")[2]


def test_all_that_the_builders_make_is_known() -> None:
    assert set(PATHS) == set(made())


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_a_path_is_made_of_inputs_that_the_sdk_has(kind: str) -> None:
    cls = resource_class(f"azure-native:{kind}")
    assert cls is not None
    args = args_class(cls)
    assert args is not None
    assert set(re.findall(r"{(\w+)}", PATHS[kind])) - {"subscriptionId"} <= set(wire_shape(args))


def test_the_paths_of_azure_ml_are_those_of_its_own_client() -> None:
    folder = Path(their_client.__path__[0])
    text = "".join(file.read_text() for file in folder.glob("arm_ml_service/operations/*.py"))
    theirs = {path.lower() for path in re.findall(r'"(/subscriptions/[^"]*)"', text)}
    ours = {path.lower() for kind, path in PATHS.items() if kind.startswith("machinelearningservices:")}
    assert ours <= theirs


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_the_emulated_platform_gives_the_same_ids(kind: str) -> None:
    inputs = {name: f"a-{name}" for name in re.findall(r"{(\w+)}", PATHS[kind])}
    theirs = ids.arm_id(ids.type_of(f"azure-native:{kind}"), inputs, SUBSCRIPTION)
    assert of(kind, **inputs) == theirs


@pytest.fixture(params=["digits", "blue-green", "batch", "kitchen-sink"])
def example(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HF_TOKEN", "of a test")
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    return str(request.param)


def recorded(example: str) -> Recording:
    stack = Stack.load(EXAMPLES / example / "mlstack.yaml", stack="dev-azure", sets=["cloud=azure"])
    return record(provider("azure"), lambda: deploy(stack), stack.root)


def test_the_names_of_an_example_are_told_and_the_same_each_time(example: str) -> None:
    first, second = recorded(example).children(), recorded(example).children()
    cloud = [each for each in first if each.type.startswith("azure-native:")]
    assert cloud
    again = {each.urn: each.inputs for each in second}
    for each in cloud:
        kind = each.type.partition(":")[2]
        own = re.findall(r"{(\w+)}", PATHS[kind])[-1]
        known = isinstance(each.inputs[own], str)
        assert known or (kind in LATE and each.inputs[own] is UNKNOWN), f"{each.urn}: {own} is made up"
        assert each.inputs[own] == again[each.urn][own]


def test_what_an_example_makes_says_whose_it_is(example: str) -> None:
    for each in recorded(example).children():
        kind = each.type.partition(":")[2]
        if each.type.startswith("azure-native:"):
            assert (f"'{STACK_TAG}': '{UID}'" in str(each.inputs)) != (kind in UNTAGGED), each.urn


def of(
    kind: str, account: dict[str, str] | None = None, near: tuple[str, ...] = (), **inputs: Any
) -> str | None:
    known = {"ARM_SUBSCRIPTION_ID": SUBSCRIPTION} if account is None else account
    return Azure().identify(f"azure-native:{kind}", inputs, known, near)


def test_ids_are_those_of_the_rest_reference() -> None:
    inside = {"resourceGroupName": "g", "workspaceName": "w"}
    assert of("resources:ResourceGroup", resourceGroupName="g") == GROUP
    assert of("machinelearningservices:Workspace", **inside) == WORKSPACE
    named = {"endpointName": "e", "deploymentName": "d"}
    deployment = f"{WORKSPACE}/onlineEndpoints/e/deployments/d"
    assert of("machinelearningservices:OnlineDeployment", **inside, **named) == deployment
    assert of("machinelearningservices/v20240401:OnlineDeployment", **inside, **named) == deployment
    role = of("authorization:RoleAssignment", scope=WORKSPACE, roleAssignmentName="r")
    assert role == f"{WORKSPACE}/providers/Microsoft.Authorization/roleAssignments/r"
    assert of("authorization:RoleAssignment", scope=WORKSPACE[1:], roleAssignmentName="r") == role


def test_what_is_not_named_or_none_of_the_builders_is_not_known() -> None:
    assert of("machinelearningservices:OnlineEndpoint", resourceGroupName="g", workspaceName="w") is None
    assert of("compute:VirtualMachine", resourceGroupName="g", vmName="v") is None
    assert Azure().identify("aws:s3/bucket:Bucket", {"bucket": "b"}, {}, ()) is None


def test_the_subscription_is_the_one_that_is_said_else_that_of_the_group() -> None:
    config = {"azure-native:subscriptionId": "of-config", "ARM_SUBSCRIPTION_ID": "of-variable"}
    name = {"resourceGroupName": "g"}
    assert of("resources:ResourceGroup", config, **name) == "/subscriptions/of-config/resourceGroups/g"
    near = ("/subscriptions/another/resourceGroups/h", "/subscriptions/of-group/resourcegroups/G/providers/x")
    assert of("resources:ResourceGroup", {}, near, **name) == "/subscriptions/of-group/resourceGroups/g"


def test_az_is_asked_where_nothing_else_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    az = tmp_path / "az"
    az.write_text('#!/bin/sh\n[ "$1 $2" = "account show" ] && echo of-az\n')
    az.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    made = of("resources:ResourceGroup", {}, resourceGroupName="g")
    assert made == "/subscriptions/of-az/resourceGroups/g"
    az.write_text("#!/bin/sh\nexit 1\n")
    assert of("resources:ResourceGroup", {}, resourceGroupName="g") is None
