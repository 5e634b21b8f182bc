from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

pytest.importorskip("pulumi_azure_native")

from pulumi_azure_native import machinelearningservices, monitor

from mlstack.sdktypes import (
    Mismatch,
    args_class,
    arm,
    mismatches,
    module_of,
    resource_class,
    shape,
    wire_shape,
)

DEPLOYMENT = (args_class(machinelearningservices.OnlineDeployment),)
MANAGED = {"endpoint_compute_type": "Managed"}


def found(value: object, **options: bool) -> list[Mismatch]:
    return list(mismatches(value, DEPLOYMENT, **options))


def test_a_token_leads_to_its_class_and_to_the_class_of_its_inputs() -> None:
    cls = resource_class("azure-native:machinelearningservices:OnlineDeployment")
    assert cls is machinelearningservices.OnlineDeployment
    assert resource_class("azure-native:machinelearningservices:Nothing") is None
    assert resource_class("no-such-cloud:a:B") is None
    assert (
        args_class(monitor.ActionGroup).__name__ == "ActionGroupInitArgs"
    )  # the usual name is another class


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK whose groups have versions below them, and classes in files of their own."""
    group = tmp_path / "pulumi_far_cloud" / "apps"
    (group / "v1").mkdir(parents=True)
    (group.parent / "__init__.py").write_text("")
    (group / "__init__.py").write_text("class Plain: pass\nclass Twice: pass")
    (group / "v1" / "__init__.py").write_text("class Versioned: pass\nclass Twice: pass")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("sdk")
def test_the_module_of_a_token_is_the_first_that_has_the_name() -> None:
    found = {
        "far-cloud:apps/v1:Versioned": "pulumi_far_cloud.apps.v1",
        "far-cloud:apps/v1:Twice": "pulumi_far_cloud.apps",
        "far-cloud:apps/plain:Plain": "pulumi_far_cloud.apps",
        "far-cloud:apps/v9:Gone": "pulumi_far_cloud.apps",
        "far-cloud:index/apps:Apps": "pulumi_far_cloud.apps",
        "far-cloud:index:Apps": "pulumi_far_cloud",
    }
    assert {token: getattr(module_of(token), "__name__", None) for token in found} == found
    assert module_of("far-cloud:none/v1:Plain") is None


def test_a_shape_knows_both_names_types_and_what_is_required() -> None:
    managed = shape(machinelearningservices.ManagedOnlineDeploymentArgs)
    assert managed["instance_type"].wire == "instanceType"
    assert managed["instance_type"].types == (str,)
    assert managed["endpoint_compute_type"].constant == "Managed"
    assert managed["request_settings"].types == (machinelearningservices.OnlineRequestSettingsArgs,)
    assert not managed["request_settings"].required
    assert wire_shape(DEPLOYMENT[0])["endpointName"].required


def test_an_arm_of_a_union_is_found_by_discriminator_else_by_its_keys() -> None:
    types = shape(DEPLOYMENT[0])["properties"].types
    assert arm({"endpoint_compute_type": "Kubernetes"}, types).__name__ == "KubernetesOnlineDeploymentArgs"
    assert arm({"endpointComputeType": "Managed"}, types, wire=True).__name__ == "ManagedOnlineDeploymentArgs"
    assert arm({"container_resource_requirements": {}}, types).__name__ == "KubernetesOnlineDeploymentArgs"


@pytest.mark.parametrize(
    ("properties", "path", "suggestion"),
    [
        ({"instance_typ": "x"}, ("instance_typ",), "instance_type"),
        ({"egress_public_network_access": "disabled"}, ("egress_public_network_access",), "Disabled"),
        ({"app_insights_enabled": "yes"}, ("app_insights_enabled",), None),
        ({"request_settings": {"max_queue_wait": 3}}, ("request_settings", "max_queue_wait"), None),
        ({"request_settings": ["PT5S"]}, ("request_settings",), None),
        ({"environment_variables": {"A": 3}}, ("environment_variables", "A"), None),
        ({"environment_variables": "A=3"}, ("environment_variables",), None),
    ],
)
def test_what_the_types_do_not_allow_is_told_with_its_place(
    properties: dict[str, object], path: tuple[str, ...], suggestion: str | None
) -> None:
    (one,) = found({"properties": MANAGED | properties})
    assert one.path == ("properties", *path)
    assert one.suggestion == suggestion


def test_what_the_types_allow_is_not_told() -> None:
    good = {"properties": MANAGED | {"request_settings": {"max_concurrent_requests_per_instance": 2.0}}}
    assert found(good) == []
    assert found({"tags": {"a": None}, "sku": None}) == []


def test_a_complete_object_has_all_that_is_required() -> None:
    missing = {one.path for one in found({"properties": MANAGED}, complete=True)}
    assert missing == {("endpoint_name",), ("resource_group_name",), ("workspace_name",)}


def test_wire_names_are_judged_by_themselves() -> None:
    value = {"properties": {"endpointComputeType": "Managed", "instance_type": "x"}}
    (one,) = found(value, wire=True)
    assert (one.path, one.suggestion) == (("properties", "instance_type"), "instanceType")


def test_what_is_ignored_is_believed() -> None:
    value = {"properties": MANAGED | {"app_insights_enabled": pulumi.Output.from_input("?")}}
    assert list(mismatches(value, DEPLOYMENT, ignored=lambda each: isinstance(each, pulumi.Output))) == []
