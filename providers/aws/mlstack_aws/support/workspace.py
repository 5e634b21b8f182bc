"""Workspace on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack, Workspace
from mlstack_aws.settings import Settings

UNSUPPORTED: Mapping[str, str] = {"policies": "no policy is checked yet: leave it out"}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "region": Way("one of the catalogue's", value="eu-west-1"),
    "workspace.registry": Way(
        "of ECR, by name, URI or ARN; once an image is to be built",
        {"environments": {"one": {"packages": ["six==1.17.0"]}}},
    ),
    "security": Way("with a key that is made, or with your own", value="strict"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    workspace = stack.workspace or Workspace()
    strict = stack.security == "strict"
    if strict and workspace.network == "public":
        yield (
            ("workspace", "network"),
            "with security: strict nothing is reached from the internet",
            "write network: private, or leave it out; or security: standard",
        )
    try:
        settings = Settings.model_validate(stack.settings.get("aws", {}))
    except ValueError:
        return  # the settings are wrong themselves, and refused for it
    if settings.subnets and not settings.security_groups:
        yield (
            ("settings", "aws", "subnets"),
            "models and jobs in subnets need a security group",
            "write settings: {aws: {security_groups: [sg-…]}} beside it",
        )
