"""A key of the user's own: Google's services are let use it, as each encrypts by an account of its own.

Source: "Customer-managed encryption keys", cloud.google.com/kms/docs/cmek.
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build

ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
#: Services whose account is made when it is asked for; that of storage has a function of its own.
AGENTS = ("aiplatform", "artifactregistry", "secretmanager")


def allowed(build: Build, project: Any, wait: list[Any]) -> tuple[pulumi.Resource, ...]:
    """The rights of Google's own accounts on the key of the spec; nothing where it has none."""
    from pulumi_gcp import kms, projects, storage

    key = build.spec.encryption_key
    if key is None:
        return ()
    found = storage.get_project_service_account_output(project=project)
    members: dict[str, Any] = {"storage": found.apply(lambda held: f"serviceAccount:{held.email_address}")}
    for service in AGENTS:
        agent = build.make(
            projects.ServiceIdentity,
            service,
            "agent",
            options={"depends_on": wait},
            project=project,
            service=f"{service}.googleapis.com",
        )
        members[service] = agent.member
    return tuple(
        build.make(
            kms.CryptoKeyIAMMember,
            "key",
            service,
            # the accounts are the project's: what other stacks have encrypted is read by the same right
            options={"retain_on_delete": True},
            crypto_key_id=key,
            role=ROLE,
            member=member,
        )
        for service, member in members.items()
    )
