"""Roles: a service takes one only where it is there and trusts the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, Problem, Site, View, condition, invalid, rule

_ROLES = DOCS + "sagemaker/latest/dg/sagemaker-roles.html"
_TRUST = DOCS + "IAM/latest/UserGuide/id_roles_create_for-service.html"

#: service, operations, where the role stands, who is to assume it
_TAKERS = (
    ("sagemaker", ("CreateModel", "CreateEndpointConfig"), "ExecutionRoleArn", "sagemaker.amazonaws.com"),
    (
        "sagemaker",
        (
            "CreateTrainingJob",
            "CreateProcessingJob",
            "CreateDataQualityJobDefinition",
            "CreateModelQualityJobDefinition",
            "CreateModelBiasJobDefinition",
            "CreateModelExplainabilityJobDefinition",
            "CreatePipeline",
            "UpdatePipeline",
        ),
        "RoleArn",
        "sagemaker.amazonaws.com",
    ),
    ("codebuild", ("CreateProject", "UpdateProject"), "serviceRole", "codebuild.amazonaws.com"),
    ("scheduler", ("CreateSchedule", "UpdateSchedule"), "Target.RoleArn", "scheduler.amazonaws.com"),
)


def _enter(service: str, operations: tuple[str, ...], path: str, principal: str) -> None:
    @condition(f"role-{operations[0]}", service, *operations, source=f"{_ROLES}; {_TRUST}")
    def trusted(site: Site, x: View, region: str) -> Iterator[CloudFault]:
        arn = x.text(path)
        if f":{site.account}:role/" not in arn:
            return
        found = site.look("iam", "get_role", {"RoleName": arn.rpartition("/")[2]})
        policy = found["Role"]["AssumeRolePolicyDocument"] if found else None
        if policy is None or principal not in _services(policy):
            yield invalid(
                f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
                f"'{principal}' to assume the role."
            )


def _services(policy: Any) -> set[str]:
    """Services that a trust policy allows."""
    found: set[str] = set()
    for one in _listed((json.loads(policy) if isinstance(policy, str) else policy).get("Statement")):
        principal = one.get("Principal") or {}
        if one.get("Effect") == "Allow" and isinstance(principal, dict):
            found |= set(_listed(principal.get("Service")))
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


for _row in _TAKERS:
    _enter(*_row)


_POLICIES = DOCS + "IAM/latest/UserGuide/reference_policies_elements.html"


@rule("policy-json", "iam", "CreateRole", "PutRolePolicy", source=_POLICIES)
def policy(x: View) -> Iterator[Problem]:
    path = "AssumeRolePolicyDocument" if x.given("AssumeRolePolicyDocument") else "PolicyDocument"
    yield from statements(x, path, trust=path == "AssumeRolePolicyDocument")


@rule("bucket-policy-json", "s3", "PutBucketPolicy", source=_POLICIES)
def bucket_policy(x: View) -> Iterator[Problem]:
    yield from statements(x, "Policy", trust=False)


def statements(x: View, path: str, *, trust: bool) -> Iterator[Problem]:
    """What is wrong with a policy's text."""
    text = x.text(path)
    if not text:
        return
    try:
        document = json.loads(text)
    except ValueError as problem:
        yield path, f"is no JSON: {problem}"
        return
    found = _listed(document.get("Statement")) if isinstance(document, dict) else []
    if not found:
        yield path, "has no Statement"
    for at, one in enumerate(found):
        here = f"statement {at + 1}"
        if not isinstance(one, dict):
            yield path, f"{here} is no object"
            continue
        if one.get("Effect") not in ("Allow", "Deny"):
            yield path, f"{here}: Effect is Allow or Deny, not {one.get('Effect')!r}"
        if not one.keys() & {"Action", "NotAction"}:
            yield path, f"{here} has no Action"
        if trust and "Principal" not in one:
            yield path, f"{here} has no Principal"
        if trust and "Resource" in one:
            yield path, f"{here} has a Resource, which a trust policy has not"
        if not trust and not one.keys() & {"Resource", "NotResource"}:
            yield path, f"{here} has no Resource"


@condition("policy-there", "iam", "AttachRolePolicy",
           source=DOCS + "IAM/latest/APIReference/API_AttachRolePolicy.html: NoSuchEntity")  # fmt: skip
def attached(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    arn = x.text("PolicyArn")
    if arn.startswith("arn:aws:iam::aws:policy/"):
        name = arn.rpartition("/")[2]
        if f'\n "{name}":{{' not in aws_managed_policies_data:
            yield CloudFault(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
