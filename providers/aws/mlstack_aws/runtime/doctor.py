"""What the AWS target needs: packages, credentials, a role that SageMaker may take, quota."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import unquote

from mlstack.errors import MlstackError
from mlstack_aws import region
from mlstack_aws.cloud import client, emulated, told

Check = tuple[str, bool, str]

_PACKAGES = ("pulumi-aws", "boto3")
#: Quotas whose absence stops a first stack, by the beginning of their names in Service Quotas.
_USED = ("ml.m5.large for endpoint usage", "ml.m5.large for training job usage",
         "ml.m5.large for processing job usage")  # fmt: skip


def checks(settings: Any) -> Iterator[Check]:
    """One line after another; what cannot be looked at without the one before is left out."""
    yield _packages()
    where = region.usual(lambda _key: None)
    try:
        with told("sts"):
            identity = client("sts", where, settings.profile).get_caller_identity()
    except MlstackError as error:
        yield "aws credentials", False, _shown(error)
        return
    shown = "a rehearsal needs none" if emulated() else f"{identity['Arn']} in {where}"
    yield "aws credentials", True, shown
    if settings.role_arn is not None:
        yield _role(settings, where)
    if not emulated():
        yield _quota(settings, where)


def _packages() -> Check:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return "aws packages", False, f"{name} is missing; pip install 'mlstack[aws]'"
    return "aws packages", True, ", ".join(found)


def _role(settings: Any, where: str) -> Check:
    """The role of the settings is there, and SageMaker may take it."""
    name = settings.role_arn.rsplit("/", 1)[-1]
    try:
        with told(f"role {name}"):
            role = client("iam", where, settings.profile).get_role(RoleName=name)["Role"]
    except MlstackError as error:
        return "aws role", False, _shown(error)
    trusted = role.get("AssumeRolePolicyDocument") or ""
    text = unquote(trusted) if isinstance(trusted, str) else str(trusted)
    if "sagemaker.amazonaws.com" not in text:
        return "aws role", False, f"{name} does not trust sagemaker.amazonaws.com: add it to its trust policy"
    return "aws role", True, f"{name} may be taken by SageMaker"


def _quota(settings: Any, where: str) -> Check:
    try:
        with told("service quotas"):
            quotas = client("service-quotas", where, settings.profile)
            pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
            held = {each["QuotaName"]: each["Value"] for page in pages for each in page["Quotas"]}
    except MlstackError as error:
        return "aws quota", False, f"it cannot be looked at: {_shown(error)}"
    none = [name for name in _USED if held.get(name) == 0]
    if none:
        page = f"https://{where}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"
        return "aws quota", False, f"none in {where} of {', '.join(none)}; ask for some at {page}"
    return "aws quota", True, f"room in {where}"


def _shown(error: MlstackError) -> str:
    return f"{error.message.splitlines()[0]}; {error.remedy}"
