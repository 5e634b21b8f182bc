"""What the SageMaker target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
        "secrets": "mlstack_aws.kinds.secret:build",
        "environments": "mlstack_aws.kinds.environment:build",
        "data": "mlstack_aws.kinds.data:build",
        "models": "mlstack_aws.kinds.model:build",
        "compute": "mlstack_aws.kinds.compute:build",
        "jobs": "mlstack_aws.kinds.job:build",
        "notifications": "mlstack_aws.kinds.notification:build",
        "pipelines": "mlstack_aws.kinds.pipeline:build",
        "schedules": "mlstack_aws.kinds.schedule:build",
        "budget": "mlstack_aws.kinds.budget:build",
        "endpoints": "mlstack_aws.kinds.endpoint:build",
        "monitors": "mlstack_aws.kinds.monitor:build",
    }

    resources: ClassVar[Mapping[str, str]] = {
        "mlstack:aws:Upload": "mlstack_aws.resources.upload:Upload",
        "mlstack:aws:Image": "mlstack_aws.resources.image:Image",
        "mlstack:aws:ModelPackage": "mlstack_aws.resources.model_package:ModelPackage",
        "mlstack:aws:Job": "mlstack_aws.resources.job:Job",
        "mlstack:aws:Switch": "mlstack_aws.resources.switch:Switch",
        "mlstack:aws:QualityDefinition": "mlstack_aws.resources.quality:QualityDefinition",
        "mlstack:aws:InferenceComponent": "mlstack_aws.resources.component:InferenceComponent",
    }

    #: Models, images and endpoint configurations are not among them: another is there before one goes.
    stateful: ClassVar = frozenset(
        f"aws:{name}"
        for name in (
            "s3/bucket:Bucket",
            "kms/key:Key",
            "ecr/repository:Repository",
            "ec2/vpc:Vpc",
            "secretsmanager/secret:Secret",
            "sagemaker/endpoint:Endpoint",
            "sagemaker/modelPackageGroup:ModelPackageGroup",
            "cloudwatch/logGroup:LogGroup",
        )
    )

    emulation = "mlstack_aws.rehearsal:AwsEmulation"

    unsupported: ClassVar = SUPPORT.unsupported
    no_input: ClassVar = SUPPORT.no_input
    ways: ClassVar = SUPPORT.ways

    def region(self, stack: Stack | None, config: Config) -> str | None:
        return region.usual(config)

    def environment(self, settings: Any) -> Mapping[str, str]:
        """The region is for what has none of its own (IAM): every other resource says its own."""
        profile = {"AWS_PROFILE": settings.profile} if settings.profile else {}
        return {**profile, "AWS_REGION": region.usual(lambda _key: None)}

    def identify(
        self, token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
    ) -> str | None:
        from mlstack_aws.chosen import chosen_id
        from mlstack_aws.identify import physical_id

        known = physical_id(token, inputs, account, ids)
        return known or chosen_id(token, inputs, account.get("AWS_REGION"), ids)

    def capabilities(self) -> Capabilities:
        from mlstack_aws.catalogue import CAPABILITIES

        return CAPABILITIES

    def runtime(self, site: Site) -> Runtime:
        from mlstack_aws.runtime import AwsRuntime

        return AwsRuntime(site)

    def validate(self, stack: Stack) -> Iterator[Refusal]:
        return SUPPORT.refusals(stack)
