"""Images and model packages, as moto's ECR, CodeBuild and SageMaker keep them."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_aws.resources.image import Image, ImageInputs
from mlstack_aws.resources.model_package import ModelPackage, ModelPackageInputs

from mlstack.errors import TargetError
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State

REGION = "eu-west-1"
MANIFEST = (
    '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", '
    '"config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, '
    '"digest": "sha256:%s"}, "layers": []}'
)


def image(**more: Any) -> ImageInputs:
    return ImageInputs(
        region=REGION,
        repository=f"123456789012.dkr.ecr.{REGION}.amazonaws.com/images",
        name="environments-one",
        project="builder",
        context="s3://bucket/context/abc/",
        **{"digest": "0123456789ab", **more},
    )


@pytest.fixture
def repository(aws: Any) -> Any:
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="images")
    yield ecr
    ecr.delete_repository(repositoryName="images", force=True)


def test_an_image_that_is_there_is_not_built_again(context: Context, repository: Any) -> None:
    given = image()
    assert Image().find(context, given.model_dump()) is None
    repository.put_image(repositoryName="images", imageTag=given.tag, imageManifest=MANIFEST % ("a" * 64))
    state = Image().create(context, given)  # there is no project: a build would fail
    assert state.outputs["uri"] == given.id
    assert state.outputs["sha256"].startswith("sha256:")
    assert Image().find(context, given.model_dump()) == state
    Image().delete(context, state)
    assert Image().read(context, state) is None
    Image().delete(context, state)


def test_its_uri_is_known_before_it_is_built(context: Context) -> None:
    shown = Image().preview(context, image().model_dump(), None)
    assert shown["uri"] == image().id
    assert shown["sha256"] is UNKNOWN


def test_without_a_project_it_is_told(context: Context, repository: Any) -> None:
    with pytest.raises(TargetError, match="builder") as caught:
        Image().create(context, image(digest="f" * 12))
    assert caught.value.remedy


def test_a_build_whose_image_is_nowhere_is_told(aws: Any, context: Context, repository: Any) -> None:
    # moto's builds succeed at once, and push nothing
    aws("codebuild").create_project(
        name="builder",
        source={"type": "S3", "location": "bucket/context/"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole="arn:aws:iam::123456789012:role/service-role/builder",
    )
    with pytest.raises(ResourceFailed, match="not in the registry") as caught:
        Image().create(context, image(digest="e" * 12))
    assert caught.value.remedy


@pytest.fixture
def group(aws: Any) -> str:
    aws("sagemaker").create_model_package_group(ModelPackageGroupName="digits")
    return "digits"


def package(**more: Any) -> ModelPackageInputs:
    given = {"region": REGION, "group": "digits", "uri": "s3://b/one/model.tar.gz", "version": "abc"}
    return ModelPackageInputs(**{**given, **more})


def test_a_version_is_registered_once_and_approved(aws: Any, context: Context, group: str) -> None:
    first = ModelPackage().create(context, package())
    assert first.id.endswith(":model-package/digits/1")
    assert first.outputs["number"] == 1
    assert ModelPackage().create(context, package()).id == first.id  # a killed create is found
    second = ModelPackage().create(context, package(version="def", uri="s3://b/two/model.tar.gz"))
    assert second.outputs["number"] == 2
    held = aws("sagemaker").describe_model_package(ModelPackageName=first.id)
    assert held["ModelApprovalStatus"] == "Approved"
    assert held["CustomerMetadataProperties"]["mlstack-version"] == "abc"
    ModelPackage().update(context, first, package(approval="Rejected"))
    seen = ModelPackage().read(context, first)
    assert seen is not None
    assert seen.inputs["approval"] == "Rejected"


def test_what_is_not_there_reads_as_gone(context: Context) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:123456789012:model-package/nothing/1"
    assert ModelPackage().read(context, State(arn, {}, {})) is None
    assert ModelPackage().find(context, package(group="nothing").model_dump()) is None
