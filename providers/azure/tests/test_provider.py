"""The Azure target's own declarations."""

from __future__ import annotations

from mlstack_azure import Azure
from mlstack_azure.settings import Settings


def test_the_account_of_the_settings_is_the_one_that_the_pulumi_package_uses() -> None:
    settings = Settings(subscription="11111111-1111-1111-1111-111111111111", tenant="contoso")
    assert Azure().environment(settings) == {
        "ARM_SUBSCRIPTION_ID": "11111111-1111-1111-1111-111111111111",
        "ARM_TENANT_ID": "contoso",
    }


def test_without_settings_the_users_own_variables_stand() -> None:
    assert Azure().environment(Settings()) == {}
