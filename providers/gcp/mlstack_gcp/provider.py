"""What the Vertex AI target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlstack.lowering.support import Refusal
from mlstack.provider import Capabilities, Config, Provider
from mlstack.runtime import Runtime, Site
from mlstack_gcp import region
from mlstack_gcp.settings import Settings
from mlstack_gcp.support import SUPPORT

if TYPE_CHECKING:
    from mlstack.spec import Stack


class Gcp(Provider):
    name = "gcp"
    Settings = Settings
    emulation = "mlstack_gcp.rehearsal:GcpEmulation"

    native = True

    builders: ClassVar[Mapping[str, str]] = {
        "workspace": "mlstack_gcp.kinds.workspace:build",
        "secrets": "mlstack_gcp.kinds.secret:build",
        "compute": "mlstack_gcp.kinds.compute:build",
        "environments": "mlstack_gcp.kinds.environment:build",
        "data": "mlstack_gcp.kinds.data:build",
        "jobs": "mlstack_gcp.kinds.job:build",
        "models": "mlstack_gcp.kinds.model:build",
        "endpoints": "mlstack_gcp.kinds.endpoint:build",
        "monitors": "mlstack_gcp.kinds.monitor:build",
        "notifications": "mlstack_gcp.kinds.notification:build",
        "pipelines": "mlstack_gcp.kinds.pipeline:build",
        "schedules": "mlstack_gcp.kinds.schedule:build",
        "budget": "mlstack_gcp.kinds.budget:build",
    }
    resources: ClassVar[Mapping[str, str]] = {
        "mlstack:gcp:Job": "mlstack_gcp.resources.job:Job",
        "mlstack:gcp:PipelineSchedule": "mlstack_gcp.resources.pipeline_schedule:PipelineSchedule",
        "mlstack:gcp:Deployment": "mlstack_gcp.resources.deployment:Deployment",
        "mlstack:gcp:Traffic": "mlstack_gcp.resources.traffic:Traffic",
        "mlstack:gcp:Upload": "mlstack_gcp.resources.upload:Upload",
        "mlstack:gcp:Image": "mlstack_gcp.resources.image:Image",
        "mlstack:gcp:MonitoringJob": "mlstack_gcp.resources.monitoring_job:MonitoringJob",
        "mlstack:gcp:Model": "mlstack_gcp.resources.model:Model",
    }

    #: Versions in the registry and deployed models are not among them: another is there before one goes.
    stateful: ClassVar = frozenset(
        f"gcp:{name}"
        for name in (
            "storage/bucket:Bucket",
            "artifactregistry/repository:Repository",
            "compute/network:Network",
            "kms/cryptoKey:CryptoKey",
            "vertex/aiEndpoint:AiEndpoint",
        )
    )

    unsupported: ClassVar = SUPPORT.unsupported
    no_input: ClassVar = SUPPORT.no_input
    ways: ClassVar = SUPPORT.ways

    def region(self, stack: Stack | None, config: Config) -> str | None:
        return region.usual(config)

    def environment(self, settings: Any) -> Mapping[str, str]:
        return {"GOOGLE_PROJECT": settings.project} if settings.project else {}

    def identify(
        self, token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
    ) -> str | None:
        from mlstack_gcp.chosen import chosen_id
        from mlstack_gcp.identify import google_id, said

        return google_id(token, inputs, account) or chosen_id(token, inputs, said(account), ids)

    def capabilities(self) -> Capabilities:
        from mlstack_gcp.catalogue import CAPABILITIES

        return CAPABILITIES

    def runtime(self, site: Site) -> Runtime:
        from mlstack_gcp.runtime import GcpRuntime

        return GcpRuntime(site)

    def validate(self, stack: Stack) -> Iterator[Refusal]:
        return SUPPORT.refusals(stack)
