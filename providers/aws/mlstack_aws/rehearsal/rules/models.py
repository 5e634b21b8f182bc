"""Models: what a container needs, where its data may be, which images there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, SAGEMAKER, Problem, Site, View, condition, invalid, rule

_CONTAINER = SAGEMAKER.format("ContainerDefinition")
_IMAGE = re.compile(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?")
_OWN = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)(?::([^@]+))?(?:@(.+))?")


def containers(x: View) -> list[View]:
    found = x.list("Containers")
    return [x.view("PrimaryContainer"), *found] if x.given("PrimaryContainer") else found


@rule("model-container", "sagemaker", "CreateModel", source=SAGEMAKER.format("CreateModel"))
def one_or_several(x: View) -> Iterator[Problem]:
    if x.given("PrimaryContainer") and x.given("Containers"):
        yield "Containers", "a model has either a primary container or a list of containers"
    if x.missing("PrimaryContainer") and x.missing("Containers"):
        yield "PrimaryContainer", "a model needs a container"


@rule("model-image", "sagemaker", "CreateModel", source=_CONTAINER)
def image(x: View) -> Iterator[Problem]:
    for one in containers(x):
        if one.missing("Image") and one.missing("ModelPackageName"):
            yield one.path("Image"), "a container needs an image or a model package"
        text = one.text("Image")
        if text and not _IMAGE.fullmatch(text):
            yield one.path("Image"), f"{text!r} is not registry/repository[:tag] or [@digest]"


@rule("model-data", "sagemaker", "CreateModel", source=_CONTAINER + ": ModelDataUrl")
def data(x: View) -> Iterator[Problem]:
    for one in containers(x):
        url = one.text("ModelDataUrl")
        if one.given("ModelDataUrl") and one.given("ModelDataSource"):
            yield one.path("ModelDataSource"), "a container has either ModelDataUrl or ModelDataSource"
        if url and not url.startswith(("s3://", "https://")):
            yield one.path("ModelDataUrl"), f"{url!r} must be in S3"
        elif url and one["Mode"] != "MultiModel" and not url.endswith(".tar.gz"):
            yield one.path("ModelDataUrl"), f"{url!r} must be a .tar.gz archive"


@rule("model-source", "sagemaker", "CreateModel", source=SAGEMAKER.format("S3ModelDataSource"))
def source_form(x: View) -> Iterator[Problem]:
    for one in containers(x):
        at = one.view("ModelDataSource").view("S3DataSource")
        uri, kind, packed = at.text("S3Uri"), at["S3DataType"], at["CompressionType"]
        if uri and kind == "S3Prefix" and not uri.endswith("/"):
            yield at.path("S3Uri"), f"{uri!r} is a prefix, and must end with a slash"
        if uri and kind == "S3Object" and uri.endswith("/"):
            yield at.path("S3Uri"), f"{uri!r} is an object, and must not end with a slash"
        if packed == "Gzip" and kind == "S3Prefix":
            yield at.path("CompressionType"), "an archive is one object, not a prefix"


@condition("model-bucket", "sagemaker", "CreateModel", source=_CONTAINER + ": the same region as the model")
def bucket(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for one in containers(x):
        uri = one.text("ModelDataUrl") or one.text("ModelDataSource.S3DataSource.S3Uri")
        name, key = urlsplit(uri).netloc, urlsplit(uri).path.lstrip("/")
        where = site.look("s3", "get_bucket_location", {"Bucket": name}) if uri.startswith("s3://") else None
        if where is None:
            continue  # somebody else's
        if (where.get("LocationConstraint") or "us-east-1") != region:
            yield invalid(f"Could not access model data at {uri}. The bucket is not in {region}.")
        above, output, _ = key.partition("/output/model/")
        key = above + output  # what a rehearsed run would have written in there, nobody can tell
        found = site.look("s3", "list_objects_v2", {"Bucket": name, "Prefix": key, "MaxKeys": 1}) or {}
        if not found.get("Contents") and one["Mode"] != "MultiModel":
            yield invalid(f"Could not find model data at {uri}.")


@condition(
    "model-own-image",
    "sagemaker",
    "CreateModel",
    source=DOCS
    + "sagemaker/latest/dg/your-algorithms-inference-code.html; CreateModel says: Requested image "
    "… not found",
)
def own_image(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for one in containers(x):
        match = _OWN.fullmatch(one.text("Image"))
        if match is None or match[1] != site.account:
            continue
        name = {"imageDigest": match[5]} if match[5] else {"imageTag": match[4] or "latest"}
        asked = {"repositoryName": match[3], "imageIds": [name]}
        if not (site.look("ecr", "describe_images", asked, match[2]) or {}).get("imageDetails"):
            yield invalid(f"Requested image {one.text('Image')} not found.")
        elif match[2] != region:
            yield invalid(f"Requested image {one.text('Image')} is not in {region}.")


@condition("model-package", "sagemaker", "CreateModel", source=_CONTAINER + ": ModelPackageName")
def package(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for one in containers(x):
        name = one.text("ModelPackageName")
        if name and f":{site.account}:" in name:
            found = site.look("sagemaker", "describe_model_package", {"ModelPackageName": name}, region)
            if found is None:
                yield invalid(f"ModelPackage {name} does not exist.")
            elif found.get("ModelApprovalStatus") in ("Rejected", "PendingManualApproval"):
                yield invalid(f"ModelPackage {name} is not approved: {found['ModelApprovalStatus']}.")
