"""Storage: buckets and what is set on them.

What replaces: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket and s3_bucket_*.
Ids are the bucket's name, as the "Import" of each page says.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from mlstack_aws.rehearsal import shapes
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request


class Bucket(Adapter):
    type = "aws:s3/bucket:Bucket"
    name = "bucket"
    replaces = frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "s3", "CreateBucket", {"Bucket": inputs.get("bucket")}

    def create(self, aws: Aws, inputs: Properties) -> str:
        name = str(inputs["bucket"])
        place = {"LocationConstraint": aws.region} if aws.region != "us-east-1" else None
        aws(
            "s3",
            "create_bucket",
            Bucket=name,
            CreateBucketConfiguration=place,
            ObjectLockEnabledForBucket=inputs.get("objectLockEnabled"),
        )
        self._tag(aws, name, inputs)
        return name

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        if aws.look("s3", "head_bucket", Bucket=id) is None:
            return None
        where = aws("s3", "get_bucket_location", Bucket=id).get("LocationConstraint") or "us-east-1"
        tags = shapes.tags_map((aws.look("s3", "get_bucket_tagging", Bucket=id) or {}).get("TagSet"))
        return {
            "bucket": id,
            "tags": tags,
            "tagsAll": tags,
            "arn": f"arn:aws:s3:::{id}",
            "region": where,
            "bucketRegion": where,
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id}.s3.{where}.amazonaws.com",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
            "forceDestroy": bool(inputs.get("forceDestroy")),
            "bucketPrefix": "",
            "requestPayer": "BucketOwner",
            "objectLockEnabled": bool(inputs.get("objectLockEnabled")),
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self._tag(aws, id, new)

    def _tag(self, aws: Aws, name: str, inputs: Properties) -> None:
        if inputs.get("tags"):
            aws("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": shapes.tags_list(inputs["tags"])})
        elif aws.look("s3", "get_bucket_tagging", Bucket=name):
            aws("s3", "delete_bucket_tagging", Bucket=name)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        if inputs.get("forceDestroy"):
            while found := _versions(aws("s3", "list_object_versions", Bucket=id)):
                aws("s3", "delete_objects", Bucket=id, Delete={"Objects": found, "Quiet": True})
        aws("s3", "delete_bucket", Bucket=id)


def _versions(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


class _Setting(Adapter):
    """Something that is put on a bucket, read from it, and taken away again."""

    name = None
    replaces = frozenset({"bucket", "expectedBucketOwner"})
    put: ClassVar[str]
    get: ClassVar[str]
    take: ClassVar[str | None]
    #: The parameter of the put that holds it, and the answer's key; None: the whole answer.
    parameter: ClassVar[str]
    answer: ClassVar[str | None]

    @abstractmethod
    def body(self, inputs: Properties) -> Any: ...

    @abstractmethod
    def properties(self, told: Any) -> dict[str, Any]: ...

    def create(self, aws: Aws, inputs: Properties) -> str:
        aws("s3", self.put, Bucket=inputs["bucket"], **{self.parameter: self.body(inputs)})
        return str(inputs["bucket"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("s3", self.get, Bucket=id)
        told = told.get(self.answer) if told and self.answer else told
        return {"bucket": id, "expectedBucketOwner": "", **self.properties(told)} if told else None

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        if self.take and aws.look("s3", "head_bucket", Bucket=id) is not None:
            aws("s3", self.take, Bucket=id)


def _pairs(shape: Any, value: Any) -> Any:
    return shapes.forward(shape, value, _NAMES)


#: Names of pulumi-aws that are not S3's.
_NAMES = {
    "applyServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "noncurrentVersionTransitions": "NoncurrentVersionTransitions",
    "blockedEncryptionTypes": "BlockedEncryptionTypes",
}


class BucketVersioning(_Setting):
    type = "aws:s3/bucketVersioning:BucketVersioning"
    put, get, take = "put_bucket_versioning", "get_bucket_versioning", None
    parameter, answer = "VersioningConfiguration", None

    def body(self, inputs: Properties) -> Any:
        return {"Status": inputs["versioningConfiguration"]["status"]}

    def properties(self, told: Any) -> dict[str, Any]:
        return {"versioningConfiguration": {"status": told.get("Status", "Disabled")}}

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("s3", self.get, Bucket=id)
        return {"bucket": id, **self.properties(told)} if told and told.get("Status") else None

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        if aws.look("s3", "head_bucket", Bucket=id) is not None:
            aws("s3", self.put, Bucket=id, VersioningConfiguration={"Status": "Suspended"})


class BucketPublicAccessBlock(_Setting):
    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    replaces = frozenset({"bucket"})
    put, get, take = "put_public_access_block", "get_public_access_block", "delete_public_access_block"
    parameter, answer = "PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration"
    keys = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")

    def body(self, inputs: Properties) -> Any:
        return {key[0].upper() + key[1:]: bool(inputs.get(key)) for key in self.keys}

    def properties(self, told: Any) -> dict[str, Any]:
        return {key: bool(told.get(key[0].upper() + key[1:])) for key in self.keys}


class BucketEncryption(_Setting):
    type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    put, get, take = "put_bucket_encryption", "get_bucket_encryption", "delete_bucket_encryption"
    parameter = answer = "ServerSideEncryptionConfiguration"

    def body(self, inputs: Properties) -> Any:
        shape = shapes.parameters_of("s3", "PutBucketEncryption").members[self.parameter]
        return _pairs(shape, {"rules": inputs["rules"]})

    def properties(self, told: Any) -> dict[str, Any]:
        shape = shapes.answer_of("s3", "GetBucketEncryption").members[self.answer]
        return shapes.back(self.type, shape, told, _NAMES)


class BucketLifecycle(_Setting):
    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    put, get = "put_bucket_lifecycle_configuration", "get_bucket_lifecycle_configuration"
    take = "delete_bucket_lifecycle"
    parameter, answer = "LifecycleConfiguration", None

    def body(self, inputs: Properties) -> Any:
        shape = shapes.parameters_of("s3", "PutBucketLifecycleConfiguration").members[self.parameter]
        made = _pairs(shape, {"rules": inputs["rules"]})
        for one in made["Rules"]:
            if "Prefix" not in one:
                one.setdefault("Filter", {"Prefix": ""})
            for part in [one.get("NoncurrentVersionExpiration"), one.get("Expiration")]:
                if part and "NoncurrentDays" in part:
                    part["NoncurrentDays"] = int(part["NoncurrentDays"])
        return made

    def properties(self, told: Any) -> dict[str, Any]:
        shape = shapes.answer_of("s3", "GetBucketLifecycleConfiguration")
        return shapes.back(self.type, shape, told, _NAMES)


class BucketPolicy(_Setting):
    type = "aws:s3/bucketPolicy:BucketPolicy"
    replaces = frozenset({"bucket"})
    put, get, take = "put_bucket_policy", "get_bucket_policy", "delete_bucket_policy"
    parameter, answer = "Policy", "Policy"

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "s3", "PutBucketPolicy", {"Bucket": inputs.get("bucket"), "Policy": inputs.get("policy")}

    def body(self, inputs: Properties) -> Any:
        policy = inputs["policy"]
        return policy if isinstance(policy, str) else json.dumps(policy)

    def properties(self, told: Any) -> dict[str, Any]:
        return {"policy": told}


ADAPTERS = (
    Bucket(),
    BucketVersioning(),
    BucketPublicAccessBlock(),
    BucketEncryption(),
    BucketLifecycle(),
    BucketPolicy(),
)
