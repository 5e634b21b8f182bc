"""Which category and which way out an answer of Azure leads to."""

from __future__ import annotations

import pytest
from mlstack_azure.arm import Arm
from mlstack_azure.arm.failures import HttpFailure

from providers.azure.tests.strict import Says, Server

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


@pytest.mark.parametrize(
    ("status", "code", "message", "category", "remedy"),
    [
        (
            401,
            "ExpiredAuthenticationToken",
            "The access token expiry is in the past.",
            "permission",
            "az login",
        ),
        (
            403,
            "AuthorizationFailed",
            "The client 'x' does not have authorization to perform action "
            f"'Microsoft.MachineLearningServices/workspaces/jobs/write' over scope '{WORKSPACE}/jobs/j'",
            "permission",
            f'--role "AzureML Data Scientist" --scope "{WORKSPACE}/jobs/j"',
        ),
        (
            403,
            "AuthorizationFailed",
            "does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' "
            f"over scope '{WORKSPACE}'",
            "permission",
            "Role Based Access Control Administrator",
        ),
        (400, "OutOfQuota", "Not enough quota for Standard_DS3_v2", "quota", "myQuotas"),
        (409, "Conflict", "The subscription's quota of cores is used up", "quota", "myQuotas"),
        (409, "Conflict", "Another operation is in progress", "conflict", "again"),
        (422, "ValidationError", "name too long", "user", "spec"),
        (404, "ResourceNotFound", "no workspace", "user", "refresh"),
    ],
)
def test_category_and_remedy(
    arm: Arm, server: Server, status: int, code: str, message: str, category: str, remedy: str
) -> None:
    server.on("GET", WORKSPACE, Says(status, {"error": {"code": code, "message": message}}))
    with pytest.raises(HttpFailure) as raised:
        arm.get(WORKSPACE)
    error = raised.value
    assert error.category == category
    assert remedy in (error.remedy or "")
    assert message in error.message
    assert error.azure_code == code
    assert error.where == f"GET {WORKSPACE}"


def test_an_answer_that_is_no_json(arm: Arm, server: Server) -> None:
    server.on("GET", WORKSPACE, Says(404))
    with pytest.raises(HttpFailure) as raised:
        arm.get(WORKSPACE)
    assert raised.value.status == 404
