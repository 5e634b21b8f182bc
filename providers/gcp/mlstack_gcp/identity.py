"""The service account that jobs and models run as, and the few rights that it has.

Source: "IAM basic and predefined roles reference", cloud.google.com/iam/docs/understanding-roles.
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_gcp.names import physical
from mlstack_gcp.values import join

#: In the project: start jobs and call models, write logs and figures.
PROJECT = {
    "aiplatform": "roles/aiplatform.user",
    "logs": "roles/logging.logWriter",
    "metrics": "roles/monitoring.metricWriter",
}
#: In the bucket: read and write what is in it.
BUCKET = {"objects": "roles/storage.objectUser", "look": "roles/storage.legacyBucketReader"}


def is_own(workspace: Build) -> bool:
    """Whether the account is the stack's own; one that is given is used and not changed."""
    return workspace.spec.identity is None and workspace.settings.service_account is None


def account(build: Build, project: Any, wait: list[Any]) -> tuple[Any, tuple[pulumi.Resource, ...]]:
    """(e-mail, the account's rights in the project): one of the stack's own, or the one that is given."""
    from pulumi_gcp import projects, serviceaccount

    given = build.spec.identity or build.settings.service_account
    if given is not None:
        return given, ()
    made = build.make(
        serviceaccount.Account,
        "identity",
        options={"depends_on": wait},
        project=project,
        account_id=physical(build, longest=30),
        display_name=f"mlstack: jobs and models of {pulumi.get_project()}",
        description=f"mlstack-stack={build.stack_uid}",
    )
    member = pulumi.Output.concat("serviceAccount:", made.email)
    rights: list[pulumi.Resource] = [
        build.make(projects.IAMMember, "identity", what, project=project, role=role, member=member)
        for what, role in PROJECT.items()
    ]
    # a job that starts another one has it run as the same account
    rights.append(
        build.make(
            serviceaccount.IAMMember,
            "identity",
            "itself",
            service_account_id=made.name,
            role="roles/iam.serviceAccountUser",
            member=member,
        )
    )
    return made.email, tuple(rights)


def of_bucket(build: Build, bucket: Any, email: Any) -> tuple[pulumi.Resource, ...]:
    """The rights in the bucket; none where the account is not the stack's own."""
    from pulumi_gcp import storage

    if not is_own(build):
        return ()
    return tuple(
        build.make(
            storage.BucketIAMMember,
            "bucket",
            what,
            bucket=bucket,
            role=role,
            member=join("serviceAccount:", email),
        )
        for what, role in BUCKET.items()
    )
