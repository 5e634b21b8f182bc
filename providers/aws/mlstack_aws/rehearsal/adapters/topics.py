"""Topics and who is told.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
sns_topic, sns_topic_subscription, sns_topic_policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


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


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


ADAPTERS = (
    Topic(),
    TopicSubscription(),
    TopicPolicy(),
)
