"""Registries, secrets, keys, topics, budgets.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
ecr_repository, ecr_lifecycle_policy, secretsmanager_secret, secretsmanager_secret_version, kms_key,
kms_alias, sns_topic, sns_topic_subscription, sns_topic_policy, budgets_budget.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, ClassVar

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal import shapes
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class Repository(Adapter):
    type = "aws:ecr/repository:Repository"
    replaces = frozenset({"name", "encryptionConfigurations"})

    def _given(self, inputs: Properties) -> dict[str, Any]:
        shape = shapes.parameters_of("ecr", "CreateRepository")
        names = {"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration"}
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region")}
        made: dict[str, Any] = shapes.forward(shape, given, names)
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "ecr", "CreateRepository", self._given(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("ecr", "create_repository", **self._given(inputs), tags=tags_list(inputs.get("tags")))
        return str(inputs["name"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("ecr", "describe_repositories", repositoryNames=[id])
        if answer is None:
            return None
        one = answer["repositories"][0]
        tags = tags_map(aws("ecr", "list_tags_for_resource", resourceArn=one["repositoryArn"])["tags"])
        return {
            "name": id,
            "imageTagMutability": one["imageTagMutability"],
            "imageScanningConfiguration": {"scanOnPush": one["imageScanningConfiguration"]["scanOnPush"]},
            "encryptionConfigurations": [
                {
                    k: v
                    for k, v in one.get("encryptionConfiguration", {}).items()
                    if k in ("encryptionType", "kmsKey")
                }
            ],
            "arn": one["repositoryArn"],
            "registryId": one["registryId"],
            "repositoryUrl": one["repositoryUri"],
            "forceDelete": bool(inputs.get("forceDelete")),
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        if old.get("imageTagMutability") != new.get("imageTagMutability"):
            aws(
                "ecr",
                "put_image_tag_mutability",
                repositoryName=id,
                imageTagMutability=new.get("imageTagMutability", "MUTABLE"),
            )
        if old.get("imageScanningConfiguration") != new.get("imageScanningConfiguration"):
            scanning = new.get("imageScanningConfiguration") or {"scanOnPush": False}
            aws(
                "ecr",
                "put_image_scanning_configuration",
                repositoryName=id,
                imageScanningConfiguration=scanning,
            )
        arn = aws.arn("ecr", f"repository/{id}")
        gone, given = tag_changes(old, new)
        if gone:
            aws("ecr", "untag_resource", resourceArn=arn, tagKeys=gone)
        if given:
            aws("ecr", "tag_resource", resourceArn=arn, tags=tags_list(given))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ecr", "delete_repository", repositoryName=id, force=bool(inputs.get("forceDelete")))


class LifecyclePolicy(Adapter):
    type = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    name = None
    replaces = frozenset({"repository", "policy"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        given = {"repositoryName": inputs.get("repository"), "lifecyclePolicyText": inputs.get("policy")}
        yield "ecr", "PutLifecyclePolicy", given

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("ecr", "put_lifecycle_policy", **next(self.requests(inputs))[2])
        return str(inputs["repository"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("ecr", "get_lifecycle_policy", repositoryName=id)
        if answer is None:
            return None
        return {"repository": id, "policy": answer["lifecyclePolicyText"], "registryId": answer["registryId"]}

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ecr", "delete_lifecycle_policy", repositoryName=id)


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


class Topic(Adapter):
    type = "aws:sns/topic:Topic"
    replaces = frozenset({"name", "namePrefix", "fifoTopic"})
    _attributes: ClassVar = {
        "displayName": "DisplayName",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "policy": "Policy",
        "deliveryPolicy": "DeliveryPolicy",
    }

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "sns", "CreateTopic", {"Name": inputs.get("name")}

    def create(self, aws: Aws, inputs: Properties) -> str:
        given = {theirs: inputs[ours] for ours, theirs in self._attributes.items() if inputs.get(ours)}
        answer = aws(
            "sns", "create_topic", Name=inputs["name"], Attributes=given, Tags=tags_list(inputs.get("tags"))
        )
        return str(answer["TopicArn"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("sns", "get_topic_attributes", TopicArn=id)
        if answer is None:
            return None
        told = answer["Attributes"]
        tags = tags_map(aws("sns", "list_tags_for_resource", ResourceArn=id).get("Tags"))
        found = {ours: told[theirs] for ours, theirs in self._attributes.items() if told.get(theirs)}
        return {
            **found,
            "name": id.rpartition(":")[2],
            "arn": id,
            "owner": told.get("Owner", aws.account),
            "fifoTopic": False,
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        for ours, theirs in self._attributes.items():
            if old.get(ours) != new.get(ours):
                value = new.get(ours) or ""
                aws("sns", "set_topic_attributes", TopicArn=id, AttributeName=theirs, AttributeValue=value)
        gone, given = tag_changes(old, new)
        if gone:
            aws("sns", "untag_resource", ResourceArn=id, TagKeys=gone)
        if given:
            aws("sns", "tag_resource", ResourceArn=id, Tags=tags_list(given))

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("sns", "delete_topic", TopicArn=id)


class TopicSubscription(Adapter):
    type = "aws:sns/topicSubscription:TopicSubscription"
    name = None
    replaces = frozenset({"topic", "protocol", "endpoint"})
    _attributes: ClassVar = {
        "filterPolicy": "FilterPolicy",
        "filterPolicyScope": "FilterPolicyScope",
        "deliveryPolicy": "DeliveryPolicy",
        "rawMessageDelivery": "RawMessageDelivery",
    }

    def requests(self, inputs: Properties) -> Iterator[Request]:
        pairs = {"TopicArn": "topic", "Protocol": "protocol", "Endpoint": "endpoint"}
        yield "sns", "Subscribe", {theirs: inputs.get(ours) for theirs, ours in pairs.items()}

    def create(self, aws: Aws, inputs: Properties) -> str:
        given = {theirs: _word(inputs[ours]) for ours, theirs in self._attributes.items() if inputs.get(ours)}
        asked = next(self.requests(inputs))[2]
        answer = aws("sns", "subscribe", **asked, Attributes=given or None, ReturnSubscriptionArn=True)
        return str(answer["SubscriptionArn"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("sns", "get_subscription_attributes", SubscriptionArn=id)
        if answer is None:
            return None
        told = answer["Attributes"]
        return {
            "topic": told["TopicArn"],
            "protocol": told["Protocol"],
            "endpoint": told["Endpoint"],
            "arn": id,
            "ownerId": told.get("Owner", aws.account),
            "pendingConfirmation": told["Protocol"].startswith("email"),
            "confirmationWasAuthenticated": False,
            "rawMessageDelivery": told.get("RawMessageDelivery") == "true",
            **({"filterPolicy": told["FilterPolicy"]} if told.get("FilterPolicy") else {}),
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        for ours, theirs in self._attributes.items():
            if old.get(ours) != new.get(ours):
                aws(
                    "sns",
                    "set_subscription_attributes",
                    SubscriptionArn=id,
                    AttributeName=theirs,
                    AttributeValue=_word(new.get(ours) or ""),
                )

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("sns", "unsubscribe", SubscriptionArn=id)


class TopicPolicy(Adapter):
    type = "aws:sns/topicPolicy:TopicPolicy"
    name = None
    replaces = frozenset({"arn"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws(
            "sns",
            "set_topic_attributes",
            TopicArn=inputs["arn"],
            AttributeName="Policy",
            AttributeValue=inputs["policy"],
        )
        return str(inputs["arn"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("sns", "get_topic_attributes", TopicArn=id)
        if answer is None:
            return None
        return {"arn": id, "policy": answer["Attributes"]["Policy"], "owner": aws.account}

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        """The topic has its usual policy again."""


class Budget(Adapter):
    type = "aws:budgets/budget:Budget"
    replaces = frozenset({"name", "namePrefix", "accountId"})

    def _budget(self, inputs: Properties) -> dict[str, Any]:
        amount = inputs.get("limitAmount")
        found = {
            "BudgetName": inputs.get("name"),
            "BudgetType": inputs.get("budgetType"),
            "TimeUnit": inputs.get("timeUnit"),
            "BudgetLimit": {"Amount": amount, "Unit": inputs.get("limitUnit")}
            if amount is not None
            else None,
            "CostFilters": {one["name"]: one["values"] for one in inputs.get("costFilters") or []} or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _notices(self, inputs: Properties) -> list[dict[str, Any]]:
        found = []
        for one in inputs.get("notifications") or []:
            told = [("EMAIL", each) for each in one.get("subscriberEmailAddresses") or []]
            told += [("SNS", each) for each in one.get("subscriberSnsTopicArns") or []]
            notice = {
                "NotificationType": one.get("notificationType"),
                "ComparisonOperator": one.get("comparisonOperator"),
                "Threshold": one.get("threshold"),
                "ThresholdType": one.get("thresholdType"),
            }
            people = [{"SubscriptionType": kind, "Address": each} for kind, each in told]
            found.append({"Notification": notice, "Subscribers": people})
        return found

    def requests(self, inputs: Properties) -> Iterator[Request]:
        given: dict[str, Any] = {"AccountId": "0" * 12, "Budget": self._budget(inputs)}
        if inputs.get("notifications"):
            given["NotificationsWithSubscribers"] = self._notices(inputs)
        yield "budgets", "CreateBudget", given

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws(
            "budgets",
            "create_budget",
            AccountId=aws.account,
            Budget=self._budget(inputs),
            NotificationsWithSubscribers=self._notices(inputs),
        )
        aws.cloud.world.put(
            self._kept(aws, inputs["name"]), "budget", {k: v for k, v in inputs.items() if k != "region"}
        )
        return f"{aws.account}:{inputs['name']}"

    def _kept(self, aws: Aws, name: str) -> str:
        return f"aws/budgets/{name}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        name = id.partition(":")[2]
        answer = aws.look("budgets", "describe_budget", AccountId=aws.account, BudgetName=name)
        if answer is None:
            return None
        # moto has neither the subscribers nor the filters, and no UpdateBudget
        kept = aws.cloud.world.get(self._kept(aws, name)) or {}
        tags = kept.get("tags") or {}
        return {
            **kept,
            "name": name,
            "accountId": aws.account,
            "arn": f"arn:aws:budgets::{aws.account}:budget/{name}",
            "namePrefix": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        name = id.partition(":")[2]
        aws("budgets", "delete_budget", AccountId=aws.account, BudgetName=name)
        self.create(aws, {**new, "name": name})

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        name = id.partition(":")[2]
        aws("budgets", "delete_budget", AccountId=aws.account, BudgetName=name)
        aws.cloud.world.remove(self._kept(aws, name))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


ADAPTERS = (
    Repository(),
    LifecyclePolicy(),
    Secret(),
    SecretVersion(),
    Key(),
    Alias(),
    Topic(),
    TopicSubscription(),
    TopicPolicy(),
    Budget(),
)
