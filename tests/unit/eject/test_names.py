"""What the wire calls by token and path is found under the SDK's names."""

from __future__ import annotations

from typing import Any

import pytest

from mlstack.eject.names import Path, accessor, function, parameter
from mlstack.eject.naming import unused, variables
from mlstack.sdktypes import resource_class

ML = "azure-native:machinelearningservices"


@pytest.mark.parametrize(
    ("type", "path", "written"),
    [
        ("OnlineEndpoint", ("id",), ".id"),
        ("OnlineEndpoint", ("properties", "scoringUri"), ".properties.scoring_uri"),
        ("OnlineEndpoint", ("identity", "principalId"), ".identity.principal_id"),
        ("OnlineEndpoint", ("tags", "a-b"), '.tags["a-b"]'),
        (
            "OnlineEndpoint",
            ("identity", "userAssignedIdentities", "/a/b", "clientId"),
            '.identity.user_assigned_identities["/a/b"].client_id',
        ),
        ("Workspace", ("keyVault",), ".key_vault"),
        ("Workspace", ("privateEndpointConnections", 0, "id"), ".private_endpoint_connections[0].id"),
        ("OnlineEndpoint", ("properties", "nothing"), None),
        ("OnlineEndpoint", ("nothing",), None),
    ],
)
def test_an_output_by_its_path(type: str, path: Path, written: str | None) -> None:
    assert accessor(resource_class(f"{ML}:{type}"), path) == written


def test_a_function_by_its_token() -> None:
    found: Any = function(f"{ML}:listOnlineEndpointKeys")
    assert found.name == "list_online_endpoint_keys_output"
    assert parameter(found, "resourceGroupName") == "resource_group_name"
    assert accessor(found.result, ("primaryKey",)) == ".primary_key"
    assert function(f"{ML}:listNothing") is None
    assert function("no-such-cloud:index:getIt") is None


def test_variables_are_words_of_the_names_and_no_two_the_same() -> None:
    head = "urn:pulumi:dev::demo::"
    component, child = (
        f"{head}mlstack:index:Endpoint::my-net",
        f"{head}mlstack:index:Endpoint$x:y:OnlineEndpoint",
    )
    urns = [
        (component, False),
        (f"{child}::my-net", True),
        (f"{head}mlstack:index:Model$x:y:ModelVersion::my-net", True),
        (f"{head}mlstack:index:Model$x:z:ModelVersion::my-net", True),
        (f"{head}mlstack:index:Workspace::default", False),
        (f"{head}x:y:Disk::storage", True),
        (f"{head}x:y:Disk::2nd", True),
        (f"{head}x:y:Disk::class", True),
        (f"{head}example:index:Service::wine", False),
    ]

    assert list(variables(urns, ["storage"]).values()) == [
        "endpoints_my_net",
        "my_net_online_endpoint",
        "my_net_model_version",
        "my_net_model_version_2",
        "workspace",
        "storage_2",
        "_2nd",
        "class_2",
        "wine_service",
    ]


def test_a_name_is_used_once() -> None:
    used = {"a", "a_2"}
    assert [unused("a", used), unused("b", used), unused("b", used)] == ["a_3", "b", "b_2"]
