"""Secrets and their versions.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
secretsmanager_secret, secretsmanager_secret_version.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class Secret(Adapter):
    type = "aws:secretsmanager/secret:Secret"
    replaces = frozenset({"name", "namePrefix"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        given = {"Name": inputs.get("name"), "Description": inputs.get("description")}
        yield "secretsmanager", "CreateSecret", {k: v for k, v in given.items() if v is not None}
        days = inputs.get("recoveryWindowInDays")
        if isinstance(days, (int, float)) and days:
            yield "secretsmanager", "DeleteSecret", {"SecretId": "any", "RecoveryWindowInDays": int(days)}

    def create(self, aws: Aws, inputs: Properties) -> str:
        answer = aws(
            "secretsmanager",
            "create_secret",
            Name=inputs["name"],
            Description=inputs.get("description"),
            KmsKeyId=inputs.get("kmsKeyId"),
            Tags=tags_list(inputs.get("tags")) or None,
        )
        if inputs.get("policy"):
            aws(
                "secretsmanager",
                "put_resource_policy",
                SecretId=answer["ARN"],
                ResourcePolicy=inputs["policy"],
            )
        return str(answer["ARN"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("secretsmanager", "describe_secret", SecretId=id)
        if answer is None or answer.get("DeletedDate"):
            return None
        tags = tags_map(answer.get("Tags"))
        found = {
            "name": answer["Name"],
            "description": answer.get("Description") or "",
            "arn": answer["ARN"],
            "kmsKeyId": answer.get("KmsKeyId") or "",
            "recoveryWindowInDays": inputs.get("recoveryWindowInDays", 30),
            "forceOverwriteReplicaSecret": bool(inputs.get("forceOverwriteReplicaSecret")),
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }
        policy = aws.look("secretsmanager", "get_resource_policy", SecretId=id) or {}
        found["policy"] = policy.get("ResourcePolicy") or ""
        return found

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        if any(old.get(key) != new.get(key) for key in ("description", "kmsKeyId")):
            aws(
                "secretsmanager",
                "update_secret",
                SecretId=id,
                Description=new.get("description", ""),
                KmsKeyId=new.get("kmsKeyId"),
            )
        if old.get("policy") != new.get("policy"):
            if new.get("policy"):
                aws("secretsmanager", "put_resource_policy", SecretId=id, ResourcePolicy=new["policy"])
            else:
                aws("secretsmanager", "delete_resource_policy", SecretId=id)
        gone, given = tag_changes(old, new)
        if gone:
            aws("secretsmanager", "untag_resource", SecretId=id, TagKeys=gone)
        if given:
            aws("secretsmanager", "tag_resource", SecretId=id, Tags=tags_list(given))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        days = inputs.get("recoveryWindowInDays")
        days = 30 if days is None else int(days)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        aws("secretsmanager", "delete_secret", SecretId=id, **how)


class SecretVersion(Adapter):
    """Its value is written once: another value is another version, and a new resource."""

    type = "aws:secretsmanager/secretVersion:SecretVersion"
    name = None
    replaces = frozenset({"secretId", "secretString", "secretBinary"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        value = inputs.get("secretString") or inputs.get("secretStringWo")
        binary = inputs.get("secretBinary")
        content = base64.b64decode(binary) if binary else None
        answer = aws(
            "secretsmanager",
            "put_secret_value",
            SecretId=inputs["secretId"],
            SecretString=value,
            SecretBinary=content,
            VersionStages=inputs.get("versionStages"),
        )
        return f"{inputs['secretId']}|{answer['VersionId']}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        secret, _, version = id.partition("|")
        try:
            answer = aws.look("secretsmanager", "get_secret_value", SecretId=secret, VersionId=version)
        except CloudFault as problem:
            if problem.code == "InvalidRequestException":  # the secret is marked as deleted
                return None
            raise
        if answer is None:
            return None
        found = {
            "secretId": secret,
            "arn": answer["ARN"],
            "secretArn": answer["ARN"],
            "versionId": version,
            "versionStages": answer.get("VersionStages", []),
            "hasSecretStringWo": "secretStringWo" in inputs,
        }
        if "SecretString" in answer and "secretStringWo" not in inputs:
            found["secretString"] = answer["SecretString"]
        if "SecretBinary" in answer:
            found["secretBinary"] = base64.b64encode(answer["SecretBinary"]).decode()
        return found

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        secret, _, version = id.partition("|")
        for stage in set(new.get("versionStages") or []) - set(old.get("versionStages") or []):
            aws(
                "secretsmanager",
                "update_secret_version_stage",
                SecretId=secret,
                VersionStage=stage,
                MoveToVersionId=version,
            )

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        """The current version goes with its secret (secretsmanager_secret_version: "AWSCURRENT")."""


ADAPTERS = (
    Secret(),
    SecretVersion(),
)
