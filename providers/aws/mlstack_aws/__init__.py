"""The SageMaker target: the spec as resources of pulumi-aws, and what that package lacks."""

from mlstack_aws.provider import Aws

__all__ = ["Aws"]
