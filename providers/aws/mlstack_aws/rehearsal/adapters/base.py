"""What an adapter is: one Pulumi type of pulumi-aws, by boto3 calls."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from botocore import xform_name

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal import shapes, wire
from mlstack_aws.rehearsal.shapes import Names

if TYPE_CHECKING:
    from mlstack_aws.rehearsal.cloud import Cloud

Properties = Mapping[str, Any]
Request = tuple[str, str, dict[str, Any]]
"""Service, operation and parameters of a call, unknown values among them."""

REGISTRY = "registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/{}"


class Aws:
    """The emulated AWS in one region, as adapters use it."""

    def __init__(self, cloud: Cloud, region: str) -> None:
        self.cloud = cloud
        self.region = region
        self.account = cloud.account

    def __call__(self, service: str, operation: str, **parameters: Any) -> Any:
        given = {key: value for key, value in parameters.items() if value is not None}
        return self.cloud.call(service, operation, given, self.region)

    def look(self, service: str, operation: str, **parameters: Any) -> Any:
        given = {key: value for key, value in parameters.items() if value is not None}
        return self.cloud.look(service, operation, given, self.region)

    def arn(self, service: str, rest: str, *, region: str | None = None) -> str:
        where = self.region if region is None else region
        return f"arn:aws:{service}:{where}:{self.account}:{rest}"


class Adapter(ABC):
    """``replaces``: properties whose change makes a new resource ("ForceNew" of terraform-provider-aws, which
    pulumi-aws is made of; the registry's page of the type says "Forces new resource"). ``name``: the property
    that pulumi-aws makes a name up for. ``whole``: maps whose keys are the user's own."""

    type: ClassVar[str]
    name: ClassVar[str | None] = "name"
    replaces: ClassVar[frozenset[str]] = frozenset()
    whole: ClassVar[frozenset[str]] = frozenset({"tags", "environment", "dimensions", "containerArguments"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        """Calls that a create would make, as far as rules are to judge them before anything is made."""
        return iter(())

    @abstractmethod
    def create(self, aws: Aws, inputs: Properties) -> str:
        """The id."""

    @abstractmethod
    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        """All properties as AWS has them, outputs too; None when it is gone. ``inputs`` are empty for an
        import, where the id says all."""

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        """Types that have nothing to change take an update that changes nothing: the engine sends one where a
        create was cut short, and the bridge that pulumi-aws is made with answers it without a request
        (pulumi-terraform-bridge, pkg/tfbridge/provider.go, Update: a nil diff)."""
        if old != new:
            raise CloudFault(400, "NotUpdatable", f"{self.type} has nothing that can be changed in place")

    @abstractmethod
    def delete(self, aws: Aws, id: str, inputs: Properties) -> None: ...


class Shaped(Adapter):
    """A type that is one call of botocore's to make, one to look at, one to delete."""

    service: ClassVar[str]
    creates: ClassVar[str]
    describes: ClassVar[str]
    deletes: ClassVar[str]
    updates: ClassVar[str | None] = None
    #: The parameter that holds the name.
    key: ClassVar[str]
    #: Where the answer has the resource, and its ARN therein.
    inside: ClassVar[str | None] = None
    arn: ClassVar[str]
    names: ClassVar[Names] = {}
    tag_key: ClassVar[str] = "Key"

    def parameters(self, inputs: Properties, operation: str | None = None) -> dict[str, Any]:
        shape = shapes.parameters_of(self.service, operation or self.creates)
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region")}
        names = {self.name: self.key, **self.names} if self.name else self.names
        made: dict[str, Any] = shapes.forward(shape, given, names)
        if operation is None and "Tags" in shape.members and isinstance(inputs.get("tags"), Mapping):
            made["Tags"] = shapes.tags_list(inputs["tags"])
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield self.service, self.creates, self.parameters(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws(self.service, _snake(self.creates), **self.parameters(inputs))
        return str(inputs[self.name or ""])

    def described(self, aws: Aws, id: str) -> Any:
        answer = aws.look(self.service, _snake(self.describes), **{self.key: id})
        return answer[self.inside] if answer and self.inside else answer

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = self.described(aws, id)
        if answer is None:
            return None
        shape = shapes.answer_of(self.service, self.describes)
        if self.inside:
            shape = shape.members[self.inside]
        names = {self.name: self.key, **self.names} if self.name else self.names
        found = shapes.back(self.type, shape, answer, names)
        found["arn"] = answer[self.arn]
        tags = self.tags(aws, answer[self.arn])
        if tags is not None:
            found |= {"tags": tags, "tagsAll": tags}
        return found

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        if self.updates:
            parameters = self.parameters({**new, **({self.name: id} if self.name else {})}, self.updates)
            changed = {k for k in {*old, *new} if old.get(k) != new.get(k)}
            if changed - {"tags"}:
                aws(self.service, _snake(self.updates), **parameters)
        self.retag(aws, self.described(aws, id)[self.arn], old, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws(self.service, _snake(self.deletes), **{self.key: id})

    def tags(self, aws: Aws, arn: str) -> dict[str, str] | None:
        """None: the type has none."""
        return shapes.tags_map(aws(self.service, "list_tags", ResourceArn=arn)["Tags"])

    def retag(self, aws: Aws, arn: str, old: Properties, new: Properties) -> None:
        gone, given = tag_changes(old, new)
        if gone:
            aws(self.service, "delete_tags", ResourceArn=arn, TagKeys=gone)
        if given:
            aws(self.service, "add_tags", ResourceArn=arn, Tags=shapes.tags_list(given))


def tag_changes(old: Properties, new: Properties) -> tuple[list[str], dict[str, Any]]:
    """Keys to take away, tags to set."""
    before, after = old.get("tags") or {}, new.get("tags") or {}
    gone = [key for key in before if key not in after]
    return gone, {key: value for key, value in after.items() if before.get(key) != value}


def _snake(operation: str) -> str:
    return str(xform_name(operation))


def parsed(text: Any) -> Any:
    """JSON as a value, so that two ways to write it are one."""
    try:
        return json.loads(text) if isinstance(text, str) and text[:1] in "{[" else text
    except ValueError:
        return text


__all__ = ["REGISTRY", "Adapter", "Aws", "Properties", "Request", "Shaped", "parsed", "tag_changes", "wire"]
