"""A target whose endpoints are real classes of an SDK, as far as native passthrough is concerned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstack.provider import Provider
from mlstack.registry import provider
from mlstack.testing import entry_points

TARGET = """
from typing import ClassVar

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Capabilities, Provider


def endpoint(build):
    from pulumi_azure_native import machinelearningservices as ml

    main = build.make(
        ml.OnlineEndpoint,
        main=True,
        resource_group_name="group",
        workspace_name="place",
        endpoint_name=build.name,
        tags=pulumi.Output.from_input({"team": "vision"}),
        properties=ml.OnlineEndpointPropertiesArgs(auth_mode="Key", traffic={"blue": 90, "green": 10}),
    )
    for name in build.spec.deployments:
        build.make(
            ml.OnlineDeployment,
            name,
            resource_group_name="group",
            workspace_name="place",
            endpoint_name=main.name,
            properties=ml.ManagedOnlineDeploymentArgs(
                endpoint_compute_type="Managed",
                instance_type="Standard_D2s_v3",
                request_settings=ml.OnlineRequestSettingsArgs(
                    request_timeout="PT5S", max_concurrent_requests_per_instance=1
                ),
            ),
            sku=ml.SkuArgs(name="Default", capacity=1),
        )
    GapResource("mlstack:shelf:Traffic", build.child("traffic"), {"split": {}}, (), build.opts())
    return {"url": None, "id": main.id, "key": None, "deployments": {}}


def job(build):
    made = GapResource("mlstack:shelf:Job", build.name, {"command": "x"}, (), build.opts())
    return {"id": made.id, "status": None, "outputs": None}


def env(build):
    return {"id": None, "image": None}


class Shelf(Provider):
    name = "shelf"
    native = True
    builders: ClassVar = {
        "endpoints": "mlstack_shelf:endpoint",
        "jobs": "mlstack_shelf:job",
        "environments": "mlstack_shelf:env",
    }
    unsupported: ClassVar = {}

    def capabilities(self):
        return Capabilities()

    def runtime(self, site):
        raise AssertionError
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Provider]:
    pytest.importorskip("pulumi_azure_native")
    (tmp_path / "mlstack_shelf.py").write_text(TARGET)
    with entry_points("mlstack-shelf", {"shelf": "mlstack_shelf:Shelf"}, tmp_path):
        yield provider("shelf")
