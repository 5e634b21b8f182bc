"""Which project and region a stack is in."""

from __future__ import annotations

import os
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack_gcp import region as usual

#: Of pulumi-gcp and of Google's SDKs, in their order.
PROJECT = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")


def region(build: Build) -> str:
    """The region: of the spec, of Google's variables, of pulumi-gcp's config; else the usual one."""
    given: str | None = build.stackwide.region
    return given or usual.usual(lambda _key: pulumi.Config("gcp").get("region"))


def named_project(settings: Any) -> str | None:
    """The project, as settings and variables name it."""
    found = next((value for name in PROJECT if (value := os.environ.get(name))), None)
    return settings.project or found


def project(build: Build) -> pulumi.Input[str]:
    """The project's id; asked of the credentials where neither settings, variables nor config say it."""
    known = named_project(build.settings) or pulumi.Config("gcp").get("project")
    if known:
        return known
    from pulumi_gcp import organizations

    found: pulumi.Output[str] = organizations.get_client_config_output().apply(
        lambda held: _said(held.project)
    )
    return found


def number(build: Build, project: pulumi.Input[str]) -> pulumi.Output[str]:
    """The project's number, by which some of its resources, and Google's own accounts in it, are named."""
    from pulumi_gcp import organizations

    if "gcp.number" not in build.shared:
        found = organizations.get_project_output(project_id=project)
        build.shared["gcp.number"] = found.apply(lambda held: str(held.number))
    number: pulumi.Output[str] = build.shared["gcp.number"]
    return number


def _said(project: str | None) -> str:
    """What the credentials name. A run that asks no cloud has no answer to it, and needs none."""
    if project == "":
        raise UsageError(
            "it is not said in which Google Cloud project the stack is, and the credentials name none",
            code="no-project",
            remedy="write settings.gcp.project in the spec, or set GOOGLE_CLOUD_PROJECT",
        )
    return str(project)
