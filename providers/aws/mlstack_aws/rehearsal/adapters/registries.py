"""Registries of images.

What replaces, and the ids: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
ecr_repository, ecr_lifecycle_policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


ADAPTERS = (
    Repository(),
    LifecyclePolicy(),
)
