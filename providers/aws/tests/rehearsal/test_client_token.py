"""A request that is sent again with its token, as botocore does where no answer came, is done once."""

from __future__ import annotations

from mlstack_aws.rehearsal import AwsEmulation


def test_a_version_that_is_asked_for_twice_is_registered_once(aws: AwsEmulation) -> None:
    call = aws.cloud.call
    call("sagemaker", "create_model_package_group", {"ModelPackageGroupName": "net"})
    version = {"ModelPackageGroupName": "net", "ModelApprovalStatus": "Approved", "ClientToken": "one" * 12}
    first = call("sagemaker", "create_model_package", version)
    assert call("sagemaker", "create_model_package", version) == first
    another = call("sagemaker", "create_model_package", {**version, "ClientToken": "two" * 12})
    assert another != first
    listed = call("sagemaker", "list_model_packages", {"ModelPackageGroupName": "net"})
    assert len(listed["ModelPackageSummaryList"]) == 2
