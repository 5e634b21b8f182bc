"""``settings.aws``: where to."""

from __future__ import annotations

from pydantic import Field

from mlstack.provider import Settings as BaseSettings


class Settings(BaseSettings):
    """``settings.aws``."""

    profile: str | None = Field(
        default=None,
        description="Name of a profile of `~/.aws/config`. Left out: AWS_PROFILE, else what the AWS SDKs "
        "find by themselves.",
    )
    role_arn: str | None = Field(
        default=None,
        description="ARN of the role that models and jobs run as; used, never changed. Left out: one is made "
        "with the rights that the stack needs and no more.",
    )
    subnets: list[str] = Field(
        default_factory=list,
        description="Ids of subnets that a private workspace's models and jobs run in; they need a way to "
        "S3, ECR, SageMaker and CloudWatch. Left out: a network is made for the stack, with a way to these.",
    )
    security_groups: list[str] = Field(
        default_factory=list,
        description="Ids of the security groups beside `subnets`. Left out: needed with `subnets`, of no "
        "use without.",
    )
