"""What the SageMaker target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlstack.lowering.support import Refusal
from mlstack.provider import Capabilities, Config, Provider
from mlstack.runtime import Runtime, Site
from mlstack_aws import region
from mlstack_aws.settings import Settings
from mlstack_aws.support import SUPPORT

if TYPE_CHECKING:
    from mlstack.spec import Stack


class Aws(Provider):
    name = "aws"
    Settings = Settings

    native = True

    builders: ClassVar[Mapping[str, str]] = {
        "workspace": "mlstack_aws.kinds.workspace:build",
    }

    resources: ClassVar[Mapping[str, str]] = {}

    unsupported: ClassVar = SUPPORT.unsupported
    no_input: ClassVar = SUPPORT.no_input
    ways: ClassVar = SUPPORT.ways

    def region(self, stack: Stack | None, config: Config) -> str | None:
        return region.usual(config)

    def environment(self, settings: Any) -> Mapping[str, str]:
        """The region is for what has none of its own (IAM): every other resource says its own."""
        profile = {"AWS_PROFILE": settings.profile} if settings.profile else {}
        return {**profile, "AWS_REGION": region.usual(lambda _key: None)}

    def capabilities(self) -> Capabilities:
        from mlstack_aws.catalogue import CAPABILITIES

        return CAPABILITIES

    def runtime(self, site: Site) -> Runtime:
        raise NotImplementedError

    def validate(self, stack: Stack) -> Iterator[Refusal]:
        return SUPPORT.refusals(stack)
