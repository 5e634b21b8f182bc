"""Keys and their aliases.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
kms_key, kms_alias.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class Key(Adapter):
    type = "aws:kms/key:Key"
    name = None
    replaces = frozenset({"customerMasterKeySpec", "keyUsage", "customKeyStoreId", "multiRegion", "xksKeyId"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        days = inputs.get("deletionWindowInDays")
        if isinstance(days, (int, float)):
            yield "kms", "ScheduleKeyDeletion", {"KeyId": "any", "PendingWindowInDays": int(days)}

    def create(self, aws: Aws, inputs: Properties) -> str:
        tags = tags_list(inputs.get("tags"), "TagKey", "TagValue")
        answer = aws(
            "kms",
            "create_key",
            Description=inputs.get("description", ""),
            Policy=inputs.get("policy"),
            KeyUsage=inputs.get("keyUsage"),
            KeySpec=inputs.get("customerMasterKeySpec"),
            Tags=tags,
            MultiRegion=inputs.get("multiRegion"),
        )
        id = str(answer["KeyMetadata"]["KeyId"])
        self._rotation(aws, id, inputs)
        if inputs.get("isEnabled") is False:
            aws("kms", "disable_key", KeyId=id)
        return id

    def _rotation(self, aws: Aws, id: str, inputs: Properties) -> None:
        if inputs.get("enableKeyRotation"):
            days = inputs.get("rotationPeriodInDays")
            aws("kms", "enable_key_rotation", KeyId=id, RotationPeriodInDays=int(days) if days else None)
        else:
            aws("kms", "disable_key_rotation", KeyId=id)

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("kms", "describe_key", KeyId=id)
        if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        one = answer["KeyMetadata"]
        tags = tags_map(aws("kms", "list_resource_tags", KeyId=id).get("Tags"))
        rotation = aws("kms", "get_key_rotation_status", KeyId=id)
        return {
            "description": one.get("Description", ""),
            "arn": one["Arn"],
            "keyId": one["KeyId"],
            "keyUsage": one.get("KeyUsage", "ENCRYPT_DECRYPT"),
            "customerMasterKeySpec": one.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "isEnabled": one["Enabled"],
            "multiRegion": one.get("MultiRegion", False),
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "policy": aws("kms", "get_key_policy", KeyId=id, PolicyName="default")["Policy"],
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        if old.get("description") != new.get("description"):
            aws("kms", "update_key_description", KeyId=id, Description=new.get("description", ""))
        if old.get("policy") != new.get("policy") and new.get("policy"):
            aws("kms", "put_key_policy", KeyId=id, PolicyName="default", Policy=new["policy"])
        if any(old.get(key) != new.get(key) for key in ("enableKeyRotation", "rotationPeriodInDays")):
            self._rotation(aws, id, new)
        if old.get("isEnabled") != new.get("isEnabled"):
            aws("kms", "disable_key" if new.get("isEnabled") is False else "enable_key", KeyId=id)
        gone, given = tag_changes(old, new)
        if gone:
            aws("kms", "untag_resource", KeyId=id, TagKeys=gone)
        if given:
            aws("kms", "tag_resource", KeyId=id, Tags=tags_list(given, "TagKey", "TagValue"))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        days = int(inputs.get("deletionWindowInDays") or 30)
        aws("kms", "schedule_key_deletion", KeyId=id, PendingWindowInDays=days)


class Alias(Adapter):
    type = "aws:kms/alias:Alias"
    replaces = frozenset({"name", "namePrefix"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield (
            "kms",
            "CreateAlias",
            {"AliasName": inputs.get("name"), "TargetKeyId": inputs.get("targetKeyId")},
        )

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("kms", "create_alias", **next(self.requests(inputs))[2])
        return str(inputs["name"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        found = next((one for one in aws("kms", "list_aliases")["Aliases"] if one["AliasName"] == id), None)
        if found is None:
            return None
        key = aws.arn("kms", f"key/{found['TargetKeyId']}")
        given = str(inputs.get("targetKeyId", ""))
        same = given.endswith(found["TargetKeyId"])
        target = given if same else found["TargetKeyId"]
        return {
            "name": id,
            "arn": found["AliasArn"],
            "targetKeyId": target,
            "targetKeyArn": key,
            "namePrefix": "",
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        aws("kms", "update_alias", AliasName=id, TargetKeyId=new["targetKeyId"])

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("kms", "delete_alias", AliasName=id)


ADAPTERS = (
    Key(),
    Alias(),
)
