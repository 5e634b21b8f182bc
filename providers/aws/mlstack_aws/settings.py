"""``settings.aws``: where to."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from mlstack.provider import Settings as BaseSettings
from mlstack.spec.faults import fault
from mlstack_aws.ids import is_role, not_a_role


def _role(text: str) -> str:
    if is_role(text):
        return text
    raise fault("bad-role", *not_a_role(text))


def _id(beginning: str, what: str) -> AfterValidator:
    def check(text: str) -> str:
        if re.fullmatch(rf"{beginning}-[a-z0-9]+", text):
            return text
        raise fault(
            "bad-id", f"{text!r} is no id of a {what}", f"write ids as AWS shows them: {beginning}-0a1b2c3d…"
        )

    return AfterValidator(check)


class Settings(BaseSettings):
    """``settings.aws``."""

    profile: str | None = Field(
        default=None,
        description="Name of a profile of `~/.aws/config`. Left out: AWS_PROFILE, else what the AWS SDKs "
        "find by themselves.",
    )
    role_arn: Annotated[str, AfterValidator(_role)] | None = Field(
        default=None,
        description="ARN of the role that models and jobs run as; used, never changed. Left out: one is made "
        "with the rights that the stack needs and no more.",
    )
    subnets: list[Annotated[str, _id("subnet", "subnet")]] = Field(
        default_factory=list,
        description="Ids of subnets that a private workspace's models and jobs run in; they need a way to "
        "S3, ECR, SageMaker and CloudWatch. Left out: a network is made for the stack, with a way to these.",
    )
    security_groups: list[Annotated[str, _id("sg", "security group")]] = Field(
        default_factory=list,
        description="Ids of the security groups beside `subnets`. Left out: needed with `subnets`, of no "
        "use without.",
    )
