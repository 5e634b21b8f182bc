"""What the Azure target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlstack.provider import Capabilities, Config, Provider
from mlstack.runtime import Runtime, Site
from mlstack_azure import region
from mlstack_azure.settings import Settings
from mlstack_azure.support import SUPPORT

if TYPE_CHECKING:
    from mlstack.spec import Stack


class Azure(Provider):
    name = "azure"
    Settings = Settings
    native = True
    emulation = "mlstack_azure.rehearsal:AzureEmulation"

    builders: ClassVar = {
        "workspace": "mlstack_azure.kinds.workspace:build",
        "secrets": "mlstack_azure.kinds.secret:build",
        "compute": "mlstack_azure.kinds.compute:build",
        "environments": "mlstack_azure.kinds.environment:build",
        "data": "mlstack_azure.kinds.data:build",
        "jobs": "mlstack_azure.kinds.job:build",
        "models": "mlstack_azure.kinds.model:build",
        "endpoints": "mlstack_azure.kinds.endpoint:build",
        "monitors": "mlstack_azure.kinds.monitor:build",
        "notifications": "mlstack_azure.kinds.notification:build",
        "pipelines": "mlstack_azure.kinds.pipeline:build",
        "schedules": "mlstack_azure.kinds.schedule:build",
        "budget": "mlstack_azure.kinds.budget:build",
    }

    resources: ClassVar = {
        "mlstack:azure:Upload": "mlstack_azure.resources.upload:Upload",
        "mlstack:azure:Job": "mlstack_azure.resources.job:Job",
        "mlstack:azure:Traffic": "mlstack_azure.resources.traffic:Traffic",
    }

    #: Versions of assets and deployments are not among them: another is there before one goes.
    stateful: ClassVar = frozenset(
        f"azure-native:{name}"
        for name in (
            "resources:ResourceGroup",
            "machinelearningservices:Workspace",
            "machinelearningservices:Registry",
            "storage:StorageAccount",
            "keyvault:Vault",
            "containerregistry:Registry",
            "operationalinsights:Workspace",
            "applicationinsights:Component",
            "machinelearningservices:OnlineEndpoint",
            "machinelearningservices:BatchEndpoint",
        )
    )

    unsupported: ClassVar = SUPPORT.unsupported
    no_input: ClassVar = SUPPORT.no_input
    ways: ClassVar = SUPPORT.ways

    def region(self, stack: Stack | None, config: Config) -> str | None:
        return region.before(stack, config)

    def environment(self, settings: Any) -> Mapping[str, str]:
        named = {"ARM_SUBSCRIPTION_ID": settings.subscription, "ARM_TENANT_ID": settings.tenant}
        return {variable: value for variable, value in named.items() if value}

    def identify(
        self, token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
    ) -> str | None:
        from mlstack_azure.identify import arm_id

        return arm_id(token, inputs, account, ids)

    def capabilities(self) -> Capabilities:
        from mlstack_azure.catalogue import CAPABILITIES

        return CAPABILITIES

    def runtime(self, site: Site) -> Runtime:
        from mlstack_azure.runtime import AzureRuntime

        return AzureRuntime(site)

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        return SUPPORT.refusals(stack)
